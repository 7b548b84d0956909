"""Runs a witness and says what it saw: did it pass, or which assertion failed.

Used by gate.py for mutants and their twins. A witness that does not come to its own end (a time-out, a signal) has
asserted nothing, whatever it printed before.
"""

import dataclasses
import os
import re
import subprocess
import tempfile

SECONDS = 120  # none of them needs a tenth of it; a mutant that hangs costs no more


@dataclasses.dataclass
class Run:
    passed: bool
    ended: str  # "": by itself
    failures: list  # (where, text) of each assertion that failed
    output: str


def command_of(binary, witness):
    if witness.kind == "simulate":
        return [str(binary), "--seeds", witness.case]
    return [str(binary), "--gtest_filter=" + witness.case, "--gtest_color=no"]


def run(binary, witness, seconds=SECONDS):
    with tempfile.TemporaryDirectory(prefix="l3link-witness-") as scratch:
        # The first race is enough; without halting, one that is in the way of progress reports for minutes.
        environment = dict(os.environ, TEST_TMPDIR=scratch, TSAN_OPTIONS="halt_on_error=1 exitcode=66")
        try:
            done = subprocess.run(command_of(binary, witness), cwd=scratch, env=environment, timeout=seconds, check=False,
                                  stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        except subprocess.TimeoutExpired as late:
            return Run(False, "timed out after {} s".format(seconds), [], (late.stdout or b"").decode(errors="replace"))
    output = done.stdout.decode(errors="replace")
    if done.returncode < 0:
        return Run(False, "ended by signal {}".format(-done.returncode), [], output)
    failures = failures_in(output, witness)
    return Run(done.returncode == 0 and ran_something(output, witness), "", failures, output)


def ran_something(output, witness):
    """A filter that matches no case passes, too."""
    return witness.kind == "simulate" or re.search(r"^\[  PASSED  \] [1-9]", output, re.MULTILINE) is not None


def failures_in(output, witness):
    if witness.kind == "simulate":
        return [(found.group(1), found.group(2)) for found in
                re.finditer(r"^(seed \d+) fails at step \d+: (.*)$", output, re.MULTILINE)]
    if witness.kind == "tsan":
        blocks = re.findall(r"^WARNING: ThreadSanitizer: data race.*?^SUMMARY: .*?$", output, re.MULTILINE | re.DOTALL)
        return [(where_of_race(block), block) for block in blocks]
    # The text of a failure ends at the next failure, or at GoogleTest's next line.
    found = re.finditer(r"^(\S+:\d+): Failure\n(.*?)(?=^\S+:\d+: Failure$|^\[ )", output, re.MULTILINE | re.DOTALL)
    return [(failure.group(1), failure.group(2)) for failure in found]


def where_of_race(block):
    summary = re.search(r"^SUMMARY: ThreadSanitizer: data race (\S+)", block, re.MULTILINE)
    return "data race at " + re.sub(r"^.*/(?=(?:backends|server|client|tests)/)", "", summary.group(1))


def flat(text):
    """Line breaks and indents are the test's to choose."""
    return " ".join(text.split())


def judge(seen, witness, assertion):
    """(caught, where or why not)."""
    if seen.ended:
        return False, "{} {}: that is no assertion".format(witness, seen.ended)
    if seen.passed:
        return False, "SURVIVED: {} passes".format(witness)
    for where, text in seen.failures:
        if all(flat(piece) in flat(text) for piece in assertion.split(" ... ")):
            return True, where
    others = "; ".join("{} {}".format(where, flat(text)[:160]) for where, text in seen.failures[:3]) or "nothing it names"
    return False, "{} fails, but not by \"{}\": {}".format(witness, assertion, others)
