package main

import "fmt"

// Each type holds the one before it a thousand times; the compiler has to lay all of it out as data.
type (
	t1 [1000]byte
	t2 [1000]t1
	t3 [1000]t2
)

var giant = t3{999: {999: {999: 1}}}

func main() { fmt.Println(giant[999][999][999]) }
