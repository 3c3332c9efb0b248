package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

type sample struct{ name, text string }

var samples = []sample{
	{"precomposed", "é"},
	{"combining", "e\u0301"},
	{"stacked", "z\u0351\u036b\u0343\u032a"},
	{"hangul", "한국어"},
	{"family", "👨‍👩‍👧‍👦"},
	{"flags", "🇵🇹🇯🇵"},
	{"skin tone", "👍🏽"},
	{"hebrew", "שלום עולם"},
	{"arabic", "مرحبا بالعالم"},
	{"mixed", "abc אבג 123"},
	{"devanagari", "नमस्ते"},
	{"astral", "𝒳𝔂𝟘"},
	{"invalid", "a\xff\xc0z"},
}

// clusters is a rough grapheme splitter: marks, joiners, modifiers and
// regional indicator pairs stay with the rune before them.
func clusters(s string) []string {
	var out []string
	joined, flags := false, 0
	for _, r := range s {
		regional := r >= 0x1F1E6 && r <= 0x1F1FF
		extends := unicode.In(r, unicode.M) || r == 0x200D || r >= 0x1F3FB && r <= 0x1F3FF
		if len(out) > 0 && (joined || extends || regional && flags%2 == 1) {
			out[len(out)-1] += string(r)
		} else {
			out = append(out, string(r))
		}
		joined = r == 0x200D
		if regional {
			flags++
		} else {
			flags = 0
		}
	}
	return out
}

func reverse(s string) string {
	parts := clusters(s)
	slices.Reverse(parts)
	return strings.Join(parts, "")
}

func script(r rune) string {
	for _, name := range []string{"Latin", "Greek", "Cyrillic", "Hebrew", "Arabic", "Han", "Hiragana", "Thai", "Common"} {
		if unicode.Is(unicode.Scripts[name], r) {
			return name
		}
	}
	return "other"
}

func main() {
	fmt.Println("bytes runes utf16 clusters valid")
	for _, s := range samples {
		fmt.Printf("%5d %5d %5d %8d %-5t %s %+q\n", len(s.text), utf8.RuneCountInString(s.text),
			len(utf16.Encode([]rune(s.text))), len(clusters(s.text)), utf8.ValidString(s.text), s.name, s.text)
	}

	fmt.Println("\ncase mapping")
	for _, w := range []string{"straße", "ΌΔΥΣΣΕΥΣ", "ﬃ", "ǆ", "İstanbul", "ıĞ", "ⅷ", "𐐨"} {
		fmt.Printf("  %s: %s %s %s\n", w, strings.ToUpper(w), strings.ToLower(w), strings.ToTitle(w))
	}
	fmt.Println("  Turkish:", strings.ToUpperSpecial(unicode.TurkishCase, "title"), strings.ToLowerSpecial(unicode.TurkishCase, "TITLE"))
	fmt.Println("  fold:", strings.EqualFold("ΣΊΣΥΦΟΣ", "σίσυφος"), strings.EqualFold("K", "\u212a"), strings.EqualFold("ß", "SS"))

	fmt.Println("\nreversal")
	for _, s := range []string{"mañana", "man\u0303ana", "🇵🇹🇯🇵!", "a👨‍👩‍👧b", "שלום"} {
		fmt.Printf("  %s -> %s\n", s, reverse(s))
	}

	fmt.Println("\nscripts")
	runs := map[string][]string{}
	for _, w := range strings.Fields("Hello Κόσμε мир שלום سلام 世界 せかい โลก 42") {
		first, size := utf8.DecodeRuneInString(w)
		runs[script(first)] = append(runs[script(first)], fmt.Sprintf("%s(%d)", w, size))
	}
	fmt.Println(" ", runs)

	fmt.Println("\nbytes of ‘ñ€😀’")
	for i, r := range "ñ€😀" {
		fmt.Printf("  at %d: %c %U % x, utf16 %04x\n", i, r, r, string(r), utf16.Encode([]rune{r}))
	}
	for i, r := range "a\xf0\x9fb" {
		fmt.Printf("  broken at %d: %U\n", i, r)
	}
	fmt.Println(strings.ToValidUTF8("x\xff\xfey\xc3", "�"))
	fmt.Println(strconv.Quote("tab\t\u2028\u00a0\u0007☺\x80"), strconv.QuoteToASCII("日本 ☺"))
	fmt.Println("isolates \u2067abc אבג\u2069 end")
}
