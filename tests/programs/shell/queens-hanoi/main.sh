#!/usr/bin/env bash
# Recursive functions: n-queens, towers of Hanoi, permutations, a 4x4 sudoku.
set -u
export LC_ALL=C

declare -a queens=()
solutions=0 first=''

place() {                       # place ROW SIZE
    local row=$1 size=$2 column r
    if (( row == size )); then
        (( solutions++ ))
        [[ -n $first ]] || first="${queens[*]}"
        return
    fi
    for (( column = 0; column < size; column++ )); do
        for (( r = 0; r < row; r++ )); do
            (( queens[r] == column || row - r == column - queens[r] || row - r == queens[r] - column )) && continue 2
        done
        queens[row]=$column
        place $(( row + 1 )) "$size"
    done
    unset "queens[row]"
}

for size in 1 2 3 4 5 6; do
    queens=() solutions=0 first=''
    place 0 "$size"
    echo "$size queens: $solutions solutions, first: ${first:-none}"
done
for column in $first; do
    line=''
    for (( c = 0; c < 6; c++ )); do (( c == column )) && line+='Q ' || line+='. '; done
    echo "${line% }"
done

moves=()
hanoi() {
    (( $1 == 0 )) && return
    hanoi $(( $1 - 1 )) "$2" "$4" "$3"
    moves+=("$1:$2>$3")
    hanoi $(( $1 - 1 )) "$4" "$3" "$2"
}
hanoi 4 A C B
echo "hanoi: ${#moves[@]} moves: ${moves[*]}"

permute() {                     # permute PREFIX REST
    local prefix=$1 rest=$2 i
    [[ -n $rest ]] || { printf '%s ' "$prefix"; return; }
    for (( i = 0; i < ${#rest}; i++ )); do
        permute "$prefix${rest:i:1}" "${rest:0:i}${rest:i+1}"
    done
}
permute '' abcd; echo

ackermann() {
    local m=$1 n=$2
    if (( m == 0 )); then REPLY=$(( n + 1 ))
    elif (( n == 0 )); then ackermann $(( m - 1 )) 1
    else ackermann "$m" $(( n - 1 )); ackermann $(( m - 1 )) "$REPLY"
    fi
}
ackermann 2 5; echo "ackermann(2, 5) = $REPLY"

grid=(1 0 0 0  0 0 3 0  0 2 0 0  0 0 0 4)
allowed() {
    local cell=$1 digit=$2 i row=$(( $1 / 4 )) column=$(( $1 % 4 )) r c
    for i in 0 1 2 3; do
        r=$(( row / 2 * 2 + i / 2 )) c=$(( column / 2 * 2 + i % 2 ))
        (( grid[row*4+i] == digit || grid[i*4+column] == digit || grid[r*4+c] == digit )) && return 1
    done
    return 0
}
sudoku() {
    local cell=$1 digit
    (( cell == 16 )) && return 0
    if (( grid[cell] )); then sudoku $(( cell + 1 )); return; fi
    for digit in 1 2 3 4; do
        allowed "$cell" "$digit" || continue
        grid[cell]=$digit
        sudoku $(( cell + 1 )) && return 0
        grid[cell]=0
    done
    return 1
}
if sudoku 0; then printf '%d %d | %d %d\n' "${grid[@]}"; else echo "no solution"; fi
