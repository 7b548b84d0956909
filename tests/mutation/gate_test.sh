#!/bin/bash
# Bazel's way into gate_test.py, with Debian's Python.
set -euo pipefail
cd "$(dirname "$0")"
exec /usr/bin/python3 -B gate_test.py
