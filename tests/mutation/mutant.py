"""A sabotage of the sans-IO core: a patch, and above it what it breaks and who is expected to notice.

Read by gate.py. The header of a patch file, before its first `---`:

    Some words: what the sabotage is, in one line or several.
    Caught-by: //backends/host:lane_consumer_test LaneConsumerTest.RefusesAnAckBeyondWhatWasDelivered
    Assertion: lane.Ack(3)

Caught-by names who must fail, Assertion a piece of the text with which it does (or several, with " ... " between them);
each Caught-by has its Assertion, and all of them must hold. Three kinds of Caught-by:

    TARGET SUITE.TEST        a GoogleTest case; the text is of one of its failures
    tsan TARGET SUITE.TEST   the case built with ThreadSanitizer; the text is of a data race that it reports
    simulate SEEDS           that many seeds of the simulation; the text is of the invariant that is violated
"""

import dataclasses
import pathlib
import subprocess

SIMULATE = "//tests/simulation:simulate"


class BadPatch(Exception):
    """The patch file itself is wrong."""


@dataclasses.dataclass(frozen=True)
class Witness:
    """Who is expected to fail: the same for the mutant and, passing, for its unpatched twin."""

    kind: str  # "test", "tsan" or "simulate"
    target: str
    case: str  # SUITE.TEST, or a number of seeds

    def __str__(self):
        if self.kind == "simulate":
            return "simulation of {} seeds".format(self.case)
        return ("tsan " if self.kind == "tsan" else "") + self.case


@dataclasses.dataclass(frozen=True)
class Mutant:
    name: str
    path: pathlib.Path
    about: str
    expected: tuple  # of (Witness, text of the assertion)

    @property
    def witnesses(self):
        return [witness for witness, _ in self.expected]


def parse_witness(words, path):
    if len(words) == 2 and words[0] == "simulate" and words[1].isdigit():
        return Witness("simulate", SIMULATE, words[1])
    kind = "tsan" if words[:1] == ["tsan"] else "test"
    rest = words[1:] if kind == "tsan" else words
    if len(rest) != 2 or not rest[0].startswith("//") or "." not in rest[1]:
        raise BadPatch("{}: Caught-by: {}: not [tsan] TARGET SUITE.TEST or simulate SEEDS".format(path, " ".join(words)))
    return Witness(kind, rest[0], rest[1])


def parse(path):
    about, witnesses, texts = [], [], []
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("--- "):
            break
        if line.startswith("Caught-by: "):
            witnesses.append(parse_witness(line.split()[1:], path))
        elif line.startswith("Assertion: "):
            texts.append(line.split(": ", 1)[1].strip())
        elif line.strip():
            about.append(line.strip())
    if not about or not witnesses or len(witnesses) != len(texts):
        raise BadPatch("{}: its head needs words, and Caught-by with an Assertion each".format(path))
    return Mutant(path.stem, path, " ".join(about), tuple(zip(witnesses, texts)))


def is_stale(patch, root):
    """Whether the patch does not apply to the files below root."""
    checked = subprocess.run(["git", "apply", "--check", "-p1", str(patch)], cwd=root, capture_output=True, check=False)
    return checked.returncode != 0


def load_all(folder):
    """All mutants, by name: those of one layer stand together, and so do the tests that they need."""
    return [parse(path) for path in sorted(folder.glob("*.patch"))]
