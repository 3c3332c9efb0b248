#!/usr/bin/env bash
# The same strings seen as characters (C.UTF-8) and as bytes (C).
set -u
export LC_ALL=C.UTF-8

samples=(
    "plain ascii"
    "naïve café"
    $'cafe\u0301'
    "日本語テキスト"
    "שלום עולם"
    "مرحبا"
    "👋🏽 👨‍👩‍👧 🇯🇵"
    $'zero\u200bwidth'
    "ΣΊΣΥΦΟΣ Straße"
)

bytes_of() {
    local LC_ALL=C
    REPLY=${#1}
}

reverse() {
    local text=$1 i
    REPLY=''
    for (( i = ${#text} - 1; i >= 0; i-- )); do REPLY+=${text:i:1}; done
}

code_points() {
    local text=$1 i point
    REPLY=''
    for (( i = 0; i < ${#text}; i++ )); do
        printf -v point 'U+%04X' "'${text:i:1}"
        REPLY+="$point "
    done
    REPLY=${REPLY% }
}

for text in "${samples[@]}"; do
    bytes_of "$text"; bytes=$REPLY
    code_points "${text:0:6}"; points=$REPLY
    printf '[%s] chars=%d bytes=%d first: %s\n' "$text" "${#text}" "$bytes" "$points"
done

echo "reversed:"
for text in "naïve" "日本語" $'e\u0301a' "abc אבג"; do
    reverse "$text"
    echo "  $text -> $REPLY"
done

echo "case: ${samples[1]^^} ${samples[8],,} $(tr 'a-z' 'A-Z' <<<"tr leaves é alone")"
echo "slices: ${samples[3]:2:3} / ${samples[1]#naï} / ${samples[3]/本/?} / ${samples[4]##* }"
printf 'padded by printf: |%-10s|%10s|\n' "é" "日本"
[[ "é" == ? ]] && echo "é is one character" || echo "é is not one character"
[[ $'e\u0301' == "é" ]] && echo "same" || echo "composed and decomposed differ"
[[ "日本語" =~ ^(.)(.+)$ ]] && echo "regex: ${BASH_REMATCH[1]} then ${BASH_REMATCH[2]}"

printf 'escapes: \u00e9 \U0001F40D \xc3\xa9 %b\n' '\u2603'
printf '%s' "€" | od -An -tx1
printf '%s\n' "zebra" "Äpfel" "apple" "Éclair" "eclair" | LC_ALL=C sort | paste -sd' '
printf '%s\n' "un café" "le thé" "du cafe" | grep -nE 'caf(é|e)$'
printf 'añb→c\n' | sed -E 's/[^[:alnum:]]/-/g'
printf 'añb→c\n' | LC_ALL=C sed -E 's/[^[:alnum:]]/-/g'
printf '%s\n' "ünïcödé" | wc -m -c | awk '{ print "wc:", $1, $2 }'
declare -A capital=([日本]=東京 [Türkiye]=Ankara [Ελλάδα]=Αθήνα)
for key in 日本 Türkiye Ελλάδα; do printf '%s: %s\n' "$key" "${capital[$key]}"; done
IFS=→ read -r left right <<<"links→rechts"
echo "split: $left + $right"
