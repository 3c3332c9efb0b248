# String helpers; results are left in REPLY.
[[ -n ${STRINGS_LOADED:-} ]] && return
STRINGS_LOADED=1

trim() {
    REPLY=${1#"${1%%[![:space:]]*}"}
    REPLY=${REPLY%"${REPLY##*[![:space:]]}"}
}

join_by() {
    local separator=$1 IFS=
    shift
    REPLY=${1-}
    shift || return 0
    REPLY+=${*/#/$separator}
}

title_case() {
    local word out=()
    for word in $1; do out+=("${word^}"); done
    REPLY="${out[*]}"
}
