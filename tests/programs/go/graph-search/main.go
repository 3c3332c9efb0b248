package main

import (
	"container/heap"
	"errors"
	"fmt"
	"image"
	"maps"
	"math"
	"slices"
	"strings"
)

type item[N any] struct {
	node     N
	priority int
	order    int
}

type queue[N any] []item[N]

func (q queue[N]) Len() int      { return len(q) }
func (q queue[N]) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *queue[N]) Push(x any)   { *q = append(*q, x.(item[N])) }
func (q queue[N]) Less(i, j int) bool {
	if q[i].priority != q[j].priority {
		return q[i].priority < q[j].priority
	}
	return q[i].order < q[j].order
}
func (q *queue[N]) Pop() any {
	old := *q
	last := old[len(old)-1]
	*q = old[:len(old)-1]
	return last
}

type edge[N any] struct {
	to   N
	cost int
}

var errNoPath = errors.New("no path")

// search is A*; with a guess of zero it is Dijkstra's algorithm.
func search[N comparable](start, goal N, next func(N) []edge[N], guess func(N) int) (path []N, cost, expanded int, err error) {
	best := map[N]int{start: 0}
	from := map[N]N{}
	open := &queue[N]{{node: start, priority: guess(start)}}
	for order := 1; open.Len() > 0; {
		node := heap.Pop(open).(item[N]).node
		expanded++
		if node == goal {
			for at := goal; at != start; at = from[at] {
				path = append(path, at)
			}
			path = append(path, start)
			slices.Reverse(path)
			return path, best[goal], expanded, nil
		}
		for _, e := range next(node) {
			g := best[node] + e.cost
			if old, seen := best[e.to]; !seen || g < old {
				best[e.to], from[e.to] = g, node
				heap.Push(open, item[N]{e.to, g + guess(e.to), order})
				order++
			}
		}
	}
	return nil, math.MaxInt, expanded, fmt.Errorf("%w from %v to %v", errNoPath, start, goal)
}

type graph map[string][]edge[string]

func (g graph) road(a, b string, km int) {
	g[a] = append(g[a], edge[string]{b, km})
	g[b] = append(g[b], edge[string]{a, km})
}

func (g graph) levels(start string) [][]string {
	seen := map[string]bool{start: true}
	level := []string{start}
	var out [][]string
	for len(level) > 0 {
		slices.Sort(level)
		out = append(out, level)
		var following []string
		for _, n := range level {
			for _, e := range g[n] {
				if !seen[e.to] {
					seen[e.to] = true
					following = append(following, e.to)
				}
			}
		}
		level = following
	}
	return out
}

func topological(needs map[string][]string) (order []string, err error) {
	const (
		visiting = 1
		done     = 2
	)
	state := map[string]int{}
	var visit func(n string, trail []string) error
	visit = func(n string, trail []string) error {
		switch state[n] {
		case visiting:
			return fmt.Errorf("cycle: %s", strings.Join(append(trail, n), " → "))
		case done:
			return nil
		}
		state[n] = visiting
		for _, m := range needs[n] {
			if err := visit(m, append(trail, n)); err != nil {
				return err
			}
		}
		state[n] = done
		order = append(order, n)
		return nil
	}
	for _, n := range slices.Sorted(maps.Keys(needs)) {
		if err := visit(n, nil); err != nil {
			return nil, err
		}
	}
	return order, nil
}

const mazeText = `
#####################
#S..#.....#.........#
#.#.#.###.#.#######.#
#.#...#.#...#.....#.#
#.#####.#####.###.#.#
#.......#.......#.#.#
#######.#.#####.#.#.#
#.......#.#...#.#...#
#.#######.#.#.#.###.#
#...........#.....#E#
#####################`

func abs(n int) int { return max(n, -n) }

func solveMaze() {
	rows := strings.Split(strings.TrimSpace(mazeText), "\n")
	grid := make([][]rune, len(rows))
	var start, goal image.Point
	for y, row := range rows {
		grid[y] = []rune(row)
		for x, c := range row {
			switch c {
			case 'S':
				start = image.Pt(x, y)
			case 'E':
				goal = image.Pt(x, y)
			}
		}
	}
	next := func(p image.Point) (out []edge[image.Point]) {
		for _, d := range []image.Point{{1, 0}, {0, 1}, {-1, 0}, {0, -1}} {
			if q := p.Add(d); grid[q.Y][q.X] != '#' {
				out = append(out, edge[image.Point]{q, 1})
			}
		}
		return out
	}
	manhattan := func(p image.Point) int { return abs(goal.X-p.X) + abs(goal.Y-p.Y) }
	path, cost, expanded, err := search(start, goal, next, manhattan)
	for _, p := range path[1 : len(path)-1] {
		grid[p.Y][p.X] = '•'
	}
	for _, row := range grid {
		fmt.Println(string(row))
	}
	_, _, blind, _ := search(start, goal, next, func(image.Point) int { return 0 })
	fmt.Println("steps", cost, "expanded", expanded, "without a guess", blind, "error", err)
}

func main() {
	g := graph{}
	g.road("Lisboa", "Porto", 313)
	g.road("Lisboa", "Évora", 133)
	g.road("Évora", "Badajoz", 101)
	g.road("Badajoz", "Madrid", 402)
	g.road("Porto", "Salamanca", 349)
	g.road("Salamanca", "Madrid", 213)
	g.road("Madrid", "Zaragoza", 314)
	g.road("Zaragoza", "Barcelona", 306)
	g.road("Palma", "Sóller", 27)
	for i, level := range g.levels("Lisboa") {
		fmt.Println(i, level)
	}
	for _, goal := range []string{"Barcelona", "Salamanca", "Palma"} {
		path, km, _, err := search("Lisboa", goal, func(n string) []edge[string] { return g[n] }, func(string) int { return 0 })
		if errors.Is(err, errNoPath) {
			fmt.Println(err)
			continue
		}
		fmt.Printf("%d km: %s\n", km, strings.Join(path, " → "))
	}

	solveMaze()

	needs := map[string][]string{"app": {"lib", "log"}, "lib": {"core"}, "log": {"core"}, "tests": {"app"}, "core": nil}
	fmt.Println(topological(needs))
	needs["core"] = []string{"app"}
	fmt.Println(topological(needs))
}
