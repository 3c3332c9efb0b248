# A stack "class": stack_new NAME, stack_push NAME VALUE..., stack_pop NAME.
source "${BASH_SOURCE[0]%/*}/strings.sh"

stack_new() { declare -ga "stack_$1=()"; }

stack_push() {
    local -n items="stack_$1"
    shift
    items+=("$@")
}

stack_pop() {
    local -n items="stack_$1"
    (( ${#items[@]} )) || { echo "stack $1 is empty" >&2; return 1; }
    REPLY=${items[-1]}
    unset 'items[-1]'
}

stack_show() {
    local -n items="stack_$1"
    join_by ' | ' "${items[@]}"
    echo "$1: [$REPLY]"
}
