// Package report prints shapes.
package report

import (
	"fmt"
	"io"

	"example.com/x/shapes"
)

// Printer writes one line per shape and keeps a running total.
type Printer struct {
	W     io.Writer
	Total float64
	lines int
}

func (p *Printer) Print(s shapes.Shape) {
	p.lines++
	p.Total += s.Area()
	fmt.Fprintf(p.W, "%d. %-28s area %8.3f perimeter %8.3f\n", p.lines, fmt.Sprintf("%T%[1]v", s), s.Area(), s.Perimeter())
}
