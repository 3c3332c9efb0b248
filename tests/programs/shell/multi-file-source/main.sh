#!/usr/bin/env bash
# Uses functions, an awk script and data from files in sub-folders.
set -uo pipefail
export LC_ALL=C
here=${BASH_SOURCE[0]%/*}
[[ $here == "${BASH_SOURCE[0]}" ]] && here=.

for library in strings stack; do
    # shellcheck source=/dev/null
    source "$here/lib/$library.sh" || exit 70
done

echo "== strings"
trim $'  \t padded text \n '
echo "[$REPLY]"
join_by ', ' one 'two three' four
echo "[$REPLY]"
join_by - ''
echo "[$REPLY]"
title_case "the old man and the sea"
echo "[$REPLY]"

echo "== stack"
stack_new undo
stack_push undo "type a" "type b" "delete *"
stack_show undo
while stack_pop undo 2>/dev/null; do echo "undo: $REPLY"; done
stack_pop undo || echo "pop failed with $?"

echo "== report"
report=$(awk -f "$here/lib/text/report.awk" "$here/data/sales.csv")
echo "awk returned $?"
sort <<<"$report" | while IFS=$'\t' read -r kind name amount; do
    title_case "$name"
    printf '%-8s %-8s %10s\n' "$kind" "$REPLY" "$amount"
done

echo "== files"
find "$here" -type f ! -name '*.txt' | sed 's|^\./||' | sort | while read -r path; do
    printf '%-22s %4d lines\n' "$path" "$(wc -l <"$here/$path")"
done

echo "== functions"
declare -F | awk '{ print $3 }' | grep -E '^(stack|join|trim|title)' | paste -sd' '
where() { echo "called from ${FUNCNAME[1]} in ${BASH_SOURCE[1]##*/}"; }
outer() { where; }
outer
source "$here/lib/missing.sh" 2>/dev/null || echo "missing library: $?"
bash "$here/lib/strings.sh" && echo "library runs alone"
( source /dev/stdin <<<'answer=42; return 5'; echo "sourced from stdin: $? ${answer}" )
