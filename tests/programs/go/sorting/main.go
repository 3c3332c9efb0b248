package main

import (
	"cmp"
	"container/heap"
	"fmt"
	"math/rand"
	"slices"
	"sort"
	"strings"
)

type sorter[T any] struct {
	name string
	run  func([]T, func(a, b T) bool)
}

func insertion[T any](a []T, less func(x, y T) bool) {
	for i := 1; i < len(a); i++ {
		for j := i; j > 0 && less(a[j], a[j-1]); j-- {
			a[j], a[j-1] = a[j-1], a[j]
		}
	}
}

func shell[T any](a []T, less func(x, y T) bool) {
	for gap := len(a) / 2; gap > 0; gap /= 2 {
		for i := gap; i < len(a); i++ {
			item, j := a[i], i
			for ; j >= gap && less(item, a[j-gap]); j -= gap {
				a[j] = a[j-gap]
			}
			a[j] = item
		}
	}
}

func merge[T any](a []T, less func(x, y T) bool) {
	if len(a) < 2 {
		return
	}
	mid := len(a) / 2
	left, right := slices.Clone(a[:mid]), slices.Clone(a[mid:])
	merge(left, less)
	merge(right, less)
	i, j := 0, 0
	for k := range a {
		if j == len(right) || i < len(left) && !less(right[j], left[i]) {
			a[k] = left[i]
			i++
		} else {
			a[k] = right[j]
			j++
		}
	}
}

func quick[T any](a []T, less func(x, y T) bool) {
	for len(a) > 1 {
		pivot := a[len(a)/2]
		i, j := 0, len(a)-1
		for i <= j {
			for less(a[i], pivot) {
				i++
			}
			for less(pivot, a[j]) {
				j--
			}
			if i <= j {
				a[i], a[j] = a[j], a[i]
				i++
				j--
			}
		}
		quick(a[:j+1], less)
		a = a[i:]
	}
}

// lessHeap adapts a slice and an ordering to container/heap.
type lessHeap[T any] struct {
	items []T
	less  func(x, y T) bool
}

func (h *lessHeap[T]) Len() int           { return len(h.items) }
func (h *lessHeap[T]) Less(i, j int) bool { return h.less(h.items[i], h.items[j]) }
func (h *lessHeap[T]) Swap(i, j int)      { h.items[i], h.items[j] = h.items[j], h.items[i] }
func (h *lessHeap[T]) Push(x any)         { h.items = append(h.items, x.(T)) }
func (h *lessHeap[T]) Pop() any {
	last := h.items[len(h.items)-1]
	h.items = h.items[:len(h.items)-1]
	return last
}

func heapSort[T any](a []T, less func(x, y T) bool) {
	h := &lessHeap[T]{slices.Clone(a), less}
	heap.Init(h)
	for i := range a {
		a[i] = heap.Pop(h).(T)
	}
}

type city struct {
	name       string
	population int
}

func main() {
	rng := rand.New(rand.NewSource(7))
	inputs := []struct {
		name string
		data []int
	}{
		{"random", rng.Perm(400)},
		{"few values", make([]int, 400)},
		{"descending", make([]int, 400)},
		{"empty", nil},
	}
	for i := range 400 {
		inputs[1].data[i] = rng.Intn(5)
		inputs[2].data[i] = 400 - i
	}
	sorters := []sorter[int]{
		{"insertion", insertion[int]},
		{"shell", shell[int]},
		{"merge", merge[int]},
		{"quick", quick[int]},
		{"heap", heapSort[int]},
	}
	for _, in := range inputs {
		want := slices.Sorted(slices.Values(in.data))
		fmt.Printf("%s (%d)\n", in.name, len(in.data))
		for _, s := range sorters {
			got, compares := slices.Clone(in.data), 0
			s.run(got, func(a, b int) bool {
				compares++
				return a < b
			})
			fmt.Printf("  %-10s %7d comparisons, correct %t\n", s.name, compares, slices.Equal(got, want))
		}
	}

	cities := []city{{"Oslo", 709}, {"Ålesund", 67}, {"Bergen", 291}, {"Tromsø", 77}, {"Bodø", 67}}
	slices.SortStableFunc(cities, func(a, b city) int {
		return cmp.Or(-cmp.Compare(a.population, b.population), strings.Compare(a.name, b.name))
	})
	fmt.Printf("%v\n%+v\n", cities, cities[0])
	i := sort.Search(len(cities), func(i int) bool { return cities[i].population < 100 })
	fmt.Println("first small city:", cities[i].name)
}
