package main

import (
	"fmt"
	"os"
	"strings"
	"text/tabwriter"
	"text/template"
	"unicode/utf8"
)

type align int

const (
	left align = iota
	right
	center
)

func (a align) String() string { return [...]string{"left", "right", "center"}[a] }

func (a align) pad(s string, width int) string {
	gap := width - utf8.RuneCountInString(s)
	switch a {
	case right:
		return strings.Repeat(" ", gap) + s
	case center:
		return strings.Repeat(" ", gap/2) + s + strings.Repeat(" ", gap-gap/2)
	default:
		return s + strings.Repeat(" ", gap)
	}
}

type mountain struct {
	Name    string
	Height  int
	Country string
	Slope   float64
	Climbed bool
}

type column struct {
	title string
	align align
	text  func(m mountain) string
}

var columns = []column{
	{"Mountain", left, func(m mountain) string { return m.Name }},
	{"Height", right, func(m mountain) string { return thousands(m.Height) + " m" }},
	{"Country", center, func(m mountain) string { return m.Country }},
	{"Slope", right, func(m mountain) string { return fmt.Sprintf("%.1f%%", m.Slope*100) }},
	{"✓", center, func(m mountain) string { return map[bool]string{true: "✓", false: ""}[m.Climbed] }},
}

func thousands(n int) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%s,%03d", thousands(n/1000), n%1000)
}

func render(rows []mountain) string {
	widths := make([]int, len(columns))
	lines := [][]string{{}}
	for i, c := range columns {
		lines[0] = append(lines[0], c.title)
		widths[i] = utf8.RuneCountInString(c.title)
	}
	for _, m := range rows {
		var line []string
		for i, c := range columns {
			text := c.text(m)
			line = append(line, text)
			widths[i] = max(widths[i], utf8.RuneCountInString(text))
		}
		lines = append(lines, line)
	}
	var b strings.Builder
	rule := func(l, m, r string) {
		parts := make([]string, len(widths))
		for i, w := range widths {
			parts[i] = strings.Repeat("─", w+2)
		}
		b.WriteString(l + strings.Join(parts, m) + r + "\n")
	}
	rule("┌", "┬", "┐")
	for n, line := range lines {
		for i, text := range line {
			b.WriteString("│ " + columns[i].align.pad(text, widths[i]) + " ")
		}
		b.WriteString("│\n")
		if n == 0 {
			rule("├", "┼", "┤")
		}
	}
	rule("└", "┴", "┘")
	return b.String()
}

func main() {
	rows := []mountain{
		{"Aconcagua", 6961, "Argentina", 0.414, false},
		{"Großglockner", 3798, "Österreich", 0.3, true},
		{"Etna", 3357, "Italia", 0.155, true},
		{"Arthur's Seat", 251, "Scotland", 0.22, true},
	}
	fmt.Print(render(rows))

	tw := tabwriter.NewWriter(os.Stdout, 0, 8, 2, '.', tabwriter.AlignRight|tabwriter.Debug)
	for _, m := range rows {
		fmt.Fprintf(tw, "%s\t%d\t%.3f\t\n", m.Name, m.Height, m.Slope)
	}
	tw.Flush()

	report := template.Must(template.New("report").Funcs(template.FuncMap{"upper": strings.ToUpper}).Parse(
		`{{range $i, $m := .}}{{if $i}}; {{end}}{{$m.Name | upper | printf "%q"}}{{with $m.Climbed}} (climbed){{end}}{{end}}
`))
	if err := report.Execute(os.Stdout, rows); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}

	fmt.Printf("%v|%+v|%#v|%T\n", rows[2], rows[2], rows[2], rows[2])
	fmt.Printf("%5d|%-5d|%05d|%+d|%x|%X|%o|%b|%c|%U|%q\n", 42, 42, 42, 42, 3054, 3054, 8, 5, 0x1F600, 0x1F600, 'é')
	fmt.Printf("%8.3f|%-8.2f|%e|%g|%G\n", 3.14159, 2.5, 123456.789, 1e21, 1e-7)
	fmt.Printf("%s|%10s|%-10s|%.2s|%x|% x|%q|%+q\n", "añb", "añb", "añb", "añb", "añb", "añb", "a\tñ", "añ")
	fmt.Printf("%t|%v|%d%%|%*d|%[2]v %[1]v|%v\n", true, nil, 50, 6, 7, center)
	fmt.Printf("%d %s\n", "text", 5)
	for _, a := range []align{left, right, center} {
		fmt.Printf("%-7v[%s]\n", a, a.pad("pad", 9))
	}
}
