#!/usr/bin/env bats
# The shared library as a file: its names, its soname, and where it finds the simulated chip.

bats_require_minimum_version 1.5.0

RUNTIME=backends/runtime/libl3link_runtime.so
CHIP=backends/sim/chip/l3link-sim-chip

# Copies of everything, away from the build tree: nothing is found there that a test did not put there.
setup() {
  HOME_OF_TEST=$(mktemp -d /dev/shm/l3link-runtime-test.XXXXXX)
  mkdir "$HOME_OF_TEST/lib" "$HOME_OF_TEST/bin"
  cp -L "$RUNTIME" "$HOME_OF_TEST/lib/libl3link_runtime.so.1"
  cp -L tests/runtime/probe "$HOME_OF_TEST/bin/probe"
  LIBRARY=$HOME_OF_TEST/lib/libl3link_runtime.so.1
  unset L3LINK_SIM_CHIP
}

teardown() { rm -rf "$HOME_OF_TEST"; }

probe() { run -"${EXPECTED:-0}" "$HOME_OF_TEST/bin/probe" "$LIBRARY" "$@"; }

@test "exports the names of the header, and nothing else" {
  nm -D --defined-only "$RUNTIME" | awk '$2 != "A" { sub(/@.*/, "", $3); print $3 }' | sort >"$HOME_OF_TEST/exported"
  grep -oE '[a-z0-9_]+\(' backends/runtime/runtime_c_api.h | tr -d '(' | grep -E '_ctx$|^l3link_' | sort -u \
    >"$HOME_OF_TEST/declared"
  diff "$HOME_OF_TEST/declared" "$HOME_OF_TEST/exported"
  [ "$(grep -c _ctx "$HOME_OF_TEST/exported")" = 11 ]
}

@test "has a versioned soname" {
  objdump -p "$RUNTIME" | grep -qE 'SONAME +libl3link_runtime\.so\.1$'
  objdump -p "$(readlink -f backends/runtime/libl3link_runtime.so.1)" | grep -qE 'SONAME +libl3link_runtime\.so\.1$'
}

@test "the header compiles as C11 and as C++, by itself" {
  for how in "cc -std=c11 -x c" "c++ -std=c++11 -x c++" "c++ -std=c++20 -x c++"; do
    printf '#include "backends/runtime/runtime_c_api.h"\n#include "backends/runtime/runtime_c_api.h"\n' |
      $how -Wall -Wextra -Werror -pedantic -I. -fsyntax-only -
  done
}

@test "the program of docs/runtime.md compiles by the line beside it, and says hello" {
  ln -sfn . bazel-bin
  snippet() { awk -v lang="$1" -v nth=1 -f tests/readme/snippet.awk docs/runtime.md; }
  snippet c >host.c
  bash -euo pipefail -c "$(snippet sh | grep '^cc ') -o host"
  run -0 ./host
  [ "$output" = hello ]
}

@test "finds the chip by the option sim_chip=" {
  probe a2a3sim "program=echo,sim_chip=$(readlink -f $CHIP)"
  [ "$output" = ok ]
}

@test "finds the chip by L3LINK_SIM_CHIP" {
  L3LINK_SIM_CHIP=$(readlink -f $CHIP) probe a2a3sim program=echo
  [ "$output" = ok ]
}

@test "finds the chip beside the library" {
  cp -L $CHIP "$HOME_OF_TEST/lib/"
  probe a5sim program=echo
  [ "$output" = ok ]
}

@test "finds the chip in the library's build tree" {
  mkdir -p "$HOME_OF_TEST/lib/backends/sim/chip"
  cp -L $CHIP "$HOME_OF_TEST/lib/backends/sim/chip/"
  mkdir "$HOME_OF_TEST/lib/deeper"
  mv "$LIBRARY" "$HOME_OF_TEST/lib/deeper/"
  LIBRARY=$HOME_OF_TEST/lib/deeper/libl3link_runtime.so.1
  probe a2a3sim program=echo
  [ "$output" = ok ]
}

@test "finds the chip on PATH" {
  cp -L $CHIP "$HOME_OF_TEST/bin/other-name"
  mkdir "$HOME_OF_TEST/path"
  cp -L $CHIP "$HOME_OF_TEST/path/"
  PATH="$PATH:$HOME_OF_TEST/path" probe a2a3sim program=echo
  [ "$output" = ok ]
}

@test "without a chip it says where it looked" {
  EXPECTED=1 probe a2a3sim
  [[ $output == ENOENT:*"$HOME_OF_TEST/lib/l3link-sim-chip"* ]]
}

@test "what was asked for by name is never replaced" {
  cp -L $CHIP "$HOME_OF_TEST/lib/"
  EXPECTED=1 probe a2a3sim sim_chip=/nowhere/chip
  [[ $output == ENOENT:*/nowhere/chip* ]]
}

@test "a chip program that cannot run is an error with its words" {
  EXPECTED=1 probe a2a3sim "program=knitting,sim_chip=$(readlink -f $CHIP)"
  [[ $output == EIO:*"exited with status 2"*"unknown program 'knitting'"* ]]
}

@test "a context leaves neither process nor arena behind" {
  probe a2a3sim "program=echo,sim_chip=$(readlink -f $CHIP),state_dir=$HOME_OF_TEST/state"
  [ "$output" = ok ]
  [ ! -e "$HOME_OF_TEST/state/chips/0/arena" ]
  run ! pgrep -f "arena=$HOME_OF_TEST/state"
}

@test "a program that ends with a context open leaves neither process nor arena behind, a forked child ends nothing" {
  probe a2a3sim "program=echo,sim_chip=$(readlink -f $CHIP),state_dir=$HOME_OF_TEST/state" leave
  [ "$output" = ok ]
  [ -e "$HOME_OF_TEST/state/chips/0/chip.log" ]
  [ ! -e "$HOME_OF_TEST/state/chips/0/arena" ]
  run ! pgrep -f "arena=$HOME_OF_TEST/state"
}

@test "a context begins anew where a killed one left its state" {
  options="program=echo,sim_chip=$(readlink -f $CHIP),state_dir=$HOME_OF_TEST/state"
  "$HOME_OF_TEST/bin/probe" "$LIBRARY" a2a3sim "$options,chip_arg=--delay-us=3000000" &
  left=$!
  until [ -e "$HOME_OF_TEST/state/chips/0/arena" ]; do sleep 0.05; done
  kill -KILL $left
  wait $left || true
  probe a2a3sim "$options"
  [ "$output" = ok ]
}
