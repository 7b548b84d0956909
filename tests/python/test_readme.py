"""The programs of docs/python.md, word for word, as a reader runs them beside the README's node."""

import os
import subprocess
import sys

import pytest
from node import PATIENCE


def snippet(lang):
    return subprocess.run(
        ["awk", "-v", f"lang={lang}", "-v", "nth=1", "-f", "tests/readme/snippet.awk", "docs/python.md"],
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
