#!/usr/bin/env bash
# Graph algorithms: BFS in a maze, Dijkstra, components, tsort.
set -u
export LC_ALL=C

maze=(
    '###################'
    '#S..#.....#.......#'
    '#.#.#.###.#.#####.#'
    '#.#...#...#.....#.#'
    '#.#####.#######.#.#'
    '#.....#.........#E#'
    '###################'
)

find_mark() {
    local mark=$1 y
    for y in "${!maze[@]}"; do
        if [[ ${maze[y]} == *"$mark"* ]]; then
            local before=${maze[y]%%"$mark"*}
            REPLY="$y ${#before}"
            return
        fi
    done
}

solve_maze() {
    local -A parent=()
    local -a queue=()
    local head=0 node y x step dy dx next goal
    find_mark E; goal=$REPLY
    find_mark S; queue=("$REPLY"); parent[$REPLY]=start
    while (( head < ${#queue[@]} )); do
        node=${queue[head++]}
        [[ $node == "$goal" ]] && break
        read -r y x <<<"$node"
        for step in '0 1' '1 0' '0 -1' '-1 0'; do
            read -r dy dx <<<"$step"
            next="$(( y + dy )) $(( x + dx ))"
            [[ ${maze[y+dy]:x+dx:1} == '#' || -v parent[$next] ]] && continue
            parent[$next]=$node
            queue+=("$next")
        done
    done
    local length=0
    node=${parent[$goal]}
    while [[ ${parent[$node]} != start ]]; do
        read -r y x <<<"$node"
        maze[y]=${maze[y]:0:x}+${maze[y]:x+1}
        node=${parent[$node]} length=$(( length + 1 ))
    done
    echo "path of $length cells, ${#queue[@]} cells seen"
    printf '%s\n' "${maze[@]}"
}
solve_maze

declare -A distance=() edges=() via=()
while read -r a b km; do
    edges[$a]+="$b:$km " edges[$b]+="$a:$km "
done <<'ROADS'
Bern Basel 97
Bern Thun 27
Bern Fribourg 34
Fribourg Lausanne 72
Lausanne Geneva 66
Basel Zurich 87
Zurich Chur 120
Bern Lucerne 111
Lucerne Zurich 52
Thun Brig 81
Brig Lausanne 147
ROADS

dijkstra() {
    local start=$1 node best entry other total
    local -A done_nodes=()
    distance=([$start]=0) via=()
    while true; do
        best=''
        for node in "${!distance[@]}"; do
            [[ -v done_nodes[$node] ]] && continue
            # ties are broken by name, so hash order doesn't matter
            if [[ -z $best ]] || (( distance[$node] < distance[$best] )) ||
                { (( distance[$node] == distance[$best] )) && [[ $node < $best ]]; }; then
                best=$node
            fi
        done
        [[ -z $best ]] && return
        done_nodes[$best]=1
        for entry in ${edges[$best]}; do
            other=${entry%:*} total=$(( distance[$best] + ${entry#*:} ))
            if [[ ! -v distance[$other] ]] || (( total < distance[$other] )); then
                distance[$other]=$total via[$other]=$best
            fi
        done
    done
}

dijkstra Geneva
for city in "${!distance[@]}"; do
    route=$city hop=$city
    while [[ -v via[$hop] ]]; do hop=${via[$hop]} route="$hop > $route"; done
    echo "${distance[$city]} $route"
done | sort -n

echo "order:" $(tsort <<<'socks shoes trousers shoes trousers belt shirt belt belt jacket')
tsort <<<'a b b c c a' >/dev/null 2>&1 || echo "tsort found a loop"

echo "components:"
awk '
    function find(n) { while (leader[n] != n) n = leader[n]; return n }
    { for (i = 1; i <= NF; i++) if (!($i in leader)) leader[$i] = $i
      for (i = 2; i <= NF; i++) { a = find($1); b = find($i); if (a < b) leader[b] = a; else leader[a] = b } }
    END { for (n in leader) print find(n), n }' <<'LINKS' | sort | awk '
    $1 != last { if (NR > 1) print line; line = ""; last = $1 } { line = line " " $2 } END { print line }'
k l
a b
c d e
b d
m
l z
LINKS
