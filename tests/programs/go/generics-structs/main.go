package main

import (
	"cmp"
	"errors"
	"fmt"
	"iter"
	"os"
	"strings"
)

// tree is an ordered map kept as a treap with deterministic priorities.
type tree[K cmp.Ordered, V any] struct {
	root *node[K, V]
	size int
	seed uint32
}

type node[K cmp.Ordered, V any] struct {
	key         K
	value       V
	priority    uint32
	left, right *node[K, V]
}

func (t *tree[K, V]) random() uint32 {
	t.seed = t.seed*1664525 + 1013904223
	return t.seed
}

func (t *tree[K, V]) Set(key K, value V) { t.root = t.set(t.root, key, value) }

func (t *tree[K, V]) set(n *node[K, V], key K, value V) *node[K, V] {
	if n == nil {
		t.size++
		return &node[K, V]{key: key, value: value, priority: t.random()}
	}
	switch c := cmp.Compare(key, n.key); {
	case c < 0:
		n.left = t.set(n.left, key, value)
		if l := n.left; l.priority > n.priority {
			n.left, l.right = l.right, n
			return l
		}
	case c > 0:
		n.right = t.set(n.right, key, value)
		if r := n.right; r.priority > n.priority {
			n.right, r.left = r.left, n
			return r
		}
	default:
		n.value = value
	}
	return n
}

func (t *tree[K, V]) Get(key K) (value V, ok bool) {
	for n := t.root; n != nil; {
		switch c := cmp.Compare(key, n.key); {
		case c < 0:
			n = n.left
		case c > 0:
			n = n.right
		default:
			return n.value, true
		}
	}
	return value, false
}

func (t *tree[K, V]) All() iter.Seq2[K, V] {
	return func(yield func(K, V) bool) { t.root.walk(yield) }
}

func (n *node[K, V]) walk(yield func(K, V) bool) bool {
	return n == nil || n.left.walk(yield) && yield(n.key, n.value) && n.right.walk(yield)
}

func (n *node[K, V]) depth() int {
	if n == nil {
		return 0
	}
	return 1 + max(n.left.depth(), n.right.depth())
}

type number interface{ ~int | ~int64 | ~float64 }

func reduce[T, A any](seq iter.Seq[T], start A, f func(A, T) A) A {
	for v := range seq {
		start = f(start, v)
	}
	return start
}

func keys[K, V any](seq iter.Seq2[K, V]) iter.Seq[K] {
	return func(yield func(K) bool) {
		for k := range seq {
			if !yield(k) {
				return
			}
		}
	}
}

func sum[T number](values ...T) (total T) {
	for _, v := range values {
		total += v
	}
	return total
}

// ring is a fixed-size buffer that forgets its oldest element.
type ring[T any] struct {
	items []T
	next  int
	full  bool
}

var errEmpty = errors.New("ring is empty")

func (r *ring[T]) push(v T) {
	r.items[r.next] = v
	r.next = (r.next + 1) % len(r.items)
	r.full = r.full || r.next == 0
}

func (r *ring[T]) oldest() (T, error) {
	var zero T
	if !r.full && r.next == 0 {
		return zero, errEmpty
	}
	if r.full {
		return r.items[r.next], nil
	}
	return r.items[0], nil
}

type animal interface{ sound() string }
type base struct{ name string }
type dog struct {
	base
	tricks []string
}
type robot struct {
	*dog
	model int
}

func (b base) sound() string  { return b.name + " is silent" }
func (d *dog) sound() string  { return d.name + " barks" }
func (r robot) sound() string { return strings.ToUpper(r.dog.sound()) + fmt.Sprintf(" (model %d)", r.model) }

type celsius float64

func guarded(label string, f func()) {
	defer func() {
		if r := recover(); r != nil {
			fmt.Fprintf(os.Stderr, "%s: %v\n", label, r)
		}
	}()
	f()
}

func main() {
	t := &tree[string, int]{seed: 42}
	for i, w := range strings.Fields("the quick brown fox jumps over the lazy dog and the éclair runs away") {
		old, _ := t.Get(w)
		t.Set(w, old*100+i)
	}
	for k, v := range t.All() {
		if k > "the" {
			fmt.Println("…")
			break
		}
		fmt.Print(k, "=", v, " ")
	}
	fmt.Println("size", t.size, "longest", reduce(keys(t.All()), "", func(a, s string) string {
		if len(s) > len(a) {
			return s
		}
		return a
	}))
	big := &tree[int, struct{}]{seed: 1}
	for i := range 2000 {
		big.Set(i*7919%2003, struct{}{})
	}
	fmt.Println(big.size, big.root.depth() < 40, reduce(keys(big.All()), 0, func(a, k int) int { return a + k }))
	fmt.Println(sum(1, 2, 3), sum(1.5, 2.25), sum[celsius](20, 1.5), sum[int]())

	r := ring[rune]{items: make([]rune, 3)}
	_, err := r.oldest()
	fmt.Println(err, errors.Is(err, errEmpty))
	for _, c := range "añ日😀" {
		r.push(c)
		first, _ := r.oldest()
		fmt.Printf("%c ", first)
	}
	fmt.Println()

	rex := &dog{base{"Rex"}, []string{"sit"}}
	for _, a := range []animal{rex.base, rex, robot{rex, 7}} {
		_, isDog := a.(*dog)
		fmt.Printf("%T %s %t\n", a, a.sound(), isDog)
	}

	guarded("index", func() { fmt.Println([]int{1, 2, 3}[len(os.Args)+5]) })
	guarded("nil map", func() { var m map[string]int; m["x"] = 1 })
	guarded("assert", func() { var a any = "text"; fmt.Println(a.(int)) })
	guarded("divide", func() { zero := len(os.Args) - 1; fmt.Println(1 / zero) })
	guarded("nil", func() { var d *dog; fmt.Println(d.tricks) })
	for i := range 3 {
		defer func() { fmt.Println("deferred", i) }()
	}
}
