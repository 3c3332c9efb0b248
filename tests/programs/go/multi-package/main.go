package main

import (
	"bytes"
	_ "embed"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"

	"example.com/x/internal/report"
	"example.com/x/shapes"
)

//go:embed data.csv
var data []byte

// load reads the embedded table and keeps the rows that make sense.
func load(r io.Reader) (found []shapes.Shape, problems []error) {
	rows := csv.NewReader(r)
	if _, err := rows.Read(); err != nil {
		return nil, []error{err}
	}
	for {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return found, problems
		}
		if err != nil {
			return found, append(problems, err)
		}
		line, _ := rows.FieldPos(0)
		values, err := numbers(row[1])
		if err == nil {
			var s shapes.Shape
			if s, err = shapes.New(row[0], values...); err == nil {
				found = append(found, s)
				continue
			}
		}
		problems = append(problems, fmt.Errorf("data.csv:%d: %w", line, err))
	}
}

func classify(s shapes.Shape) string {
	switch v := s.(type) {
	case shapes.Circle:
		return "round"
	case shapes.Square, *shapes.Square:
		return "regular"
	case fmt.Stringer:
		return "describes itself as " + v.String()
	default:
		return "angular"
	}
}

func main() {
	fmt.Println("known:", shapes.Names())
	found, problems := load(bytes.NewReader(data))

	p := report.Printer{W: os.Stdout}
	for _, s := range found {
		p.Print(s)
		fmt.Println("   ", classify(s))
	}
	fmt.Printf("total area %.4f\n", p.Total)

	for _, err := range problems {
		var number *strconv.NumError
		switch {
		case errors.Is(err, shapes.ErrUnknown):
			fmt.Fprintln(os.Stderr, "unknown:", err)
		case errors.As(err, &number):
			fmt.Fprintf(os.Stderr, "bad number %q: %v\n", number.Num, err)
		default:
			fmt.Fprintln(os.Stderr, "other:", err)
		}
	}
}
