package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
)

type unit struct {
	family string
	factor float64
}

var units = map[string]unit{
	"m": {"length", 1}, "km": {"length", 1000}, "mi": {"length", 1609.344}, "ft": {"length", 0.3048},
	"kg": {"mass", 1}, "g": {"mass", 0.001}, "lb": {"mass", 0.45359237},
	"s": {"time", 1}, "min": {"time", 60}, "h": {"time", 3600},
}

// labels is a flag that may be given several times.
type labels []string

func (l *labels) String() string { return strings.Join(*l, ",") }
func (l *labels) Set(s string) error {
	if s == "" {
		return errors.New("a label cannot be empty")
	}
	*l = append(*l, s)
	return nil
}

type mismatch struct{ from, to unit }

func (m mismatch) Error() string {
	return fmt.Sprintf("cannot turn %s into %s", m.from.family, m.to.family)
}

var pattern = regexp.MustCompile(`^(?P<amount>[-+]?[\d.]+(?:e[-+]?\d+)?)\s*(?P<from>[a-z]+)=(?P<to>[a-z]+)$`)

func convert(expr string) (float64, string, error) {
	m := pattern.FindStringSubmatch(expr)
	if m == nil {
		return 0, "", fmt.Errorf("cannot read %q", expr)
	}
	amount, err := strconv.ParseFloat(m[pattern.SubexpIndex("amount")], 64)
	if err != nil {
		return 0, "", err
	}
	from, ok := units[m[2]]
	to, ok2 := units[m[3]]
	if !ok || !ok2 {
		return 0, "", fmt.Errorf("unknown unit in %q", expr)
	}
	if from.family != to.family {
		return 0, "", mismatch{from, to}
	}
	return amount * from.factor / to.factor, m[3], nil
}

func run(args []string) int {
	fs := flag.NewFlagSet("convert", flag.ContinueOnError)
	digits := fs.Int("digits", 3, "digits after the point")
	verbose := fs.Bool("v", false, "show the arguments")
	var tags labels
	fs.Var(&tags, "label", "a `name` to print first")
	if err := fs.Parse(args); err != nil {
		return 64
	}
	if *verbose {
		for i, a := range args {
			fmt.Fprintf(os.Stderr, "args[%d] = %q\n", i, a)
		}
	}
	fmt.Printf("labels %q\n", tags)

	failures, mismatches := 0, 0
	for _, expr := range fs.Args() {
		value, name, err := convert(expr)
		var m mismatch
		switch {
		case err == nil:
			fmt.Printf("%s: %.*f %s\n", expr, *digits, value, name)
			continue
		case errors.As(err, &m):
			mismatches++
		}
		failures++
		fmt.Fprintln(os.Stderr, "convert:", err)
	}
	fmt.Printf("%d ok, %d failed\n", fs.NArg()-failures, failures)

	// A bad option prints the usage text on stderr.
	bad := flag.NewFlagSet("convert", flag.ContinueOnError)
	bad.Int("digits", 3, "digits after the point")
	if err := bad.Parse([]string{"-digits", "many"}); err != nil {
		fmt.Println("usage error:", err)
	}
	return failures*10 + mismatches
}

func main() {
	os.Exit(run(os.Args[1:]))
}
