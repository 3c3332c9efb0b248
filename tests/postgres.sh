#!/bin/sh
# A PostgreSQL of the tests' own in a folder and on a port of loopback. Ends, and removes the folder, when it is told to
# (SIGTERM) or when whoever started it has gone. Where a file `keep` is in the folder then, that one goes and the rest stays.
#
#   tests/postgres.sh FOLDER PORT [tls]      prints `ready` once it answers
#
# With `tls` it speaks TLS too, with a certificate for `localhost` that FOLDER/authority.crt vouches for and FOLDER/stranger.crt does not.
set -eu
folder=$1 port=$2 tls=${3:-}
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

# A certificate for `localhost` and its key, signed by an authority made for it; and another authority.
certify() {
  cd "$folder"
  for name in authority stranger; do
    openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj "/CN=$name" -keyout "$name.key" -out "$name.crt" \
      -addext basicConstraints=critical,CA:TRUE
  done
  openssl req -newkey rsa:2048 -nodes -subj /CN=localhost -keyout server.key -out server.csr
  echo 'subjectAltName=DNS:localhost' >server.ext
  openssl x509 -req -days 2 -in server.csr -CA authority.crt -CAkey authority.key -CAcreateserial -extfile server.ext -out server.crt
  chmod 600 server.key
  [ -z "$as" ] || chown postgres server.key
}
set --
if [ -n "$tls" ]; then
  certify >"$folder/certify.log" 2>&1 || { cat "$folder/certify.log" >&2; exit 1; }
  set -- -c ssl=on -c ssl_cert_file="$folder/server.crt" -c ssl_key_file="$folder/server.key"
fi
$as "$bin/postgres" "$@" -D "$folder/data" -c listen_addresses=127.0.0.1 -c port="$port" -c unix_socket_directories= \
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
