package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
)

type money int64

func (m money) MarshalJSON() ([]byte, error) {
	return json.Marshal(fmt.Sprintf("%d.%02d EUR", m/100, m%100))
}

func (m *money) UnmarshalJSON(b []byte) error {
	var f float64
	if err := json.Unmarshal(b, &f); err != nil {
		return fmt.Errorf("money: %w", err)
	}
	*m = money(f*100 + 0.5)
	return nil
}

type book struct {
	Title   string            `json:"title"`
	Authors []string          `json:"authors"`
	Year    int               `json:"year,omitempty"`
	Price   *money            `json:"price"`
	Added   time.Time         `json:"added"`
	Extra   map[string]any    `json:"extra,omitempty"`
	Links   map[string]string `json:"links,omitempty"`
	secret  string
}

type library struct {
	Name  string          `json:"library"`
	Books []book          `json:"books"`
	Raw   json.RawMessage `json:"raw"`
}

// query follows a dotted path; "*" stands for every element.
func query(v any, path string) (out []any) {
	if path == "" {
		return []any{v}
	}
	head, rest, _ := strings.Cut(path, ".")
	switch node := v.(type) {
	case map[string]any:
		if head == "*" {
			for _, k := range slices.Sorted(maps.Keys(node)) {
				out = append(out, query(node[k], rest)...)
			}
		} else if child, ok := node[head]; ok {
			out = query(child, rest)
		}
	case []any:
		if head == "*" {
			for _, child := range node {
				out = append(out, query(child, rest)...)
			}
		} else if i, err := strconv.Atoi(head); err == nil && i < len(node) {
			out = query(node[i], rest)
		}
	}
	return out
}

func outline(v any, depth int) {
	indent := strings.Repeat("  ", depth)
	switch node := v.(type) {
	case map[string]any:
		for _, k := range slices.Sorted(maps.Keys(node)) {
			fmt.Printf("%s%s: %T\n", indent, k, node[k])
			outline(node[k], depth+1)
		}
	case []any:
		if len(node) > 0 {
			fmt.Printf("%s[0 of %d]\n", indent, len(node))
			outline(node[0], depth+1)
		}
	}
}

func explain(text string) {
	var lib library
	dec := json.NewDecoder(strings.NewReader(text))
	dec.DisallowUnknownFields()
	err := dec.Decode(&lib)
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		fmt.Printf("syntax at %d: %v\n", syntax.Offset, err)
	case errors.As(err, &kind):
		fmt.Printf("field %s wants %v: %v\n", kind.Field, kind.Type, err)
	case errors.Is(err, io.ErrUnexpectedEOF):
		fmt.Println("cut short:", err)
	default:
		fmt.Println("result:", err)
	}
}

func main() {
	text, err := io.ReadAll(os.Stdin)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	var lib library
	if err := json.Unmarshal(text, &lib); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(lib.Name, len(lib.Books), string(lib.Raw))
	lib.Books[0].secret = "never printed"
	out, err := json.MarshalIndent(lib, "", "  ")
	fmt.Println(string(out), err)

	var tree any
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	if err := dec.Decode(&tree); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	for _, path := range []string{"library", "books.*.title", "books.0.authors.*", "books.*.extra.*", "books.9"} {
		fmt.Printf("%s => %q\n", path, query(tree, path))
	}
	outline(tree, 0)

	var compact, escaped bytes.Buffer
	json.Compact(&compact, lib.Raw)
	json.HTMLEscape(&escaped, []byte(`"<b>&"`))
	fmt.Println(compact.String(), escaped.String())

	for _, bad := range []string{`{"library": 5}`, `{"books": [{"year": "x"}]}`, `{"books": [`, `{"a":1}`, `{,}`, `{"books":[{"price":"free"}]}`, `{}`} {
		explain(bad)
	}
	_, err = json.Marshal(map[string]any{"f": func() {}})
	fmt.Println(err)
}
