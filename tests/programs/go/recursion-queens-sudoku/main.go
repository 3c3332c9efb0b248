package main

import (
	"errors"
	"fmt"
	"iter"
	"math/bits"
	"strings"
)

// queens yields every placement of n queens as the column used in each row.
func queens(n int) iter.Seq[[]int] {
	return func(yield func([]int) bool) {
		placed := make([]int, 0, n)
		var place func(cols, left, right uint) bool
		place = func(cols, left, right uint) bool {
			if len(placed) == n {
				return yield(placed)
			}
			for free := (1<<n - 1) &^ (cols | left | right); free != 0; free &= free - 1 {
				bit := free & -free
				placed = append(placed, bits.TrailingZeros(bit))
				if !place(cols|bit, (left|bit)<<1, (right|bit)>>1) {
					return false
				}
				placed = placed[:len(placed)-1]
			}
			return true
		}
		place(0, 0, 0)
	}
}

var errShape = errors.New("a grid needs 81 cells")

type grid struct {
	cells           [81]int
	rows, cols, box [9]uint16
	steps           int
}

func parse(text string) (*grid, error) {
	text = strings.Join(strings.Fields(text), "")
	if len(text) != 81 {
		return nil, fmt.Errorf("%w, got %d", errShape, len(text))
	}
	g := &grid{}
	for i, c := range text {
		if c == '.' {
			continue
		}
		d := int(c - '0')
		if g.candidates(i)&(1<<d) == 0 {
			return nil, fmt.Errorf("digit %d repeats at row %d column %d", d, i/9+1, i%9+1)
		}
		g.set(i, d)
	}
	return g, nil
}

func boxOf(i int) int { return i/27*3 + i%9/3 }

func (g *grid) candidates(i int) uint16 {
	return 0x3fe &^ (g.rows[i/9] | g.cols[i%9] | g.box[boxOf(i)])
}

func (g *grid) set(i, d int) {
	g.cells[i] = d
	g.toggle(i, d)
}

func (g *grid) clear(i int) {
	g.toggle(i, g.cells[i])
	g.cells[i] = 0
}

func (g *grid) toggle(i, d int) {
	g.rows[i/9] ^= 1 << d
	g.cols[i%9] ^= 1 << d
	g.box[boxOf(i)] ^= 1 << d
}

func (g *grid) solve() bool {
	best, fewest := -1, 10
	for i, d := range g.cells {
		if d == 0 {
			if n := bits.OnesCount16(g.candidates(i)); n < fewest {
				best, fewest = i, n
			}
		}
	}
	if best < 0 {
		return true
	}
	for c := g.candidates(best); c != 0; c &= c - 1 {
		g.steps++
		g.set(best, bits.TrailingZeros16(c))
		if g.solve() {
			return true
		}
		g.clear(best)
	}
	return false
}

func (g *grid) String() string {
	var b strings.Builder
	for i, d := range g.cells {
		switch {
		case i%9 == 0 && i > 0:
			b.WriteByte('\n')
		case i%3 == 0 && i > 0:
			b.WriteString(" |")
		}
		fmt.Fprintf(&b, " %d", d)
	}
	return strings.ReplaceAll(b.String(), "0", ".")
}

func hanoi(n int, from, to, via string, move func(disk int, from, to string)) {
	if n == 0 {
		return
	}
	hanoi(n-1, from, via, to, move)
	move(n, from, to)
	hanoi(n-1, via, to, from, move)
}

func main() {
	for n := 1; n <= 10; n++ {
		count := 0
		for range queens(n) {
			count++
		}
		fmt.Printf("%2d queens: %d\n", n, count)
	}
	for columns := range queens(8) {
		for _, c := range columns {
			fmt.Println(strings.Repeat("· ", c) + "♛ " + strings.Repeat("· ", 7-c))
		}
		break
	}

	for _, text := range []string{
		"53..7.... 6..195... .98....6. 8...6...3 4..8.3..1 7...2...6 .6....28. ...419..5 ....8..79",
		"8........ ..36..... .7..9.2.. .5...7... ....457.. ...1...3. ..1....68 ..85...1. .9....4..",
		"55....... " + strings.Repeat(".", 72),
		"12345",
	} {
		g, err := parse(text)
		if err != nil {
			fmt.Println("error:", err, errors.Is(err, errShape))
			continue
		}
		fmt.Printf("\n%v\nsolved %t in %d steps\n", g, g.solve(), g.steps)
		fmt.Println(g)
	}

	moves := 0
	hanoi(3, "A", "C", "B", func(disk int, from, to string) {
		moves++
		fmt.Printf("%d: disk %d %s→%s\n", moves, disk, from, to)
	})
}
