"""The programs of docs/python.md and docs/chip-programs.md, word for word, as a reader runs them beside the README's node."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from node import PATIENCE, program


def snippet(lang, page="docs/python.md"):
    return subprocess.run(
        ["awk", "-v", f"lang={lang}", "-v", "nth=1", "-f", "tests/readme/snippet.awk", page],
        check=True,
        capture_output=True,
        text=True,
    ).stdout


@pytest.mark.parametrize(
    "lang, output",
    [
        ("python", "ping 0\nping 1\nping 2\nkept in shared memory 7\n"),
        ("python chip", "(b'hello', 0, 1)\n"),
        ("python asyncio", "ping\n"),
        ("python testing", "INPUT\n"),
    ],
)
def test_a_program_of_the_page_runs_as_it_is(node, tmp_path, lang, output):
    socket = node.folder / "l3link/l3linkd.sock"  # where this user's node would be
    if not socket.exists():
        socket.parent.mkdir()
        socket.symlink_to(node.target[len("unix:") :])
    (tmp_path / "program.py").write_text(snippet(lang))
    done = subprocess.run(
        [sys.executable, tmp_path / "program.py"],
        env={**os.environ, "XDG_RUNTIME_DIR": str(node.folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=PATIENCE,
    )
    assert (done.stdout, done.returncode) == (output, 0)


def test_the_file_for_pytest_passes_as_it_is(tmp_path):
    (tmp_path / "test_of_a_user.py").write_text(snippet("python pytest", "docs/chip-programs.md"))
    (tmp_path / "libqueue_worker.so").symlink_to(Path(program("backends/examples/libqueue_worker.so")).resolve())
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-c", "/dev/null", "-p", "no:cacheprovider", "-q", "test_of_a_user.py"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=2 * PATIENCE,
    )
    assert done.returncode == 0 and "2 passed" in done.stdout, done.stdout
