#!/usr/bin/env bash
# Sorting algorithms on bash arrays, each checked against sort(1).
set -euo pipefail
export LC_ALL=C

bubble_sort() {
    local -n data=$1
    local i swapped=1 limit=${#data[@]} tmp
    while (( swapped )); do
        swapped=0
        for (( i = 1; i < limit; i++ )); do
            if (( data[i-1] > data[i] )); then
                tmp=${data[i]} data[i]=${data[i-1]} data[i-1]=$tmp
                swapped=1
            fi
        done
        (( limit-- )) || true
    done
}

insertion_sort() {
    local -n data=$1
    local i j value
    for (( i = 1; i < ${#data[@]}; i++ )); do
        value=${data[i]}
        for (( j = i - 1; j >= 0 && data[j] > value; j-- )); do
            data[j+1]=${data[j]}
        done
        data[j+1]=$value
    done
}

quick_range() {
    local low=$1 high=$2 i j pivot tmp
    (( low < high )) || return 0
    pivot=${numbers[(low + high) / 2]} i=$low j=$high
    while (( i <= j )); do
        while (( numbers[i] < pivot )); do i=$((i + 1)); done
        while (( numbers[j] > pivot )); do j=$((j - 1)); done
        if (( i <= j )); then
            tmp=${numbers[i]} numbers[i]=${numbers[j]} numbers[j]=$tmp
            i=$((i + 1)) j=$((j - 1))
        fi
    done
    quick_range "$low" "$j"
    quick_range "$i" "$high"
}

quick_sort() {
    local -n source_array=$1
    local -a numbers=("${source_array[@]}")
    quick_range 0 $(( ${#numbers[@]} - 1 ))
    source_array=("${numbers[@]}")
}

counting_sort() {
    local -n data=$1
    local -a counts=() sorted=()
    local value n
    for value in "${data[@]}"; do counts[value]=$(( ${counts[value]:-0} + 1 )); done
    for value in "${!counts[@]}"; do        # indices come in ascending order
        for (( n = counts[value]; n > 0; n-- )); do sorted+=("$value"); done
    done
    data=("${sorted[@]}")
}

seed=12345
next_number() { seed=$(( (seed * 1103515245 + 12345) % 2147483648 )); REPLY=$(( seed / 65536 % $1 )); }

make_case() {
    local -n target=$1
    local i
    target=()
    case $2 in
        random)   for (( i = 0; i < 60; i++ )); do next_number 1000; target+=("$REPLY"); done ;;
        repeated) for (( i = 0; i < 40; i++ )); do next_number 4; target+=("$REPLY"); done ;;
        reversed) for (( i = 30; i > 0; i-- )); do target+=($(( i * 7 ))); done ;;
        single)   target=(5) ;;
    esac
}

for kind in random repeated reversed single; do
    make_case original "$kind"
    expected=$(printf '%s\n' "${original[@]}" | sort -n | paste -sd' ')
    for algorithm in bubble_sort insertion_sort quick_sort counting_sort; do
        work=("${original[@]}")
        "$algorithm" work
        [[ "${work[*]}" == "$expected" ]] && verdict=ok || verdict=WRONG
        printf '%-9s %-15s n=%-3d %s..%s %s\n' "$kind" "$algorithm" "${#work[@]}" "${work[0]}" "${work[-1]}" "$verdict"
    done
    echo "          $expected"
done

echo "sort(1) with keys:"
sort -t: -k2,2nr -k1,1 <<'LIST'
mia:31:Oslo
ada:25:Rome
zoe:31:Bonn
bob:7:Rome
LIST
printf '%s\n' v1.10 v1.9 v1.2.3 v0.10 | sort -V | paste -sd' '
printf '%s\n' 10K 2M 900 1G | sort -h | paste -sd' '
