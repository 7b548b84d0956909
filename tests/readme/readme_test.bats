#!/usr/bin/env bats
# The README's snippets as a reader runs them: taken from README.md word for word, on its own port, with bazel-bin where a
# reader has it. (The containers' snippet is run by tests/containers/run.)

bats_require_minimum_version 1.5.0

# snippet LANG [NTH]: a block of README.md.
snippet() { awk -v lang="$1" -v nth="${2:-1}" -f tests/readme/snippet.awk README.md; }

# run_snippet LANG [NTH]: runs it as a script that stops at its first failing line.
run_snippet() { run -0 bash -euo pipefail -c "$(snippet "$@")"; }

# A node of this test's own: state in memory, in a folder that is taken for the user's runtime directory.
setup_file() {
  XDG_RUNTIME_DIR=$(mktemp -d /dev/shm/l3link-readme.XXXXXX)
  export XDG_RUNTIME_DIR
  ln -sfn . bazel-bin
  if ss -ltn | grep -q '127.0.0.1:50051 '; then
    echo "# port 50051, which the README uses, is taken: stop what listens there" >&3
    return 1
  fi
  eval "$(snippet sh 1)" >"$XDG_RUNTIME_DIR/log" 2>&1 3>&- || { sed 's/^/# /' "$XDG_RUNTIME_DIR/log" >&3 && return 1; }
  NODE_PID=$!
  export NODE_PID
}

teardown_file() {
  stop_node "$NODE_PID"
  rm -rf "$XDG_RUNTIME_DIR"
}

stop_node() {
  kill -TERM "$1" 2>/dev/null || true
  for _ in $(seq 400); do
    kill -0 "$1" 2>/dev/null || return 0
    sleep 0.05
  done
  kill -KILL "$1"
}

@test "the first block starts a node and shows its status" {
  grep -q '^ready grpc=127.0.0.1:50051 unix=' "$XDG_RUNTIME_DIR/log"
  grep -q a2a3sim "$XDG_RUNTIME_DIR/log"
}

@test "the command line's block exchanges a message and keeps words in a region" {
  run_snippet sh 2
  grep -q 'hello chip' <<<"$output"
  grep -q 'kept in shared memory' <<<"$output"
}

@test "the grpcurl block lists, and talks to the chip" {
  command -v grpcurl >/dev/null || skip "grpcurl is not installed: dev/setup --test"
  run_snippet "sh grpcurl"
  grep -q l3link.v1.ChannelService <<<"$output"
  grep -q '"platform": "a2a3sim"' <<<"$output"
  grep -q '"text": "one"' <<<"$output"
  grep -q '"text": "two"' <<<"$output"
}

@test "the C++ program sends three pings and gets them back" {
  run -0 tests/readme/from_cpp
  [ "$output" = "$(printf 'ping 0\nping 1\nping 2')" ]
}

@test "the chip program in C compiles by the README's own line, and answers in capitals" {
  snippet c >shout.c
  compile=$(grep -o '`cc [^`]*`' README.md | tr -d '`')
  run -0 bash -euo pipefail -c "$compile"
  l3linkd --listen none --unix "$XDG_RUNTIME_DIR/loud.sock" --state-dir "$XDG_RUNTIME_DIR/loud" --sim-program ./shout.so \
    >"$XDG_RUNTIME_DIR/loud.log" 2>&1 3>&- &
  loud=$!
  export L3LINK_TARGET="unix:$XDG_RUNTIME_DIR/loud.sock"
  l3linkctl wait-ready
  l3linkctl channels open loud
  run -0 l3linkctl exchange loud <<<"hello chip"
  stop_node "$loud"
  grep -q 'HELLO CHIP' <<<"$output"
}
