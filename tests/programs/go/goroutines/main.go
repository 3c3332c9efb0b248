package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

type job struct{ id, from, to int }

type result struct {
	job
	primes int
}

func countPrimes(from, to int) (count int) {
next:
	for n := max(from, 2); n < to; n++ {
		for d := 2; d*d <= n; d++ {
			if n%d == 0 {
				continue next
			}
		}
		count++
	}
	return count
}

// pool runs jobs on several goroutines and returns results in job order.
func pool(workers int, jobs []job) []result {
	in, out := make(chan job), make(chan result)
	var wg sync.WaitGroup
	for range workers {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for j := range in {
				out <- result{j, countPrimes(j.from, j.to)}
			}
		}()
	}
	go func() {
		for _, j := range jobs {
			in <- j
		}
		close(in)
		wg.Wait()
		close(out)
	}()
	var results []result
	for r := range out {
		results = append(results, r)
	}
	slices.SortFunc(results, func(a, b result) int { return a.id - b.id })
	return results
}

// stage is one link of a pipeline.
func stage[A, B any](in <-chan A, f func(A) B) <-chan B {
	out := make(chan B)
	go func() {
		defer close(out)
		for v := range in {
			out <- f(v)
		}
	}()
	return out
}

func count(ctx context.Context) <-chan int {
	out := make(chan int)
	go func() {
		defer close(out)
		for n := 1; ; n++ {
			select {
			case out <- n:
			case <-ctx.Done():
				return
			}
		}
	}()
	return out
}

type cache struct {
	mu     sync.RWMutex
	values map[int]int
	misses int
}

func (c *cache) square(n int) int {
	c.mu.RLock()
	v, ok := c.values[n]
	c.mu.RUnlock()
	if ok {
		return v
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, ok := c.values[n]; !ok {
		c.misses++
		c.values[n] = n * n
	}
	return c.values[n]
}

func main() {
	var jobs []job
	for i := range 8 {
		jobs = append(jobs, job{i, i * 4000, (i + 1) * 4000})
	}
	total := 0
	for _, r := range pool(4, jobs) {
		fmt.Printf("job %d [%d, %d): %d primes\n", r.id, r.from, r.to, r.primes)
		total += r.primes
	}
	fmt.Println("total", total)

	ctx, cancel := context.WithCancel(context.Background())
	numbers := count(ctx)
	for i := range 5 {
		fmt.Print(i, ":", <-numbers, " ")
	}
	cancel()
	fmt.Println(ctx.Err())

	source := make(chan int, 3)
	go func() {
		defer close(source)
		for i := range 6 {
			source <- i
		}
	}()
	texts := stage(stage(source, func(n int) float64 { return float64(n) / 4 }), func(f float64) string { return fmt.Sprintf("<%.2f>", f) })
	for t := range texts {
		fmt.Print(t)
	}
	fmt.Println()

	var (
		wg    sync.WaitGroup
		hits  atomic.Int64
		once  sync.Once
		start sync.WaitGroup
		c     = cache{values: map[int]int{}}
	)
	start.Add(1)
	for range 8 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			start.Wait()
			once.Do(func() { fmt.Println("only once") })
			for n := range 500 {
				hits.Add(int64(c.square(n % 50)))
			}
		}()
	}
	start.Done()
	wg.Wait()
	fmt.Println("sum", hits.Load(), "misses", c.misses)

	timeout, stop := context.WithTimeout(context.Background(), 10*time.Millisecond)
	defer stop()
	select {
	case <-timeout.Done():
		fmt.Println("timeout:", errors.Is(timeout.Err(), context.DeadlineExceeded), timeout.Err())
	case <-make(chan int):
	}

	ping, pong := make(chan int), make(chan int)
	go func() {
		for n := range ping {
			pong <- n * 2
		}
		close(pong)
	}()
	for n := 1; n < 100; n = <-pong {
		fmt.Print(n, " ")
		ping <- n
	}
	close(ping)
	_, open := <-pong
	fmt.Println("open:", open)

	func() {
		defer func() { fmt.Println("recovered:", recover()) }()
		close(ping)
	}()
}
