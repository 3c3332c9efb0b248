package main

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"math/big"
	"math/rand"
	"os"
	"strings"
)

// meter counts and hashes everything written through it.
type meter struct {
	w     io.Writer
	sum   hash.Hash
	total int
}

func (m *meter) Write(p []byte) (int, error) {
	n, err := m.w.Write(p)
	m.total += n
	m.sum.Write(p[:n])
	return n, err
}

func multiplication(w io.Writer, size int) {
	for row := 1; row <= size; row++ {
		for col := 1; col <= size; col++ {
			fmt.Fprintf(w, "%6d", row*col)
		}
		fmt.Fprintln(w)
	}
}

func dump(w io.Writer, size int) {
	data := make([]byte, size)
	rand.New(rand.NewSource(99)).Read(data)
	d := hex.Dumper(w)
	defer d.Close()
	d.Write(data)
}

func primes(w io.Writer, limit int) {
	composite := make([]bool, limit+1)
	column := 0
	for n := 2; n <= limit; n++ {
		if composite[n] {
			continue
		}
		for m := n * n; m <= limit; m += n {
			composite[m] = true
		}
		fmt.Fprintf(w, "%d ", n)
		if column++; column%14 == 0 {
			fmt.Fprintln(w)
		}
	}
	fmt.Fprintln(w)
}

func factorials(w io.Writer, upTo int64) {
	f := big.NewInt(1)
	for n := int64(1); n <= upTo; n++ {
		f.Mul(f, big.NewInt(n))
		fmt.Fprintf(w, "%d! = %s\n", n, f)
	}
}

func triangle(w io.Writer, order int) {
	size := 1 << order
	for y := size - 1; y >= 0; y-- {
		var b strings.Builder
		b.WriteString(strings.Repeat(" ", y))
		for x := range size - y {
			if x&y == 0 {
				b.WriteString("▲ ")
			} else {
				b.WriteString("  ")
			}
		}
		fmt.Fprintln(w, strings.TrimRight(b.String(), " "))
	}
}

func main() {
	buffered := bufio.NewWriterSize(os.Stdout, 8192)
	out := &meter{w: buffered, sum: sha256.New()}

	sections := []struct {
		title string
		write func(io.Writer)
	}{
		{"multiplication", func(w io.Writer) { multiplication(w, 80) }},
		{"random bytes", func(w io.Writer) { dump(w, 16000) }},
		{"primes", func(w io.Writer) { primes(w, 60000) }},
		{"factorials", func(w io.Writer) { factorials(w, 120) }},
		{"triangle", func(w io.Writer) { triangle(w, 6) }},
	}
	for i, s := range sections {
		before := out.total
		fmt.Fprintf(out, "===== %d. %s =====\n", i+1, s.title)
		s.write(out)
		fmt.Fprintf(os.Stderr, "%-15s %7d bytes\n", s.title, out.total-before)
	}
	if err := buffered.Flush(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Fprintf(os.Stderr, "total %d sha256 %x\n", out.total, out.sum.Sum(nil))
}
