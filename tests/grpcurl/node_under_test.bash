# shellcheck shell=bash
# A real node with an echo chip for the bats files beside this one: start_node in setup_file, stop_node in teardown_file.
# Also g: grpcurl on this node, over the transport under test.

# Exports ADDRESS (host:port), SOCKET and NODE_PID. State lies in memory, in a folder of its own.
start_node() {
  STATE=$(mktemp -d /dev/shm/l3link-grpcurl.XXXXXX)
  export STATE SOCKET="$STATE/l3linkd.sock" CALLED="$STATE/called"
  touch "$CALLED"
  # bats waits for every process that holds its descriptor 3.
  server/l3linkd --listen 127.0.0.1:0 --unix "$SOCKET" --state-dir "$STATE/node" --platform a2a3sim=1 \
    --sim-program echo --ready-file "$STATE/ready" >"$STATE/log" 2>&1 3>&- &
  export NODE_PID=$!
  for _ in $(seq 600); do
    [ -s "$STATE/ready" ] && break
    kill -0 "$NODE_PID" 2>/dev/null || break
    sleep 0.05
  done
  if ! [ -s "$STATE/ready" ]; then
    echo "the node did not get ready:" >&3
    sed 's/^/# /' "$STATE/log" >&3
    return 1
  fi
  ADDRESS=$(sed -n 's/.*grpc=\([^ ]*\).*/\1/p' "$STATE/ready" | tail -n 1)
  export ADDRESS
}

stop_node() {
  kill -TERM "$NODE_PID" 2>/dev/null || true
  for _ in $(seq 400); do
    kill -0 "$NODE_PID" 2>/dev/null || break
    sleep 0.05
  done
  pkill -KILL -f -- "$STATE/" || true
  rm -rf "$STATE"
}

# g [grpcurl options] METHOD: l3link.v1. is put before a method of this project; notes which RPC was called.
g() {
  local method="${*: -1}" options=("${@:1:$#-1}") where
  case $method in
    */*)
      method="l3link.v1.$method"
      echo "$method" >>"$CALLED"
      ;;
  esac
  if [ "$TRANSPORT" = unix ]; then where=(-unix "$SOCKET"); else where=("$ADDRESS"); fi
  timeout 60 grpcurl -plaintext -max-time 30 "${options[@]}" "${where[@]}" "$method"
}

# The same for what takes several words after the address: list SERVICE, describe SYMBOL.
g_reflect() {
  local where
  if [ "$TRANSPORT" = unix ]; then where=(-unix "$SOCKET"); else where=("$ADDRESS"); fi
  timeout 60 grpcurl -plaintext "${where[@]}" "$@"
}
