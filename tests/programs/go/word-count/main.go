package main

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

type entry struct {
	word  string
	count int
	lines []int
}

type stats struct {
	lines, runes, bytes int
	words               map[string]*entry
	letters             map[rune]int
}

func scan(r io.Reader) (*stats, error) {
	s := &stats{words: map[string]*entry{}, letters: map[rune]int{}}
	in := bufio.NewScanner(r)
	for in.Scan() {
		line := in.Text()
		s.lines++
		s.bytes += len(line) + 1
		s.runes += utf8.RuneCountInString(line) + 1
		for _, field := range strings.FieldsFunc(line, func(c rune) bool {
			return !unicode.IsLetter(c) && c != '\''
		}) {
			s.add(strings.ToLower(strings.Trim(field, "'")))
		}
	}
	return s, in.Err()
}

func (s *stats) add(word string) {
	if word == "" {
		return
	}
	e, ok := s.words[word]
	if !ok {
		e = &entry{word: word}
		s.words[word] = e
	}
	e.count++
	if n := len(e.lines); n == 0 || e.lines[n-1] != s.lines {
		e.lines = append(e.lines, s.lines)
	}
	for _, c := range word {
		s.letters[c]++
	}
}

func (s *stats) ranked() []*entry {
	return slices.SortedFunc(maps.Values(s.words), func(a, b *entry) int {
		return cmp.Or(cmp.Compare(b.count, a.count), cmp.Compare(a.word, b.word))
	})
}

func main() {
	s, err := scan(os.Stdin)
	if err != nil {
		fmt.Fprintln(os.Stderr, "reading stdin:", err)
		os.Exit(1)
	}
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()

	fmt.Fprintf(out, "%d lines, %d characters, %d bytes, %d distinct words\n\n", s.lines, s.runes, s.bytes, len(s.words))
	ranked := s.ranked()
	for _, e := range ranked[:min(12, len(ranked))] {
		fmt.Fprintf(out, "%3d %-10s %v\n", e.count, e.word, e.lines)
	}

	fmt.Fprintln(out, "\nindex:")
	initial := rune(0)
	for _, word := range slices.Sorted(maps.Keys(s.words)) {
		first, _ := utf8.DecodeRuneInString(word)
		if first != initial {
			if initial != 0 {
				fmt.Fprintln(out)
			}
			initial = first
			fmt.Fprintf(out, "%c:", unicode.ToUpper(first))
		}
		fmt.Fprintf(out, " %s", word)
	}
	fmt.Fprintln(out, "\n\nletters:")
	for _, c := range slices.Sorted(maps.Keys(s.letters)) {
		fmt.Fprintf(out, "%c %3d %s\n", c, s.letters[c], strings.Repeat("▇", (s.letters[c]+1)/2))
	}
}
