package main

import (
	"fmt"
	"runtime"
	"time"
)

// Every goroutine keeps a thread of its own.
func main() {
	fmt.Println("started")
	for i := 0; i < 100000; i++ {
		go func() {
			runtime.LockOSThread()
			time.Sleep(time.Minute)
		}()
	}
	time.Sleep(time.Minute)
}
