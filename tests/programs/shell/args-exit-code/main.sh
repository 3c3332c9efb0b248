#!/usr/bin/env bash
# A small option parser in front of a file of sub-commands.
set -uo pipefail
export LC_ALL=C
readonly PROGRAM=shelf VERSION=0.3
readonly E_USAGE=64 E_DATA=65 E_PARTIAL=9
verbose=0 separator=' ' limit=''

usage() {
    cat <<USAGE
usage: $PROGRAM [-v] [-s SEPARATOR] [-n LIMIT] COMMAND [ARGUMENT...]
commands: sum, reverse, count, upper
USAGE
}

die() { local code=$1; shift; printf '%s: %s\n' "$PROGRAM" "$*" >&2; exit "$code"; }
note() { (( verbose )) && printf '%s: note: %s\n' "$PROGRAM" "$*" >&2; return 0; }

while getopts ':vs:n:hV' option; do
    case $option in
        v) (( verbose++ )) ;;
        s) separator=$OPTARG ;;
        n) [[ $OPTARG =~ ^[0-9]+$ ]] || die $E_USAGE "-n wants a number, not '$OPTARG'"; limit=$OPTARG ;;
        h) usage; exit 0 ;;
        V) echo "$PROGRAM $VERSION"; exit 0 ;;
        :) usage >&2; die $E_USAGE "-$OPTARG needs a value" ;;
        *) usage >&2; die $E_USAGE "unknown option -$OPTARG" ;;
    esac
done
shift $(( OPTIND - 1 ))
(( $# )) || die $E_USAGE "no command"
command=$1
shift

note "command $command, $# arguments, separator ${separator@Q}, limit ${limit:-none}"
i=0
for argument in "$@"; do
    note "argument $(( ++i )): ${argument@Q} (${#argument} bytes)"
done
if [[ -n $limit ]] && (( $# > limit )); then
    note "dropping $(( $# - limit )) arguments"
    set -- "${@:1:limit}"
fi

join() {
    local out=${1-}
    shift
    for argument in "$@"; do out+=$separator$argument; done
    printf '%s\n' "$out"
}

sum() {
    local total=0 bad=0 n
    for n in "$@"; do
        if [[ $n =~ ^[-+]?[0-9]+$ ]]; then
            (( total += ${n#+} )) || true
        else
            printf '%s: not a whole number: %q\n' "$PROGRAM" "$n" >&2
            bad=$(( bad + 1 ))
        fi
    done
    echo "sum: $total"
    (( bad == 0 )) || { echo "skipped: $bad"; return $E_PARTIAL; }
}

case $command in
    sum) sum "$@" ;;
    reverse) list=(); for word in "$@"; do list=("$word" "${list[@]}"); done; join "${list[@]}" ;;
    count) (( $# )) || die $E_DATA "nothing to count"; printf '%s\n' "$@" | sort | uniq -c ;;
    upper) join "${@^^}" ;;
    *) usage >&2; die $E_USAGE "unknown command $command" ;;
esac
code=$?
trap 'echo "leaving with $code" >&2' EXIT
exit "$code"
