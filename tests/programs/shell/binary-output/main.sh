#!/usr/bin/env bash
# Raw bytes from a shell script: a BMP picture, NULs, broken UTF-8, base64.
set -euo pipefail
export LC_ALL=C

byte() { local hex; printf -v hex '\\x%02x' $(( $1 & 255 )); printf '%b' "$hex"; }

little_endian() {               # little_endian BYTES VALUE
    local i value=$2
    for (( i = 0; i < $1; i++ )); do
        byte "$value"
        value=$(( value >> 8 ))
    done
}

bitmap() {                      # bitmap WIDTH HEIGHT: 24 bit, rows bottom up
    local width=$1 height=$2 x y
    local row=$(( (width * 3 + 3) / 4 * 4 )) line
    printf 'BM'
    little_endian 4 $(( 54 + row * height ))
    little_endian 4 0
    little_endian 4 54
    little_endian 4 40
    little_endian 4 "$width"
    little_endian 4 "$height"
    little_endian 2 1
    little_endian 2 24
    little_endian 4 0
    little_endian 4 $(( row * height ))
    little_endian 4 2835; little_endian 4 2835; little_endian 4 0; little_endian 4 0
    for (( y = height - 1; y >= 0; y-- )); do
        line=''
        for (( x = 0; x < width; x++ )); do
            printf -v line '%s\\x%02x\\x%02x\\x%02x' "$line" $(( x * 16 & 255 )) $(( y * 21 & 255 )) $(( (x ^ y) * 15 & 255 ))
        done
        for (( x = width * 3; x < row; x++ )); do line+='\x00'; done
        printf '%b' "$line"
    done
}

xor_cipher() {                  # xor_cipher KEY <input
    local key=$1 number i=0 code
    od -An -v -tu1 -w1 | while read -r number; do
        printf -v code '%d' "'${key:i++ % ${#key}:1}"
        byte $(( number ^ code ))
    done
}

report() { od -An -v -tx1 | tr -d ' \n' | { read -r hex || true; printf '%s: %d bytes, %s...\n' "$1" $(( ${#hex} / 2 )) "${hex:0:24}" >&2; }; }

all_bytes() { local n; for n in {0..255}; do byte "$n"; done; }

bitmap 15 12
bitmap 15 12 | report bitmap
all_bytes
all_bytes | report "all bytes"
printf 'nul \0 inside\n'
printf 'attack at dawn' | xor_cipher k3y
round_trip=$(printf 'attack at dawn' | xor_cipher k3y | xor_cipher k3y)
echo "round trip: $round_trip" >&2
printf '\xc3\x28 \xa0\xa1 \xe2\x28\xa1 \xf0\x90\x28\xbc \xfe\xff\n'
echo 'gICAgP/+/fwA' | base64 -d
printf 'first\0second\0third\0' | tac -s $'\x64' | report tac
printf 'b\0a\0c\0' | sort -z
head -c 64 /dev/zero | tr '\0' '\377'
mapfile -d '' -t words < <(printf 'one\0two words\0three\0')
echo "read ${#words[@]} words, the second is '${words[1]}'" >&2
value=$(printf 'a\0b' 2>/dev/null | tr -d '\0')
echo "without the nul: $value" >&2
printf '\xff\xfeto stderr\n' >&2
printf 'no newline at the end \xf0\x9f'
