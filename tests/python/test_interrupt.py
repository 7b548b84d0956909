"""Ctrl-C in every call that may wait for ever, in a real process; and what a forked child is told."""

import signal
import subprocess
import sys
import textwrap
import time

import pytest
from node import PATIENCE

OPEN = """
import sys, l3link
orch = l3link.connect(sys.argv[1])
channel = orch.open_channel(0, lane_depth=1)
stream = channel.open_stream(send=0, receive=0)
region = orch.open_shared_memory(64)
"""
CHIP = """
import sys, l3link
chip = l3link.ChipWorker(program="source@nobody")
channel = chip.open_channel(lane_depth=1)
region = chip.open_shared_memory(64)
"""
KIT = """
import l3link, l3link.testing
node = l3link.testing.Node(play_chips=True)
chip = node.play_chip()
orch = l3link.connect(node.target)
work, frames = orch.open_channel(0, lane_depth=1, name="work"), orch.open_shared_memory(64, name="frames")
"""


def start(script, *arguments):
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(script), *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def interrupt(process, call):
    """Waits for "waiting", sends one SIGINT, and checks that KeyboardInterrupt was raised from `call` and the process ended."""
    assert process.stdout.readline() == "waiting\n", process.communicate()
    time.sleep(0.3)  # so that it is in the call; it may not be, and then the test proves less and passes too
    began = time.monotonic()
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=PATIENCE)
    assert output == "interrupted\n" and process.returncode == 0, f"{call}: {output}"
    return time.monotonic() - began


def script_of(opening, call):
    return (
        textwrap.dedent(opening)
        + f"print('waiting', flush=True)\ntry:\n    {call}\nexcept KeyboardInterrupt:\n    print('interrupted', flush=True)\n"
    )


@pytest.mark.parametrize(
    "call",
    [
        "stream.recv()",
        "stream.recv_batch()",
        "region.wait(0, 1)",
        "region.wait_any([(0, '>', 9)])",
        "stream.close(), channel.recv()",
        "l3link.connect('unix:/nowhere.sock', wait_for_ready=True, connect_timeout=3600)",
    ],
)
def test_ctrl_c_ends_a_wait_on_a_node(node, call):
    interrupt(start(script_of(OPEN, call), node.target), call)


@pytest.mark.parametrize("call", ["channel.recv()", "region.wait(0, 1)", "while True: channel.send(b'x')"])
def test_ctrl_c_ends_a_wait_on_a_chip_in_the_process(call):
    interrupt(start(script_of(CHIP, call)), call)


@pytest.mark.parametrize(
    "call",
    [
        "chip.recv('work', timeout=None)",
        "while True: chip.send('work', b'x', timeout=None)",
        "chip.wait('frames', 0, 1, timeout=None)",
        "chip.read('nobody', 0, 1, timeout=None)",
        "l3link.testing.ChipPlayer('/nowhere/arena', timeout=None)",
        "l3link.testing.Node(flags=['--sim-chip=external'], patience=3600)",
    ],
)
def test_ctrl_c_ends_a_wait_of_the_test_kit(call):
    interrupt(start(script_of(KIT, call)), call)


def test_ctrl_c_ends_a_send_that_waits_for_room_and_a_flush(full_node):
    for call in ("while True: stream.send(b'x')", "while True: stream.try_send(b'x') or stream.flush()"):
        interrupt(start(script_of(OPEN, call), full_node.target), call)


@pytest.fixture
def full_node():
    from node import Node

    node = Node(programs="source@nobody")  # takes nothing
    yield node
    node.stop()


def test_another_signal_is_handled_and_the_wait_goes_on(node):
    script = OPEN + textwrap.dedent(
        """
        import signal, time
        handled = []
        signal.signal(signal.SIGUSR1, lambda *_: handled.append(time.monotonic()))
        print("waiting", flush=True)
        began = time.monotonic()
        try:
            region.wait(0, 1, timeout=1.5)
        except TimeoutError:
            took = time.monotonic() - began
            print(len(handled), handled[0] < began + 1.4, took >= 1.5)
        """
    )
    process = start(script, node.target)
    assert process.stdout.readline() == "waiting\n"
    time.sleep(0.2)
    process.send_signal(signal.SIGUSR1)
    assert process.communicate(timeout=PATIENCE)[0] == "1 True True\n"


def test_a_forked_child_is_refused_and_not_stuck(node):
    script = OPEN + textwrap.dedent(
        """
        import os, gc
        child = os.fork()
        if child == 0:
            for call in (lambda: channel.recv(timeout=0), lambda: region.read(), lambda: l3link.connect(sys.argv[1]),
                         lambda: l3link.ChipWorker(), lambda: orch.open_channel(0)):
                try:
                    call()
                    print("went through")
                except RuntimeError as refused:
                    assert "forked" in str(refused) and "spawn" in str(refused)
            del channel, stream, region, orch, call
            gc.collect()
            print("child well", flush=True)
            sys.exit(0)
        assert os.waitpid(child, 0)[1] == 0
        channel.release(), stream.close()
        with orch.open_channel(0) as other:
            other.send(b"parent well")
            print(bytes(other.recv(timeout=60)).decode())
        """
    )
    process = start(script, node.target)
    assert process.communicate(timeout=PATIENCE)[0] == "child well\nparent well\n" and process.returncode == 0


def test_a_child_forked_before_the_first_use_may_use_it(node):
    script = """
    import os, sys, l3link
    child = os.fork()
    with l3link.connect(sys.argv[1]) as orch, orch.open_channel(0) as channel:
        channel.send(b"x")
        channel.recv(timeout=60)
    if child != 0:
        assert os.waitpid(child, 0)[1] == 0
    """
    process = start(script, node.target)
    assert process.communicate(timeout=PATIENCE)[0] == "" and process.returncode == 0


def test_a_program_that_closes_nothing_ends_well(node):
    process = start(OPEN + "stream.send(b'x')\nstream.recv(timeout=60)\n", node.target)
    assert process.communicate(timeout=PATIENCE)[0] == "" and process.returncode == 0


def test_a_daemon_thread_in_a_wait_does_not_break_the_end_of_the_program(node):
    script = OPEN + textwrap.dedent(
        """
        import os, threading, time, types
        for wait in (stream.recv, lambda: region.wait(0, 1), channel.flush):
            threading.Thread(target=wait, daemon=True).start()
        class Slow:  # the interpreter takes its time to end, and the waits' slices end meanwhile
            def __del__(self, sleep=time.sleep, write=os.write):
                sleep(0.5)
                write(1, b"ended\\n")
        sys.modules["slow"] = types.ModuleType("slow")  # not of __main__, which the threads keep
        sys.modules["slow"].it = Slow()
        time.sleep(0.2)
        """
    )
    process = start(script, node.target)
    assert process.communicate(timeout=PATIENCE)[0] == "ended\n" and process.returncode == 0
