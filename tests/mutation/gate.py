"""The mutation gate: makes each mutant in a copy of the core and sees that the assertion it names catches it.

Called by dev/mutate, which says how. A mutant is caught if its patch applies, the mutant compiles, the witnesses that it
names pass for its unpatched twin in this same run, and each fails for the mutant by the assertion named.
"""

import argparse
import concurrent.futures
import json
import os
import pathlib
import queue
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

import mutant
import verdict
from core_copy import CoreCopy

FOLDER = pathlib.Path(__file__).resolve().parent
ROOT = FOLDER.parent.parent


def commit_number():
    """Grows by one with each commit: the shares of successive commits follow one another. 0 without git."""
    counted = subprocess.run(["git", "-c", "safe.directory=*", "rev-list", "--count", "HEAD"], cwd=ROOT, text=True,
                             capture_output=True, check=False)
    return int(counted.stdout) if counted.returncode == 0 else 0


def share_of(mutants, count):
    start = commit_number() * count % len(mutants)
    return [mutants[(start + i) % len(mutants)] for i in range(min(count, len(mutants)))]


class Twins:
    """Whether each witness passes where nothing is patched; each is asked once a run."""

    def __init__(self):
        self.faults = {}  # by witness; "": it passes

    def ask(self, core, witnesses):
        fault = core.build(witnesses)
        if fault:
            raise SystemExit("mutate: the copy without a patch does not build:\n" + fault)
        for witness in witnesses:
            seen = verdict.run(core.binary(witness), witness)
            self.faults[witness] = "" if seen.passed else "{}: {}\n{}".format(witness, seen.ended or "fails",
                                                                               seen.output[-2000:])


def try_mutant(core, twins, it):
    """(caught, where or why not, output to show)."""
    for witness in it.witnesses:
        if twins.faults[witness]:
            return False, "its unpatched twin does not pass", twins.faults[witness]
    if not core.apply(it.path):
        return False, "refresh it: the patch no longer applies", ""
    try:
        fault = core.build(it.witnesses)
        if fault:
            return False, "does not compile", fault
        caught_at = []
        for witness, assertion in it.expected:
            seen = verdict.run(core.binary(witness), witness)
            caught, where = verdict.judge(seen, witness, assertion)
            if not caught:
                return False, where, seen.output
            caught_at.append(where)
        return True, ", ".join(caught_at), ""
    finally:
        if not core.apply(it.path, reverse=True):
            raise RuntimeError("{} cannot be taken back".format(it.path))


class Table:
    def __init__(self):
        self.rows = []
        self.lock = threading.Lock()

    def add(self, it, caught, where, shown, seconds):
        with self.lock:
            self.rows.append({
                "mutant": it.name, "caught": caught, "about": it.about, "at": where, "seconds": round(seconds, 1),
                "caught_by": ["{} {}".format(w.target, w) for w in it.witnesses],
                "assertion": [text for _, text in it.expected]})
            by = ", ".join(str(witness) for witness in it.witnesses)
            print("{} {:34} {:5.1f} s  {}".format("ok" if caught else "FAILED", it.name, seconds,
                                                  "{}  {}".format(by, where) if caught else where), flush=True)
            if shown:
                print("\n".join("  " + line for line in shown.splitlines()[-40:]), flush=True)

    @property
    def caught(self):
        return sum(row["caught"] for row in self.rows)


def run_all(mutants, copies, table):
    twins = Twins()
    needed = sorted({w for it in mutants for w in it.witnesses}, key=lambda w: (w.kind, w.target, w.case))
    began = time.monotonic()
    print("building {} witnesses without a patch".format(len(needed)), flush=True)
    copies[0].make()
    twins.ask(copies[0], needed)
    for core in copies[1:]:
        core.make()
    print("built and run in {:.0f} s; now the mutants".format(time.monotonic() - began), flush=True)
    free = queue.Queue()
    for core in copies:
        free.put(core)

    def one(it):
        core = free.get()
        try:
            began = time.monotonic()
            table.add(it, *try_mutant(core, twins, it), time.monotonic() - began)
        finally:
            free.put(core)

    workers = concurrent.futures.ThreadPoolExecutor(len(copies))
    try:
        for done in [workers.submit(one, it) for it in mutants]:
            done.result()
    finally:
        workers.shutdown(cancel_futures=True)


def select(options):
    mutants = mutant.load_all(FOLDER / "patches")
    if options.names:
        known = {it.name: it for it in mutants}
        unknown = [name for name in options.names if name not in known]
        if unknown:
            sys.exit("mutate: no tests/mutation/patches/{}.patch; dev/mutate --list names them".format(unknown[0]))
        return [known[name] for name in options.names]
    if options.share:
        share = share_of(mutants, options.share)
        print("{} mutants from {} on (commit {})".format(len(share), share[0].name, commit_number()))
        # Whatever the share, no patch goes stale unseen.
        return share + [it for it in mutants if it not in share and mutant.is_stale(it.path, ROOT)]
    return mutants


def main():
    parser = argparse.ArgumentParser(prog="mutate", add_help=False)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--share", type=int)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--json")
    parser.add_argument("--scratch")
    options = parser.parse_args()
    try:
        mutants = select(options)
    except mutant.BadPatch as bad:
        sys.exit("mutate: {}".format(bad))
    if options.list:
        for it in mutants:
            print("{:34} {}\n{:34} -> {}".format(it.name, it.about, "", ", ".join(map(str, it.witnesses))))
        return
    began = time.monotonic()
    scratch = pathlib.Path(options.scratch or tempfile.mkdtemp(prefix="l3link-mutate-")).resolve()
    copies = [CoreCopy(ROOT, scratch / str(i), os.cpu_count()) for i in range(options.jobs)]
    table = Table()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # as ^C: nothing is left behind
    try:
        run_all(mutants, copies, table)
    except KeyboardInterrupt:
        sys.exit(130)
    finally:
        if not options.scratch:
            for core in copies:
                core.remove()
            shutil.rmtree(scratch, ignore_errors=True)
    if options.json:
        pathlib.Path(options.json).write_text(json.dumps(table.rows, indent=1) + "\n", encoding="utf-8")
    failed = len(mutants) - table.caught
    print("{:.0f} s in all".format(time.monotonic() - began))
    print("mutate: {} passed, {} failed, 0 skipped".format(table.caught, failed))
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
