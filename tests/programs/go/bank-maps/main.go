package main

import (
	"bufio"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
)

type cents int64

func (c cents) String() string {
	sign := ""
	if c < 0 {
		sign, c = "-", -c
	}
	return fmt.Sprintf("%s%d.%02d", sign, c/100, c%100)
}

func parseCents(s string) (cents, error) {
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return 0, err
	}
	return cents(f*100 + 0.5), nil
}

var (
	errNoAccount = errors.New("no such account")
	errExists    = errors.New("account already exists")
)

type fundsError struct {
	account       string
	balance, want cents
}

func (e *fundsError) Error() string {
	return fmt.Sprintf("%s has %v, needs %v", e.account, e.balance, e.want)
}

type movement struct {
	kind   string
	amount cents
}

type bank struct {
	balances map[string]cents
	history  map[string][]movement
}

func newBank() *bank {
	return &bank{balances: make(map[string]cents), history: make(map[string][]movement)}
}

func (b *bank) open(name string) error {
	if _, ok := b.balances[name]; ok {
		return fmt.Errorf("open %q: %w", name, errExists)
	}
	b.balances[name] = 0
	return nil
}

func (b *bank) change(name, kind string, by cents) error {
	balance, ok := b.balances[name]
	if !ok {
		return fmt.Errorf("%s %q: %w", kind, name, errNoAccount)
	}
	if balance+by < 0 {
		return &fundsError{name, balance, -by}
	}
	b.balances[name] = balance + by
	b.history[name] = append(b.history[name], movement{kind, by})
	return nil
}

func (b *bank) transfer(from, to string, amount cents) error {
	if err := b.change(from, "send", -amount); err != nil {
		return err
	}
	if err := b.change(to, "receive", amount); err != nil {
		return errors.Join(err, b.change(from, "refund", amount))
	}
	return nil
}

func (b *bank) execute(line string) error {
	fields := strings.Fields(line)
	if len(fields) < 2 {
		return fmt.Errorf("cannot understand %q", line)
	}
	var amount cents
	if len(fields) > 2 {
		var err error
		if amount, err = parseCents(fields[len(fields)-1]); err != nil {
			return err
		}
	}
	switch verb := fields[0]; {
	case verb == "open":
		return b.open(fields[1])
	case verb == "deposit" && len(fields) == 3:
		return b.change(fields[1], verb, amount)
	case verb == "withdraw" && len(fields) == 3:
		return b.change(fields[1], verb, -amount)
	case verb == "transfer" && len(fields) == 4:
		return b.transfer(fields[1], fields[2], amount)
	case verb == "close":
		delete(b.balances, fields[1])
		return nil
	}
	return fmt.Errorf("cannot understand %q", line)
}

func main() {
	b := newBank()
	in := bufio.NewScanner(os.Stdin)
	for n := 1; in.Scan(); n++ {
		line, _, _ := strings.Cut(in.Text(), "#")
		if strings.TrimSpace(line) == "" {
			continue
		}
		err := b.execute(line)
		var funds *fundsError
		switch {
		case err == nil:
		case errors.As(err, &funds):
			fmt.Printf("line %d: short by %v (%v)\n", n, funds.want-funds.balance, err)
		case errors.Is(err, errNoAccount):
			fmt.Printf("line %d: who? %v\n", n, strings.ReplaceAll(err.Error(), "\n", "; "))
		default:
			fmt.Fprintf(os.Stderr, "line %d: %v\n", n, err)
		}
	}

	var total cents
	for _, name := range slices.Sorted(maps.Keys(b.balances)) {
		total += b.balances[name]
		fmt.Printf("%-8s %10v %v\n", name, b.balances[name], b.history[name])
	}
	fmt.Printf("%-8s %10v\n", "total", total)
	fmt.Println(b.balances)
}
