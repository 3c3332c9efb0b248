#!/usr/bin/env bash
# About 200 KiB on stdout: an automaton, a times table, a sieve, a hex dump.
set -euo pipefail
export LC_ALL=C

automaton() {                   # automaton RULE WIDTH STEPS
    awk -v rule="$1" -v width="$2" -v steps="$3" '
        BEGIN {
            for (i = 0; i < 8; i++) { on[i] = rule % 2; rule = int(rule / 2) }
            cell[int(width / 2)] = 1
            for (s = 0; s < steps; s++) {
                line = ""
                for (i = 0; i < width; i++) line = line (cell[i] ? "#" : ".")
                print line
                for (i = 0; i < width; i++)
                    fresh[i] = on[4 * cell[(i + width - 1) % width] + 2 * cell[i] + cell[(i + 1) % width]]
                for (i = 0; i < width; i++) cell[i] = fresh[i]
            }
        }'
}

times_table() {
    local i j line
    for (( i = 1; i <= 40; i++ )); do
        line=''
        for (( j = 1; j <= 40; j++ )); do printf -v line '%s%5d' "$line" $(( i * j )); done
        echo "$line"
    done
}

sieve() {
    local limit=$1 n m
    local -a composite=()
    for (( n = 2; n <= limit; n++ )); do
        [[ ${composite[n]:-} ]] && continue
        printf '%d\n' "$n"
        for (( m = n * n; m <= limit; m += n )); do composite[m]=1; done
    done
}

collatz() {
    local n=$1 steps=0 peak=$1
    while (( n != 1 )); do
        n=$(( n % 2 ? 3 * n + 1 : n / 2 )) steps=$(( steps + 1 ))
        (( n > peak )) && peak=$n
    done
    echo "$1: $steps steps, peak $peak"
}

body() {
    for rule in 30 90 110; do
        echo "rule $rule"
        automaton "$rule" 181 100
    done
    times_table
    sieve 6000 | pr -12 -t -w 84 -l 10
    for start in {1..250}; do collatz "$start"; done
    seq 1 4000 | od -Ax -tx1z -N 14000
    seq -f '%05.0f' 1 4000 | paste -sd,
    seq 1 3000 | base64 -w 100
}

output=$(body)
printf '%s\n' "$output"
printf '%s\n' "$output" | sha256sum | cut -c1-32
echo "lines: $(wc -l <<<"$output"), bytes: ${#output}" >&2
echo "the end"
