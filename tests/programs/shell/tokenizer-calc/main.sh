#!/usr/bin/env bash
# A calculator language: tokenizer, recursive descent compiler, stack machine.
set -u
export LC_ALL=C
declare -a tokens=() code=() stack=()
declare -A memory=()
at=0

error() { echo "error: $*"; return 1; }

tokenize() {
    local text=$1
    tokens=()
    while [[ -n $text ]]; do
        if [[ $text =~ ^[[:space:]]+ ]]; then :
        elif [[ $text =~ ^([0-9]+|[a-z_][a-z0-9_]*|'**'|'<='|'>='|'=='|'!='|[-+*/%()=\<\>?:]) ]]; then
            tokens+=("${BASH_REMATCH[0]}")
        else
            error "unexpected '${text:0:1}'"; return
        fi
        text=${text:${#BASH_REMATCH[0]}}
    done
    tokens+=(end)
}

peek() { [[ ${tokens[at]} == "$1" ]]; }
accept() { peek "$1" && at=$(( at + 1 )); }
expect() { accept "$1" || error "expected '$1' but found '${tokens[at]}'"; }

left_assoc() {                  # left_assoc NEXT OPERATOR...
    local next=$1 op
    shift
    "$next" || return
    while true; do
        for op in "$@"; do
            if accept "$op"; then
                "$next" || return
                code+=("op $op")
                continue 2
            fi
        done
        return 0
    done
}

assignment() {
    local name=${tokens[at]}
    if [[ $name =~ ^[a-z_] && ${tokens[at+1]-} == '=' ]]; then
        at=$(( at + 2 ))
        assignment && code+=("store $name")
    else
        comparison
    fi
}
comparison() { left_assoc additive '<=' '>=' '==' '!=' '<' '>'; }
additive() { left_assoc term + -; }
term() { left_assoc unary '*' / %; }
unary() {
    if accept -; then unary && code+=("negate"); else power; fi
}
power() {
    primary || return
    if accept '**'; then unary && code+=("op **"); fi
}
primary() {
    local token=${tokens[at]}
    case $token in
        end) error "unexpected end" ;;
        '(') at=$(( at + 1 )); assignment && expect ')' ;;
        [0-9]*) at=$(( at + 1 )); code+=("push $token") ;;
        [a-z_]*) at=$(( at + 1 )); code+=("load $token") ;;
        *) error "unexpected '$token'" ;;
    esac
}

pop() { REPLY=${stack[-1]}; unset 'stack[-1]'; }

execute() {
    local instruction op argument left right
    stack=()
    for instruction in "${code[@]}"; do
        read -r op argument <<<"$instruction"
        case $op in
            push) stack+=($(( 10#$argument ))) ;;
            load) [[ -v memory[$argument] ]] || { error "$argument has no value"; return; }
                  stack+=("${memory[$argument]}") ;;
            store) memory[$argument]=${stack[-1]} ;;
            negate) pop; stack+=($(( -REPLY ))) ;;
            op) pop; right=$REPLY; pop; left=$REPLY
                if [[ $argument == [/%] ]] && (( right == 0 )); then error "division by zero"; return; fi
                if [[ $argument == '**' ]] && (( right < 0 )); then error "negative power"; return; fi
                stack+=($(( left $argument right ))) ;;
        esac
    done
    echo "= ${stack[-1]}"
}

failures=0
while IFS= read -r line; do
    [[ -z $line ]] && continue
    echo "> $line"
    code=() at=0
    { tokenize "$line" && assignment && expect end && execute; } || (( failures++ ))
    (( ${#code[@]} < 12 )) && [[ $line == *'**'* ]] && printf '    %s\n' "${code[@]}"
done <<'PROGRAM'
1 + 2 * 3
(1 + 2) * 3
10 - 4 - 3
2 ** 3 ** 2
-2 ** 2
x = y = 007 + 3
x * y % 7
total_1 = (x <= 10) + (x != y) + (3 > 2)
total_1
unknown + 1
1 / (x - y)
2 ** -1
(1 + 2
1 + * 2
3 $ 4
9223372036854775807 + 1
((((5))))
PROGRAM
echo "failures: $failures"
for name in $(printf '%s\n' "${!memory[@]}" | sort); do echo "$name is ${memory[$name]}"; done
