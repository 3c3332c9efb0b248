package main

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

func said(label string, err error) {
	var errno syscall.Errno
	switch {
	case err == nil:
		fmt.Println(label+":", "BREACH")
	case errors.As(err, &errno):
		fmt.Println(label+":", map[syscall.Errno]string{syscall.EPERM: "EPERM", syscall.EACCES: "EACCES", syscall.ENOENT: "ENOENT",
			syscall.ENETUNREACH: "ENETUNREACH", syscall.EROFS: "EROFS", syscall.ENOSYS: "ENOSYS", syscall.EINVAL: "EINVAL"}[errno])
	default:
		fmt.Println(label+":", "refused")
	}
}

func main() {
	open, _ := filepath.Glob("/proc/self/fd/*")
	for _, path := range open {
		target, err := os.Readlink(path)
		if err == nil && (strings.HasPrefix(target, "socket:") || strings.HasPrefix(target, "pipe:")) && !strings.Contains("012", filepath.Base(path)) {
			fmt.Println("BREACH:", path, target)
		}
	}
	for name, flag := range map[string]uintptr{"user": syscall.CLONE_NEWUSER} {
		command := exec.Command("/bin/true")
		command.SysProcAttr = &syscall.SysProcAttr{Cloneflags: flag, UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}}}
		said("a child in a new "+name+" namespace", command.Run())
	}
	for _, attribute := range []struct {
		label string
		value syscall.SysProcAttr
	}{
		{"a child in new pid and mount namespaces", syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWPID | syscall.CLONE_NEWNS}},
		{"a child that unshares", syscall.SysProcAttr{Unshareflags: syscall.CLONE_NEWNET}},
		{"a child with another root", syscall.SysProcAttr{Chroot: "/tmp"}},
		{"a child of root", syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 0, Gid: 0}}},
		{"a child that is traced", syscall.SysProcAttr{Ptrace: true}},
		{"a child with a capability", syscall.SysProcAttr{AmbientCaps: []uintptr{21}}},
		{"a child with a terminal", syscall.SysProcAttr{Setsid: true, Setctty: true}},
	} {
		command := exec.Command("/bin/true")
		value := attribute.value
		command.SysProcAttr = &value
		err := command.Run()
		if err != nil && attribute.value.Setctty {
			err = errors.New("no terminal")
		}
		said(attribute.label, err)
	}
	said("setuid", syscall.Setuid(0))
	said("mount", syscall.Mount("x", "/tmp", "tmpfs", 0, ""))
	said("chroot", syscall.Chroot("/tmp"))
	said("hostname", syscall.Sethostname([]byte("evil")))
	said("reboot", syscall.Reboot(0x1234567))
	said("the clock", syscall.Settimeofday(&syscall.Timeval{Sec: 1}))
	begun := time.Now()
	_, err := net.DialTimeout("tcp", "169.254.169.254:80", 5*time.Second)
	said("the metadata service", err)
	_, err = net.LookupHost("example.com")
	said("a name", err)
	if time.Since(begun) > 2*time.Second {
		fmt.Println("BREACH: the network takes its time:", time.Since(begun))
	}
	me, err := user.Current()
	fmt.Println("root:", err == nil && me.Uid == "0")
	fmt.Println("done")
}
