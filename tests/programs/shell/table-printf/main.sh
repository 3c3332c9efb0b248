#!/usr/bin/env bash
# Tables and number formats with printf, parameter expansion and awk.
set -eu
export LC_ALL=C
header=(name kind size share note)
rows=(
    "alpha|file|1536|12.5|first"
    "beta release|folder|0|0|"
    "gamma|file|1048576|50|half of it"
    "delta|link|27|0.333|points to *.txt"
    "epsilon|file|7340032|37.167|100% \$5 \\n stays"
)

repeat() {                      # repeat TEXT COUNT -> REPLY
    printf -v REPLY '%*s' "$2" ''
    REPLY=${REPLY// /$1}
}

human() {
    local size=$1 unit
    for unit in B KiB MiB GiB; do
        (( size < 1024 )) && break
        size=$(( size / 1024 ))
    done
    REPLY="$size $unit"
}

declare -a widths=()
measure() {
    local i=0 cell
    for cell in "$@"; do
        (( ${#cell} > ${widths[i]:-0} )) && widths[i]=${#cell}
        i=$(( i + 1 ))
    done
}

rule() {
    local line=+ w
    for w in "${widths[@]}"; do
        repeat - $(( w + 2 ))
        line+="$REPLY+"
    done
    echo "$line"
}

row() {
    local i=0 cell line='|' flag
    for cell in "$@"; do
        (( i == 2 || i == 3 )) && flag='' || flag=-
        printf -v cell " %${flag}*s |" "${widths[i]}" "$cell"
        line+=$cell i=$(( i + 1 ))
    done
    echo "$line"
}

formatted=()
measure "${header[@]}"
for record in "${rows[@]}"; do
    IFS='|' read -r name kind size share note <<<"$record"
    human "$size"
    printf -v share '%.2f%%' "$share"
    measure "$name" "$kind" "$REPLY" "$share" "$note"
    formatted+=("$name|$kind|$REPLY|$share|$note")
done
rule; row "${header[@]^^}"; rule
for record in "${formatted[@]}"; do
    IFS='|' read -r -a cells <<<"$record"
    row "${cells[@]}" $( (( ${#cells[@]} < 5 )) && echo - )
done
rule

echo "numbers:"
for n in 0 7 255 -42 65536; do
    printf '%6d|%-6d|%06d|%+d|%x|%#o|%#X\n' "$n" "$n" "$n" "$n" $(( n & 0xffff )) $(( n & 0xffff )) $(( n & 0xffff ))
done
printf '%s\n' 3.14159 1e10 0.00001 | awk '{ printf "%10.3f|%-12g|%.2e\n", $1, $1, $1 }'
printf 'quoted: %q %q %q\n' "it's" 'a b' $'tab\there'
printf 'escapes: %b|%s\n' 'a\tb\x41\101' 'a\tb'
printf '%5.3s|%-5s|%5s|%c\n' abcdef ab cd xyz
text="The Quick brown fox"
echo "${text,,} / ${text^^} / ${text~} / ${text#* } / ${text##* } / ${text% *} / ${text/o/0} / ${text//o/0} / ${text: -3} / ${#text}"
echo "${text@Q} ${missing:-default} ${text:4:5} ${text//[^A-Z]/}"
printf '%s, ' one two three | sed 's/, $/\n/'
printf '%s=%d\n' a 1 b 2 c
echo 1234567.891 | sed -E ':a; s/^([0-9]+)([0-9]{3})/\1,\2/; ta'
fold -s -w 24 <<<"a paragraph that fold breaks at spaces, never inside of words" | nl -ba -w2 -s'. '
