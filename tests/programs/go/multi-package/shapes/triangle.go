package shapes

import "math"

// Triangle is given by the lengths of its sides.
type Triangle struct{ A, B, C float64 }

func (t Triangle) Perimeter() float64 { return t.A + t.B + t.C }

// Area uses Heron's formula.
func (t Triangle) Area() float64 {
	s := t.Perimeter() / 2
	return math.Sqrt(s * (s - t.A) * (s - t.B) * (s - t.C))
}

func init() {
	register("triangle", 3, func(v []float64) Shape { return Triangle{v[0], v[1], v[2]} })
}
