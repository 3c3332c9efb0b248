#!/usr/bin/env bash
# A bank kept in associative arrays; amounts are whole cents.
set -u
export LC_ALL=C
declare -A balance=() owner=()
declare -a journal=()

money() {                       # money CENTS -> 1,234.56 in REPLY
    local cents=$1 sign='' whole
    (( cents < 0 )) && sign=- cents=$(( -cents ))
    whole=$(( cents / 100 ))
    while [[ $whole =~ ^([0-9]+)([0-9]{3})(.*)$ ]]; do
        whole="${BASH_REMATCH[1]},${BASH_REMATCH[2]}${BASH_REMATCH[3]}"
    done
    printf -v REPLY '%s%s.%02d' "$sign" "$whole" $(( cents % 100 ))
}

fail() { echo "bank: $*" >&2; return 1; }

open_account() {
    local id=$1 name=$2
    [[ -v balance[$id] ]] && { fail "account $id exists already"; return; }
    [[ $id =~ ^[A-Z]{2}[0-9]{2}$ ]] || { fail "bad account number '$id'"; return; }
    balance[$id]=0 owner[$id]=$name
}

deposit() {
    [[ -v balance[$1] ]] || { fail "no account $1"; return; }
    (( $2 > 0 )) || { fail "deposit of $2 refused"; return; }
    (( balance[$1] += $2 ))
    journal+=("deposit $1 $2")
}

transfer() {
    local from=$1 to=$2 cents=$3 account
    for account in "$from" "$to"; do
        [[ -v balance[$account] ]] || { fail "no account $account"; return; }
    done
    if (( balance[$from] < cents )); then
        money "${balance[$from]}"
        fail "${owner[$from]} has only $REPLY"
        return
    fi
    (( balance[$from] -= cents )) || true
    (( balance[$to] += cents ))
    journal+=("transfer $from $to $cents")
}

interest() {                    # per cent, rounded half up
    local id
    for id in "${!balance[@]}"; do
        balance[$id]=$(( balance[$id] + (balance[$id] * $1 + 50) / 100 ))
    done
}

refused=0
while read -r command first second third; do
    [[ -z $command || $command == \#* ]] && continue
    case $command in
        open) open_account "$first" "$second $third" ;;
        deposit) deposit "$first" "$second" ;;
        transfer) transfer "$first" "$second" "$third" ;;
        interest) interest "$first" ;;
        *) fail "unknown command $command" ;;
    esac || (( refused++ ))
done <<'COMMANDS'
# commands for the bank
open AA01 Ada Lovelace
open BB02 Bob Roberts
open CC03 Carla Ng
open AA01 Mallory M
open x9 Nobody N
deposit AA01 123456789
deposit BB02 5000
deposit CC03 -5
transfer AA01 CC03 2345678
transfer BB02 AA01 5001
transfer BB02 ZZ99 1
transfer CC03 BB02 2345678
interest 3
rob AA01
COMMANDS

mapfile -t ids < <(printf '%s\n' "${!balance[@]}" | sort)
total=0
for id in "${ids[@]}"; do
    money "${balance[$id]}"
    printf '%s  %-14s %16s\n' "$id" "${owner[$id]}" "$REPLY"
    (( total += balance[$id] ))
done
money "$total"
printf '%-20s %16s\n' total "$REPLY"
echo "refused: $refused, journal: ${#journal[@]} entries"
printf '  %s\n' "${journal[@]}"

unset "balance[BB02]"
echo "left: ${#balance[@]}; BB02 is ${balance[BB02]-gone}; last entry: ${journal[-1]}; slice: ${journal[@]:1:2}"
declare -A count=()
for entry in "${journal[@]}"; do (( count[${entry%% *}]++ )); done
echo "deposits ${count[deposit]}, transfers ${count[transfer]}"
