#!/bin/bash
# Bazel's way into a pytest file: `run_pytest.sh FILE`. Writes its cases to Bazel's test.xml, which dev/test counts; Debian's Python,
# whatever else is on PATH, with the package and its extension from the runfiles.
set -euo pipefail

export PYTHONPATH="$PWD/client/python:$PWD/tests/python" PYTHONDONTWRITEBYTECODE=1 PYTEST_DISABLE_PLUGIN_AUTOLOAD=1
export HOME="${HOME:-${TEST_TMPDIR:-/tmp}}" TMPDIR="${TEST_TMPDIR:-/tmp}"
exec /usr/bin/python3 -m pytest -c /dev/null --rootdir="$PWD" --import-mode=importlib -p no:cacheprovider -q -rs \
  --basetemp="$TMPDIR/pytest" --junitxml="${XML_OUTPUT_FILE:-$TMPDIR/test.xml}" "$@"
