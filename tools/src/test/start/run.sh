#!/usr/bin/env bash
# The first minutes of a user: a copy of the sources in a path with a blank, an empty HOME, another working directory.
# Prints "ok NAME", "not ok NAME: why" or "skip NAME: why" for each thing tried. In CI the Maven repository is empty too.
set -u
SOURCE=$1
WORK=$(mktemp -d)
PLACE="$WORK/a user's place"
DATA="$WORK/other data"
MAVEN_BYTES_MAX=$((220 * 1024 * 1024))
READY_MILLIS_MAX=3000

finish() {
  [ -x "$PLACE/kvasir" ] && "$PLACE/kvasir" down --dir "$DATA" >/dev/null 2>&1
  rm -rf "$WORK"
}
trap finish EXIT

ok() { echo "ok $1"; }
not_ok() { echo "not ok $1: $2"; }

# check NAME COMMAND…: ok if the command succeeds; its output is the reason otherwise.
check() {
  local name=$1 output
  shift
  if output=$("$@" 2>&1); then ok "$name"; else not_ok "$name" "exit $? of $*: $(echo "$output" | tail -n 3 | tr '\n' ' ')"; fi
}

# refuses NAME WORDS COMMAND…: ok if the command fails with one line that holds the words.
refuses() {
  local name=$1 words=$2 output
  shift 2
  if output=$("$@" 2>&1); then not_ok "$name" "$* succeeded"; return; fi
  case "$output" in *"$words"*) ;; *) not_ok "$name" "'$words' is not in: $output"; return ;; esac
  [ "$(echo "$output" | wc -l)" = 1 ] && ok "$name" || not_ok "$name" "more than a line: $output"
}

free_port() {
  local port offset
  while :; do
    port=$((10000 + RANDOM % 20000))
    for offset in 0 1 2 1000 1001 1002 2000 2001 2002; do
      (exec 3<>"/dev/tcp/127.0.0.1/$((port + offset))") 2>/dev/null && continue 2
    done
    echo "$port"
    return
  done
}

# redis PORT WORDS…: sends one command inline and prints the first line of the reply, or nothing after five seconds.
redis() {
  local port=$1 line=
  shift
  exec 3<>"/dev/tcp/127.0.0.1/$port" || return 1
  printf '%s\r\n' "$*" >&3
  IFS= read -r -t 5 line <&3
  case "$line" in '$'[0-9]*) IFS= read -r -t 5 line <&3 ;; esac
  exec 3>&-
  printf '%s' "${line%$'\r'}"
}

answers() { [ "$(redis "${@:2}")" = "$1" ] || { echo "answered $(redis "${@:2}")"; return 1; }; }

mkdir -p "$PLACE" "$WORK/home" "$WORK/elsewhere"
(cd "$SOURCE" && tar cf - --exclude=target --exclude=./data --exclude=.git --exclude=node_modules .) | tar xf - -C "$PLACE"
REPOSITORY=${HOME:-/root}/.m2/repository
[ "${CI:-}" = true ] && REPOSITORY=$WORK/m2
export HOME=$WORK/home MAVEN_OPTS="-Dmaven.repo.local=$REPOSITORY"
unset JAVA_HOME
cd "$WORK/elsewhere" || exit 1
port=$(free_port)

refuses "an unknown flag is refused before anything is built" "is no flag" "$PLACE/kvasir" up --prot 1 --dir "$DATA"
[ -e "$PLACE/target/dist" ] && not_ok "nothing is built for a wrong flag" "target/dist exists"

first=$("$PLACE/kvasir" up --detach --dir "$DATA" --port "$port" 2>&1)
case "$first" in
  *"READY in "*) ok "up builds and starts from an empty home, in a path with a blank" ;;
  *) not_ok "up builds and starts from an empty home, in a path with a blank" "$(echo "$first" | tail -n 5 | tr '\n' ' ')"; exit 1 ;;
esac
case "$first" in *"Exception"* | *" INFO "* | *" WARN "*) not_ok "up prints no log lines" "$first" ;; *) ok "up prints no log lines" ;; esac
if [ "${CI:-}" = true ]; then
  bytes=$(du -sb "$REPOSITORY" | cut -f1)
  [ "$bytes" -le "$MAVEN_BYTES_MAX" ] && ok "an empty Maven repository grows to at most 220 MB" ||
    not_ok "an empty Maven repository grows to at most 220 MB" "$bytes bytes"
fi
check "a write is answered" answers "+OK" "$port" SET k v
check "a read is answered" answers "v" "$port" GET k
check "status finds the node" "$PLACE/kvasir" status --dir "$DATA"
refuses "a second up in the same directory is refused" "is running already" "$PLACE/kvasir" up --detach --dir "$DATA"
refuses "a taken port is refused by name" "is taken by process" "$PLACE/kvasir" up --detach --dir "$DATA.2" --port "$port"
check "a killed node is started again" "$PLACE/kvasir" node kill 0 --dir "$DATA"
check "start brings it back" "$PLACE/kvasir" node start 0 --dir "$DATA"
check "what was acknowledged survived the kill" answers "v" "$port" GET k
check "down stops it" "$PLACE/kvasir" down --dir "$DATA"
refuses "another number of nodes is refused" "was created with --nodes 1" "$PLACE/kvasir" up --detach --nodes 2 --dir "$DATA"

mkdir "$WORK/bin" && printf '#!/bin/sh\nexit 1\n' >"$WORK/bin/mvn" && chmod +x "$WORK/bin/mvn"
again=$(PATH=$WORK/bin:$PATH "$PLACE/kvasir" up --detach --dir "$DATA" 2>&1)
millis=$(echo "$again" | sed -n 's/^READY in \([0-9]*\)\.\([0-9]\) s$/\1\200/p')
if [ -n "$millis" ] && [ "$millis" -le "$READY_MILLIS_MAX" ]; then
  ok "unchanged sources are ready in 3 s"
else
  not_ok "unchanged sources are ready in 3 s" "$(echo "$again" | head -n 3 | tr '\n' ' ')"
fi
case "$again" in *build*) not_ok "unchanged sources are not built" "$again" ;; *) ok "unchanged sources are not built" ;; esac
check "what was written is there after a restart" answers "v" "$port" GET k
check "down stops it again" "$PLACE/kvasir" down --dir "$DATA"

"$PLACE/kvasir" up --dir "$WORK/front" --port "$port" >"$WORK/front.out" 2>&1 &
front=$!
for _ in $(seq 1 200); do grep -q '^READY' "$WORK/front.out" && break; read -r -t 0.1 <> <(:); done
kill -TERM "$front" # a shell lets its background jobs ignore INT
wait "$front"
code=$?
[ "$code" = 0 ] && ok "a request to stop ends all" || not_ok "a request to stop ends all" "exit $code: $(tail -n 3 "$WORK/front.out" | tr '\n' ' ')"
(exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && not_ok "nothing runs after it" "port $port answers" || ok "nothing runs after it"

three=$("$PLACE/kvasir" up --detach --nodes 3 --dir "$DATA.3" --port "$port" 2>&1)
case "$three" in
  *"READY in "*)
    ok "three nodes start"
    check "a write at one node" answers "+OK" "$port" SET three nodes
    check "is read at another" answers "nodes" $((port + 2)) GET three
    check "one of three is killed" "$PLACE/kvasir" node kill 0 --dir "$DATA.3"
    for _ in $(seq 1 100); do [ "$(redis $((port + 1)) GET three)" = nodes ] && break; read -r -t 0.1 <> <(:); done
    check "the other two go on" answers "+OK" $((port + 1)) SET three again
    check "it comes back" "$PLACE/kvasir" node start 0 --dir "$DATA.3"
    check "and knows" answers "again" "$port" GET three ;;
  *) not_ok "three nodes start" "$(echo "$three" | tail -n 4 | tr '\n' ' ')" ;;
esac
check "three nodes stop" "$PLACE/kvasir" down --dir "$DATA.3"
