#!/usr/bin/env bats
# dev/install into a fresh prefix, and programs in a folder outside of the tree that are compiled and run against it alone: by the
# lines of docs/install.md, and by CMake. Nothing of the build tree is on any path then.

bats_require_minimum_version 1.5.0

setup_file() {
  export ROOT=$PWD
  OUTSIDE=$(mktemp -d /dev/shm/l3link-install.XXXXXX)
  export OUTSIDE PREFIX="$OUTSIDE/prefix"
  export PKG_CONFIG_PATH="$PREFIX/lib/pkgconfig"
  unset LD_LIBRARY_PATH L3LINK_SIM_CHIP L3LINK_L3LINKD TEST_SRCDIR RUNFILES_DIR
  dev/install --from . "$PREFIX" >"$OUTSIDE/install.log" 2>&1 || { sed 's/^/# /' "$OUTSIDE/install.log" >&3 && return 1; }
  cp -L tests/install/outside/* "$OUTSIDE"
  lines=$(awk -v lang=sh -v nth=1 -f tests/readme/snippet.awk docs/install.md | sed "s|PREFIX|$PREFIX|")
  (cd "$OUTSIDE" && bash -euxo pipefail -c "$lines" && start_node) >"$OUTSIDE/log" 2>&1 || { sed 's/^/# /' "$OUTSIDE/log" >&3 && return 1; }
}

teardown_file() {
  if [ -e "$OUTSIDE/pid" ]; then stop_node; fi
  rm -rf "$OUTSIDE"
}

setup() { cd "$OUTSIDE" || return 1; }

# The installed daemon with the chip program of chip.c.
start_node() {
  "$PREFIX/bin/l3linkd" --listen none --unix "$OUTSIDE/l3linkd.sock" --state-dir "$OUTSIDE/state" --sim-program "$OUTSIDE/chip.so" \
    --ready-file "$OUTSIDE/ready" 3>&- &
  echo $! >"$OUTSIDE/pid"
  for _ in $(seq 600); do
    if [ -s "$OUTSIDE/ready" ]; then return 0; fi
    kill -0 "$(cat "$OUTSIDE/pid")" 2>/dev/null || break
    sleep 0.05
  done
  return 1
}

stop_node() {
  local pid
  pid=$(cat "$OUTSIDE/pid")
  kill -TERM "$pid" 2>/dev/null || true
  for _ in $(seq 400); do
    kill -0 "$pid" 2>/dev/null || return 0
    sleep 0.05
  done
  kill -KILL "$pid"
}

# What orchestrator.cc and host.c print.
readonly ASKED=$'HELLO CHIP 1\nHELLO CHIP 2\nHELLO CHIP 3\nkept'
readonly HOSTED=$'HELLO CHIP 7\nkept'

@test "a C++ orchestrator talks to a C chip program in the installed node" {
  run -0 ./orchestrator "unix:$OUTSIDE/l3linkd.sock"
  [ "$output" = "$ASKED" ]
}

@test "a program with the client sleeps by the client's clock, not the C library's" {
  nm -D --defined-only orchestrator | grep -q ' T syscall'
  nm -D --defined-only orchestrator | grep -q ' T clock_gettime'
}

@test "a C host program runs the chip program in its own process" {
  run -0 ./host "$OUTSIDE/chip.so"
  [ "$output" = "$HOSTED" ]
}

@test "CMake builds all of them, and an integration test by the test kit" {
  cmake -S . -B built -DCMAKE_PREFIX_PATH="$PREFIX" -DCMAKE_BUILD_TYPE=Debug -DCMAKE_C_FLAGS="-Wall -Wextra -Werror -pedantic" \
    -DCMAKE_CXX_FLAGS="-Wall -Wextra -Werror"
  cmake --build built
  run -0 built/orchestrator "unix:$OUTSIDE/l3linkd.sock"
  [ "$output" = "$ASKED" ]
  run -0 built/host "$OUTSIDE/built/libchip.so"
  [ "$output" = "$HOSTED" ]
  run -0 --separate-stderr built/kit "$OUTSIDE/built/libchip.so"
  [ "$output" = $'A TEST\nquestion answered 7' ]
}

# configure WORDS...: a project of C alone in a folder of its own, which asks for L3Link with these words.
configure() {
  rm -rf c-only
  mkdir c-only
  printf '%s\n' "cmake_minimum_required(VERSION 3.25)" "project(c-only LANGUAGES C)" "find_package(L3Link $*)" \
    "add_executable(host ../host.c)" "target_link_libraries(host PRIVATE L3Link::runtime L3Link::chip)" >c-only/CMakeLists.txt
  cmake -S c-only -B c-only/built -DCMAKE_PREFIX_PATH="$PREFIX" -DCMAKE_DISABLE_FIND_PACKAGE_PkgConfig=ON
}

@test "a CMake project in C takes the parts it needs, without gRPC" {
  configure 0.1 REQUIRED COMPONENTS runtime chip
  cmake --build c-only/built
  run -0 c-only/built/host "$OUTSIDE/chip.so"
  [ "$output" = "$HOSTED" ]
}

@test "CMake refuses another version, and a part that is none, by name" {
  run ! configure 0.2 REQUIRED COMPONENTS runtime
  grep -q 'version: 0.1' <<<"$output"
  run ! configure 0.1 REQUIRED COMPONENTS runtime weaver
  grep -q 'L3Link has no component weaver: client, runtime, chip, testkit' <<<"$output"
}

@test "every installed header of chips, runtime and test kit compiles by itself" {
  while read -r header; do
    how="c++ -std=c++20 -x c++"
    if [[ $header == backends/abi/* || $header == backends/runtime/* ]]; then how="cc -std=c11 -pedantic -x c"; fi
    echo "$header"
    # shellcheck disable=SC2086,SC2046  # words of options
    echo "#include \"$header\"" | $how -Wall -Wextra -Werror -fsyntax-only $(pkg-config --cflags l3link-testkit) -
  done < <(cd "$PREFIX/include/l3link" && find backends -name '*.h')
}

@test "grpcurl reads the installed descriptors" {
  command -v grpcurl >/dev/null || skip "grpcurl is not installed: dev/setup --test"
  run -0 grpcurl -protoset "$PREFIX/share/l3link/l3link.protoset" -plaintext -unix "$OUTSIDE/l3linkd.sock" \
    l3link.v1.NodeService/ListChips
  grep -q '"platform": "a2a3sim"' <<<"$output"
  run -0 grpcurl -protoset "$PREFIX/share/l3link/l3link.protoset" describe l3link.v1.ChannelService.Stream
  grep -q '^//' <<<"$output"
}

@test "the protos compile from where they are" {
  protoc -I"$PREFIX/share/l3link/proto" --descriptor_set_out=compiled l3link/v1/channel.proto l3link/v1/error.proto \
    l3link/v1/memory.proto l3link/v1/node.proto
  [ -s compiled ]
}

@test "the installed binaries run: the command line and the simulated chip" {
  run -0 "$PREFIX/bin/l3linkctl" --target "unix:$OUTSIDE/l3linkd.sock" status
  grep -q a2a3sim <<<"$output"
  run -0 "$PREFIX/bin/l3link-sim-chip" --version
  run -0 "$PREFIX/bin/l3link-main-job" --help
}

@test "the prefix works after it was moved" {
  cp -r "$PREFIX" moved
  # shellcheck disable=SC2046  # words of options
  PKG_CONFIG_PATH=$OUTSIDE/moved/lib/pkgconfig run -0 pkg-config --cflags --libs l3link-runtime
  [[ $output == *"moved"* && $output != *"$PREFIX"* ]]
  run ! grep -rIl "$PREFIX" moved
  LD_LIBRARY_PATH=$OUTSIDE/moved/lib PATH=/usr/bin:/bin run -0 ./host "$OUTSIDE/chip.so"
}

@test "installing again replaces our files and leaves others alone" {
  echo "not ours" >"$PREFIX/lib/foreign"
  (cd "$ROOT" && dev/install --from . "$PREFIX")
  [ "$(cat "$PREFIX/lib/foreign")" = "not ours" ]
  while read -r file; do [ -e "$PREFIX/$file" ] || { echo "listed and not there: $file" && false; }; done \
    <"$PREFIX/share/l3link/files"
  (cd "$PREFIX" && find . -type f -o -type l) | sed 's|^\./||' | grep -v '^lib/foreign$' | sort | diff - "$PREFIX/share/l3link/files"
}

@test "a prefix that cannot be is refused, and nothing is asked of anybody" {
  run -2 "$ROOT/dev/install"
  grep -q 'no PREFIX' <<<"$output"
  echo >"$OUTSIDE/a-file"
  run -1 "$ROOT/dev/install" --from "$ROOT" "$OUTSIDE/a-file"
  grep -q 'is not a folder' <<<"$output"
  run -1 "$ROOT/dev/install" --from "$ROOT" /proc/l3link
  grep -q 'cannot make /proc/l3link' <<<"$output"
  run -1 "$ROOT/dev/install" --from "$OUTSIDE" "$OUTSIDE/other"
  grep -q 'there is no ' <<<"$output"
  run -0 "$ROOT/dev/install" --help
  grep -q 'usage: dev/install' <<<"$output"
}
