package main

import "fmt"

// Constants are exact: these would have billions of digits.
const (
	a = 1 << 500
	b = a * a * a * a * a * a * a * a
	c = b * b * b * b * b * b * b * b
)

var giant = [1 << 40]byte{1<<40 - 1: 1}

func main() { fmt.Println(c > b, giant[5]) }
