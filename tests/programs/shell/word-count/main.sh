#!/usr/bin/env bash
# Reads a log on stdin and reports on it with awk, grep, sed and sort.
set -euo pipefail
export LC_ALL=C

text=$(cat; printf x)          # the x keeps trailing newlines
text=${text%x}
emit() { printf '%s' "$text"; }

section() {
    printf '\n== %s\n' "$1"
}

section "size"
emit | wc | awk '{ printf "lines %d, words %d, bytes %d\n", $1, $2, $3 }'
emit | awk '{ if (length($0) > max) { max = length($0); at = NR } }
            END { printf "longest line: number %d with %d bytes\n", at, max }'

section "levels"
emit | awk '$2 ~ /^[A-Z]+$/ { count[$2]++; total++ }
    END { for (level in count) printf "%-6s %3d %6.2f%%\n", level, count[level], 100 * count[level] / total }' |
    sort -k2,2nr -k1,1

section "requests by path"
emit | sed -nE 's/.*"(GET|POST|PUT|DELETE) ([^ "?]+)[^"]*" ([0-9]{3}).*/\2 \1 \3/p' |
    sort | uniq -c | sed -E 's/^ +//' | sort -k1,1nr -k2

section "response time in ms"
emit | grep -oE 'took=[0-9]+' | cut -d= -f2 | sort -n | awk '
    { value[NR] = $1; sum += $1 }
    END {
        if (NR == 0) { print "none"; exit }
        median = NR % 2 ? value[(NR + 1) / 2] : (value[NR / 2] + value[NR / 2 + 1]) / 2
        printf "min %d, median %.1f, mean %.2f, max %d\n", value[1], median, sum / NR, value[NR]
    }'

section "most common words"
emit | tr -cs '[:alpha:]' '\n' | tr '[:upper:]' '[:lower:]' | grep -E '^.{4,}$' |
    sort | uniq -c | sort -k1,1nr -k2,2 | sed -n '1,8p' |
    while read -r count word; do
        printf '%-12s %s %d\n' "$word" "$(printf '%*s' "$count" '' | tr ' ' '*')" "$count"
    done

section "hours"
declare -A per_hour=()
while IFS='T:' read -r _ hour _; do
    [[ $hour =~ ^[0-9]{2}$ ]] || continue
    per_hour[$hour]=$(( ${per_hour[$hour]:-0} + 1 ))
done < <(emit)
for hour in $(printf '%s\n' "${!per_hour[@]}" | sort); do
    printf '%s:00 %d\n' "$hour" "${per_hour[$hour]}"
done

section "errors, newest first"
emit | grep -nE ' (ERROR|WARN) ' | tac | sed -E 's/^([0-9]+):[^ ]+ /line \1: /; s/ +took=[0-9]+//'

section "lines that are not log records"
emit | grep -vE '^[0-9]{4}-[0-9]{2}-[0-9]{2}T' | cat -A || echo none
