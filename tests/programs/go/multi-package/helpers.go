package main

import (
	"fmt"
	"strconv"
	"strings"
)

// numbers reads space-separated floats.
func numbers(text string) ([]float64, error) {
	var out []float64
	for i, field := range strings.Fields(text) {
		f, err := strconv.ParseFloat(field, 64)
		if err != nil {
			return nil, fmt.Errorf("value %d: %w", i+1, err)
		}
		out = append(out, f)
	}
	return out, nil
}
