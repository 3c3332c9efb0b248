// Package shapes holds plane figures and a registry to build them by name.
package shapes

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
)

// Shape is anything with an area and a perimeter.
type Shape interface {
	Area() float64
	Perimeter() float64
}

type (
	Circle    struct{ Radius float64 }
	Rectangle struct{ Width, Height float64 }
	Square    struct{ Rectangle }
)

func (c Circle) Area() float64         { return math.Pi * c.Radius * c.Radius }
func (c Circle) Perimeter() float64    { return 2 * math.Pi * c.Radius }
func (r Rectangle) Area() float64      { return r.Width * r.Height }
func (r Rectangle) Perimeter() float64 { return 2 * (r.Width + r.Height) }
func (s Square) String() string        { return fmt.Sprintf("%g-square", s.Width) }

// ErrUnknown is returned for a name nobody registered.
var ErrUnknown = errors.New("unknown shape")

type builder struct {
	arity int
	build func(v []float64) Shape
}

var registry = map[string]builder{}

func register(name string, arity int, build func(v []float64) Shape) {
	registry[name] = builder{arity, build}
}

func init() {
	register("circle", 1, func(v []float64) Shape { return Circle{v[0]} })
	register("rectangle", 2, func(v []float64) Shape { return Rectangle{v[0], v[1]} })
	register("square", 1, func(v []float64) Shape { return Square{Rectangle{v[0], v[0]}} })
}

// Names lists the registered shapes in order.
func Names() []string { return slices.Sorted(maps.Keys(registry)) }

// New builds a registered shape.
func New(name string, values ...float64) (Shape, error) {
	b, ok := registry[name]
	if !ok {
		return nil, fmt.Errorf("%w %q", ErrUnknown, name)
	}
	if len(values) != b.arity {
		return nil, fmt.Errorf("%s takes %d values, not %d", name, b.arity, len(values))
	}
	return b.build(values), nil
}
