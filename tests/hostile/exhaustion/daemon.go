package main

import (
	"fmt"
	"os"
	"os/exec"
	"syscall"
)

// A child in a session of its own that keeps the streams open.
func main() {
	child := exec.Command("/bin/sh", "-c", "sleep 0.3; echo LATE; sleep 60")
	child.Stdout, child.Stderr = os.Stdout, os.Stderr
	child.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := child.Start(); err != nil {
		fmt.Println("refused:", err)
	}
	fmt.Println("done")
}
