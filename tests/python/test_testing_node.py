"""l3link.testing.Node: real daemons with the programs of a user's own, and what they say when something is wrong."""

import os
import shutil
import signal
import struct
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest
from node import PATIENCE, program

import l3link
import l3link.testing

QUEUE_WORKER = "backends/examples/libqueue_worker.so"
JOB_SQUARES, JOB_DONE = 3, 0  # of backends/examples/jobs.h


def folder_of(node):
    return Path(node.target[len("unix:") :]).parent


def daemons_of(node):
    found = subprocess.run(["pgrep", "-f", "--", f"--unix={folder_of(node)}/"], stdout=subprocess.PIPE, text=True)
    return [int(pid) for pid in found.stdout.split()]


def check_squares(target, worker_id=0):
    with l3link.connect(target) as orch, orch.open_channel(worker_id, name="jobs") as jobs:
        jobs.send(struct.pack("<IIff", JOB_SQUARES, 2, 3.0, -4.0), correlation_id=5)
        answer = jobs.recv(timeout=PATIENCE)
        assert (struct.unpack("<IIff", answer), answer.correlation_id) == ((JOB_DONE, 2, 9.0, 16.0), 5)


def test_one_line_is_a_node_with_a_chip_program():
    with l3link.testing.Node(chip_programs=[program(QUEUE_WORKER)]) as node:
        check_squares(node.target)
        assert len(daemons_of(node)) == 1


def test_programs_may_be_one_path_and_chips_several():
    with l3link.testing.Node(Path(program(QUEUE_WORKER)), platform="a5sim", chips=2) as node:
        for worker_id in (0, 1):
            check_squares(node.target, worker_id)


def test_without_a_program_it_echoes_and_further_flags_win():
    with l3link.testing.Node(flags=["--listen=127.0.0.1:0", "--insecure", "--node-name=of-a-test"]) as node:
        assert node.tcp_target.startswith("127.0.0.1:")
        with l3link.connect(node.tcp_target) as orch, orch.open_channel(0) as channel:
            assert orch.node_names == ["of-a-test"]
            channel.send(b"again")
            assert bytes(channel.recv(timeout=PATIENCE)) == b"again"


def test_it_ends_cleanly_and_once_is_enough():
    node = l3link.testing.Node()
    folder, daemons = folder_of(node), daemons_of(node)
    assert folder.is_dir() and len(daemons) == 1 and node.tcp_target == "-"
    node.stop()
    node.stop()
    assert not folder.exists() and daemons_of(node) == []
    assert f"unix={folder}" in node.log and node.chip_log() == ""
    with pytest.raises(l3link.Conflict, match="the node is stopped"):
        node.play_chip()


def test_a_tests_own_error_comes_through(capfd):
    with pytest.raises(ZeroDivisionError):
        with l3link.testing.Node() as node:
            (daemon,) = daemons_of(node)
            os.kill(daemon, signal.SIGKILL)
            1 / 0
    assert not folder_of(node).exists()
    assert "l3linkd ended with status 137" in capfd.readouterr().err


def test_a_daemon_that_died_is_told_with_its_last_words():
    node = l3link.testing.Node()
    (daemon,) = daemons_of(node)
    os.kill(daemon, signal.SIGKILL)
    while Path(f"/proc/{daemon}").exists():
        time.sleep(0.01)
    with pytest.raises(l3link.Error, match="ended with status 137 before it was stopped(.|\n)*ready grpc=") as told:
        node.stop()
    assert told.value.code == "INTERNAL"


@pytest.mark.parametrize(
    "arguments, kind, words",
    [
        ({"chip_programs": "./nowhere.so"}, l3link.NotFound, "./nowhere.so: there is no such file"),
        ({"chip_programs": ["./a,b.so"]}, l3link.InvalidArgument, "has a comma"),
        ({"chip_programs": []}, l3link.InvalidArgument, "chip_programs is empty"),
        ({"chips": 0}, l3link.InvalidArgument, "chips is 0"),
        ({"patience": -1}, l3link.InvalidArgument, "patience -1"),
        ({"chip_programs": "knitting"}, l3link.Unavailable, "unknown program 'knitting'"),
        ({"flags": ["--lease-tll=1s"]}, l3link.Unavailable, "l3linkd ended(.|\n)*lease-ttl"),
        ({"l3linkd": "/nowhere/l3linkd"}, l3link.NotFound, r"/nowhere/l3linkd \(asked for\) is not a program"),
        ({"l3linkd": Path("/bin/false")}, l3link.Unavailable, "l3linkd ended"),
    ],
)
def test_what_cannot_be_started_says_why(arguments, kind, words):
    with pytest.raises(kind, match=words):
        l3link.testing.Node(**arguments)


def test_a_chip_program_that_cannot_be_loaded_shows_the_chips_log(tmp_path):
    wrong = tmp_path / "libwrong.so"
    wrong.write_bytes(b"\xff no library\n")
    with pytest.raises(l3link.Unavailable) as refused:
        l3link.testing.Node(wrong)
    text = str(refused.value)
    assert "chip 0 does not run" in text and "l3link-sim-chip: cannot load chip program" in text
    assert str(wrong) in text and "the node's last words" in text


def test_words_that_are_no_utf8_are_replaced(tmp_path):
    daemon = tmp_path / "l3linkd"
    daemon.write_text("#!/bin/sh\nprintf 'odd \\377 words\\n'\n")
    daemon.chmod(0o755)
    with pytest.raises(l3link.Unavailable, match="odd \N{REPLACEMENT CHARACTER} words"):
        l3link.testing.Node(l3linkd=daemon)


def run_python(script, *arguments, **environment):
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script), *map(str, arguments)],
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=PATIENCE,
    )


STARTS = """
import l3link.testing
try:
    with l3link.testing.Node(patience=60) as node:
        print("started")
except l3link.NotFound as error:
    print(error)
"""


def test_the_daemon_is_found_by_the_variable():
    assert run_python(STARTS, L3LINK_L3LINKD=os.path.realpath(program("server/l3linkd"))).stdout == "started\n"
    told = run_python(STARTS, L3LINK_L3LINKD="/nowhere/else").stdout
    assert "/nowhere/else (L3LINK_L3LINKD) is not a program" in told


@pytest.fixture
def installed(tmp_path):
    """The package as pip puts it: in no tree that has a daemon."""
    site = tmp_path / "site"
    shutil.copytree(Path(l3link.__file__).parent, site / "l3link", ignore=shutil.ignore_patterns("__pycache__"))
    return site


def test_an_installed_package_finds_it_beside_and_on_path(installed, tmp_path):
    told = run_python(STARTS, PYTHONPATH=str(installed), PATH="/usr/bin:/bin").stdout
    assert "l3linkd is in none of: " in told and f"{installed}/l3link/l3linkd" in told and "L3LINK_L3LINKD" in told
    folder = tmp_path / "bin"
    folder.mkdir()
    for binary in ("server/l3linkd", "backends/sim/chip/l3link-sim-chip"):
        shutil.copy(program(binary), folder)
    on_path = run_python(STARTS, PYTHONPATH=str(installed), PATH=f"{folder}:/usr/bin:/bin")
    assert on_path.stdout == "started\n"
    for binary in folder.iterdir():
        (installed / "l3link" / binary.name).symlink_to(binary)
    assert run_python(STARTS, PYTHONPATH=str(installed), PATH="/usr/bin:/bin").stdout == "started\n"


def test_a_program_that_stops_nothing_leaves_nothing():
    script = """
    import l3link.testing
    node = l3link.testing.Node(play_chips=True)
    chip = node.play_chip()
    orch = l3link.connect(node.target)
    print(node.target)
    """
    done = run_python(script)
    folder = Path(done.stdout.strip()[len("unix:") :]).parent
    assert done.returncode == 0 and str(folder).startswith("/dev/shm/"), done.stdout
    assert not folder.exists()


def test_a_forked_child_is_refused_and_ends_nothing():
    script = """
    import os, sys, l3link.testing
    node = l3link.testing.Node(play_chips=True)
    chip = node.play_chip()
    if os.fork() == 0:
        for call in (l3link.testing.Node, node.play_chip, lambda: chip.recv("work"), node.stop):
            try:
                call()
                print("went through")
            except RuntimeError as refused:
                assert "forked" in str(refused)
        print("child well", flush=True)
        sys.exit(0)
    assert os.wait()[1] == 0
    with chip, l3link.connect(node.target) as orch, orch.open_channel(0, name="work") as work:
        work.send(b"parent well")
        print(bytes(chip.recv("work", timeout=60)).decode())
    node.stop()
    """
    done = run_python(script)
    assert (done.stdout, done.returncode) == ("child well\nparent well\n", 0)
