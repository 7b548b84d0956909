"""The types: the package is clean by mypy --strict, what it promises holds for a user's program, and the stubs fit."""

import ast
import os
import subprocess
import sys
from pathlib import Path

from l3link import _native

PACKAGE = Path("client/python/l3link")
HERE = Path("tests/python")


def strict(tmp_path, *files):
    environment = {**os.environ, "MYPYPATH": "client/python"}
    return subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(tmp_path), *map(str, files)],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def test_the_package_is_clean(tmp_path):
    done = strict(tmp_path, PACKAGE)
    assert done.returncode == 0 and "Success: no issues found" in done.stdout, done.stdout


def test_a_program_that_uses_all_of_it_is_clean(tmp_path):
    done = strict(tmp_path, HERE / "typed_program.py")
    assert done.returncode == 0, done.stdout


def test_wrong_uses_are_refused_and_nothing_else(tmp_path):
    program = HERE / "wrong_program.py"
    done = strict(tmp_path, program)
    refused = {int(line.split(":")[1]) for line in done.stdout.splitlines() if ": error:" in line}
    lines = program.read_text().splitlines()
    marked = {number for number, line in enumerate(lines, 1) if line.endswith("# wrong")}
    assert refused == marked, done.stdout


def public(names):
    return {name for name in names if not name.startswith("_")}


def test_the_stub_has_what_the_extension_has_and_nothing_else():
    stub = {}
    for node in ast.parse((PACKAGE / "_native.pyi").read_text()).body:
        if isinstance(node, ast.ClassDef):
            stub[node.name] = public(item.name for item in node.body if isinstance(item, ast.FunctionDef))
    extension = {name: public(vars(getattr(_native, name))) for name in public(vars(_native))}
    assert stub == extension


def test_the_package_says_that_it_is_typed():
    assert (PACKAGE / "py.typed").exists()
