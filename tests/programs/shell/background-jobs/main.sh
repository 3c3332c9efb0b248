#!/usr/bin/env bash
# Background jobs, wait, traps, pipes and a coprocess; output in a fixed order.
set -u
export LC_ALL=C

collatz() {
    local n=$1 steps=0
    while (( n != 1 )); do
        n=$(( n % 2 ? 3 * n + 1 : n / 2 ))
        steps=$(( steps + 1 ))
    done
    echo "$1 takes $steps steps"
}

echo "== one pipe per job, read in starting order"
declare -a channels=()
for n in 27 97 6 871; do
    exec {fd}< <(collatz "$n")
    channels+=("$fd")
done
for fd in "${channels[@]}"; do
    cat <&"$fd"
    exec {fd}<&-
done

echo "== exit codes through wait"
work() { sleep "0.0$(( 4 - $1 ))"; return $(( $1 * 10 )); }
declare -a pids=()
for i in 1 2 3; do work "$i" & pids+=($!); done
for i in "${!pids[@]}"; do
    wait "${pids[i]}"
    echo "job $(( i + 1 )) returned $?"
done

echo "== wait -n gives one at a time"
( exit 7 ) & ( exit 7 ) &
for _ in 1 2; do wait -n; echo "one ended with $?"; done
wait -n 2>/dev/null
echo "no jobs left: $?"

echo "== a job stopped by a signal"
sleep 30 & victim=$!
kill -TERM "$victim"
wait "$victim" 2>/dev/null
echo "ended with $? ($(kill -l $?))"

echo "== traps"
on_usr1() { caught=$(( caught + 1 )); }
caught=0
trap on_usr1 USR1
for _ in 1 2 3; do kill -USR1 $$; done
echo "caught $caught"
( trap 'echo "subshell cleans up"' EXIT; echo "subshell works"; exit 3 )
echo "subshell returned $?"

echo "== parallel lines through one pipe, then sorted"
{
    for letter in a b c d; do
        { for i in 1 2 3; do echo "$letter$i"; done; } &
    done
    wait
} | sort | paste -sd' '

echo "== xargs with two at a time"
seq 1 6 | xargs -P 2 -n 1 sh -c 'echo "$1 squared is $(( $1 * $1 ))"' _ | sort -n

echo "== a coprocess"
coproc ADDER { while read -r a b; do echo $(( a + b )); done; }
adder_pid=$ADDER_PID
for pair in "1 2" "30 12" "-5 5"; do
    echo "$pair" >&"${ADDER[1]}"
    read -r sum <&"${ADDER[0]}"
    echo "$pair -> $sum"
done
eval "exec ${ADDER[1]}>&-"
wait "$adder_pid"
echo "coprocess ended with $?"

echo "== pipe status"
true | ( cat; exit 4 ) | false | cat
echo "statuses: ${PIPESTATUS[*]}"
yes "endless" | head -n 2
echo "statuses: ${PIPESTATUS[*]}"
timeout 0.05 sleep 5
echo "timeout gives $?"
