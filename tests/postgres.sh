#!/bin/sh
# A PostgreSQL of the tests' own in a folder and on a port of loopback. Ends, and removes the folder, when it is told to
# (SIGTERM) or when whoever started it has gone. Where a file `keep` is in the folder then, that one goes and the rest stays.
#
#   tests/postgres.sh FOLDER PORT      prints `ready` once it answers
set -eu
folder=$1 port=$2
bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -1)
[ -n "$bin" ] || { echo 'PostgreSQL is missing: scripts/setup --for-tests installs it' >&2; exit 1; }
as=
if [ "$(id -u)" = 0 ]; then
  as='setpriv --reuid postgres --regid postgres --clear-groups'
  chown postgres "$folder"
fi
pid=
end() {
  trap - EXIT TERM INT
  [ -z "$pid" ] || { kill -INT "$pid" 2>/dev/null || true; wait "$pid" || true; }
  if [ -e "$folder/keep" ]; then rm "$folder/keep"; else rm -rf "$folder"; fi
}
trap end EXIT
trap 'exit 0' TERM INT
cd "$folder"
[ -e "$folder/data" ] || $as "$bin/initdb" --pgdata "$folder/data" --username tests --auth trust --encoding UTF8 --no-sync >"$folder/initdb.log" 2>&1 || {
  cat "$folder/initdb.log" >&2
  exit 1
}
$as "$bin/postgres" -D "$folder/data" -c listen_addresses=127.0.0.1 -c port="$port" -c unix_socket_directories= \
  -c max_connections=200 >"$folder/log" 2>&1 &
pid=$!
tries=0
until "$bin/pg_isready" --quiet --host 127.0.0.1 --port "$port"; do
  tries=$((tries + 1))
  [ "$tries" -lt 300 ] && kill -0 "$pid" 2>/dev/null || { cat "$folder/log" >&2; exit 1; }
  sleep 0.1
done
echo ready
# Its stdin is a pipe that closes when whoever holds the other end has gone.
while read -r _; do :; done
