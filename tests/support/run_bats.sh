#!/bin/bash
# Bazel's way into a bats file: `run_bats.sh FILE [TRANSPORT]`. Prints TAP, which dev/test counts case by case.
set -euo pipefail

home=$(getent passwd "$(id -u)" | cut -d: -f6)
export PATH="${L3LINK_TOOLS:-$home/.cache/l3link/bin}:$PATH"
export HOME="${HOME:-$home}" TRANSPORT="${2:-tcp}"
export TMPDIR="${TEST_TMPDIR:-/tmp}"
exec bats --tap "$1"
