# shellcheck shell=bash
# How dev/lint and dev/abi report: one line a check, the words of a failing one, and a closing count. Sourced, never run.

CHECKS_OK=0
CHECKS_FAILED=0
CHECKS_SKIPPED=0

# check NAME COMMAND...: quiet unless it fails.
check() {
  local name=$1 output began=$SECONDS
  shift
  if output=$("$@" 2>&1); then
    CHECKS_OK=$((CHECKS_OK + 1))
    echo "ok $name$([ $((SECONDS - began)) -lt 5 ] || echo " ($((SECONDS - began)) s)")"
  else
    CHECKS_FAILED=$((CHECKS_FAILED + 1))
    echo "FAILED $name"
    printf '%s\n' "${output:-(no output)}"
  fi
}

# check_with TOOL NAME COMMAND...: as check, but says so and goes on where the tool is not installed.
check_with() {
  local tool=$1 name=$2
  shift
  if command -v "$tool" >/dev/null; then
    check "$@"
  else
    CHECKS_SKIPPED=$((CHECKS_SKIPPED + 1))
    echo "SKIPPED $name: no $tool here (dev/setup --test installs it)"
  fi
}

# The last line, which dev/test reads; the exit status says whether all were well.
checks_done() {
  echo "$1: $CHECKS_OK passed, $CHECKS_FAILED failed, $CHECKS_SKIPPED skipped"
  [ "$CHECKS_FAILED" = 0 ]
}

# Tracked and new files of the project; without git (an unpacked archive) whatever lies here.
all_files() {
  if git -c safe.directory='*' rev-parse --is-inside-work-tree >/dev/null 2>&1; then
    git -c safe.directory='*' ls-files --cached --others --exclude-standard --deduplicate
  else
    find . -type f -not -path './bazel-*' -not -path './out/*' -not -path './.git/*' -printf '%P\n'
  fi
}

# project_files PATTERN...: those that match one of the patterns (* matches slashes too) and exist.
project_files() {
  local file pattern
  while read -r file; do
    for pattern in "$@"; do
      # shellcheck disable=SC2053  # a pattern it is
      if [[ $file == $pattern ]] && [ -f "$file" ]; then
        echo "$file"
        break
      fi
    done
  done < <(all_files)
}
