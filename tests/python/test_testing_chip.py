"""l3link.testing.ChipPlayer: a test plays the chip's side of a real node, or of a chip in its own process."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from node import PATIENCE

import l3link
import l3link.testing


@pytest.fixture(scope="module")
def node():
    with l3link.testing.Node(play_chips=True, chips=2) as node:
        yield node


@pytest.fixture
def chip(node):
    with node.play_chip() as chip:
        yield chip


def test_it_answers_what_a_client_asked(chip, orch):
    with orch.open_channel(0, name="work") as work:
        work.send(b"question", route=5, correlation_id=7)
        question = chip.recv("work", lane=0, timeout=PATIENCE)
        assert isinstance(question, l3link.Message) and bytes(question) == b"question"
        assert (question.route, question.correlation_id, question.sequence) == (5, 7, 0)
        chip.send("work", b"answer", route=6, correlation_id=question.correlation_id)
        answer = work.recv(timeout=PATIENCE)
        assert (bytes(answer), answer.route, answer.correlation_id) == (b"answer", 6, 7)


def test_each_lane_keeps_its_order_both_ways(chip, orch):
    with orch.open_channel(0, 2, 2, lane_depth=4, name="lanes") as channel, ThreadPoolExecutor(1) as beside:
        sending = beside.submit(lambda: [channel.send(b"%d" % i, route=i % 2) for i in range(40)])
        came = [[int(bytes(chip.recv("lanes", lane, PATIENCE))) for _ in range(20)] for lane in (0, 1)]
        assert came == [list(range(0, 40, 2)), list(range(1, 40, 2))]
        sending.result(PATIENCE)
        sending = beside.submit(lambda: [chip.send("lanes", b"%d" % i, i % 2, i % 2, 0, PATIENCE) for i in range(40)])
        back = {0: [], 1: []}
        for _ in range(40):
            message = channel.recv(timeout=PATIENCE)
            back[message.route].append(int(bytes(message)))
        assert back == {0: list(range(0, 40, 2)), 1: list(range(1, 40, 2))}
        sending.result(PATIENCE)


def test_regions_and_signals_go_both_ways(chip, orch):
    with orch.open_shared_memory(4096, signal_count=2, name="frames") as region:
        region.write_then_notify(16, np.arange(4, dtype=np.int32), 0, 3)
        assert chip.wait("frames", 0, 2) == 3
        assert chip.read("frames", 16, 16) == np.arange(4, dtype=np.int32).tobytes()
        seen = np.zeros(4, np.int32)
        chip.read_into("frames", 16, seen)
        chip.write("frames", 100, seen * 10)
        assert chip.notify("frames", 1, 5) == 5
        assert chip.notify("frames", 1, 2, op="add") == 7
        assert chip.notify("frames", 1, 6, "max") == 7
        assert region.wait(1, 7, "==", timeout=PATIENCE) == 7
        assert np.frombuffer(region.read(100, 16), np.int32).tolist() == [0, 10, 20, 30]
        assert chip.wait("frames", 1, 8, compare="<", timeout=0) == 7


def test_the_gil_is_free_while_it_waits_and_the_order_does_not_matter(chip, orch):
    with ThreadPoolExecutor(2) as beside:
        message = beside.submit(chip.recv, "later", timeout=PATIENCE)
        value = beside.submit(chip.wait, "later", 0, 1, timeout=PATIENCE)
        time.sleep(0.2)
        with orch.open_channel(0, name="later") as channel, orch.open_shared_memory(64, name="later") as region:
            channel.send(b"now")
            assert bytes(message.result(PATIENCE)) == b"now"
            chip.send("later", b"a wait holds up no other call")
            assert bytes(channel.recv(timeout=PATIENCE)) == b"a wait holds up no other call"
            region.notify(0, 1)
            assert value.result(PATIENCE) == 1


def test_each_chip_is_played_by_itself_and_by_one(node, orch):
    with node.play_chip(1) as chip, orch.open_channel(1, name="work") as work:
        work.send(b"for 1")
        assert bytes(chip.recv("work")) == b"for 1"
        with pytest.raises(l3link.Conflict):
            node.play_chip(1)
    with node.play_chip(1):
        pass


def test_time_that_runs_out_says_what_was_missing(chip, orch):
    with orch.open_channel(0, lane_depth=1, name="work"), orch.open_shared_memory(64, name="frames"):
        chip.send("work", b"fills it")
        for call, words in (
            (lambda: chip.recv("work", timeout=0.02), "channel work: no message on lane 0 within 20ms"),
            (lambda: chip.send("work", b"x", timeout=0.25), "channel work: no room on lane 0 within 250ms"),
            (lambda: chip.wait("frames", 0, 9, timeout=0), "signal 0 is 0, waited for 9"),
        ):
            with pytest.raises(l3link.TimedOut, match=words) as late:
                call()
            assert late.value.reason == "WOULD_BLOCK" and isinstance(late.value, TimeoutError)
        with pytest.raises(l3link.NotFound, match="channel wrok is not open on this chip within 20ms") as unknown:
            chip.recv("wrok", timeout=0.02)
        assert "channel work" in str(unknown.value) and "region frames" in str(unknown.value)


@pytest.mark.parametrize(
    "call, kind, words",
    [
        (lambda chip: chip.recv("work", 7), l3link.InvalidArgument, "no lane 7, it has 1 host_to_chip"),
        (lambda chip: chip.send("work", b"x", 7), l3link.InvalidArgument, "no lane 7, it has 1 chip_to_host"),
        (lambda chip: chip.send("work", b"x" * 65), l3link.InvalidArgument, "65 bytes > max_message_bytes 64"),
        (lambda chip: chip.read("frames", 64, 1), l3link.InvalidArgument, r"\[64, \+1\) is outside of its 64 bytes"),
        (lambda chip: chip.write("frames", 2**64 - 1, b"x"), l3link.InvalidArgument, "outside of its 64 bytes"),
        (lambda chip: chip.notify("frames", 0, 1), l3link.InvalidArgument, "signal 0 is the host's alone"),
        (lambda chip: chip.notify("frames", 9, 1), l3link.InvalidArgument, "no signal 9, it has 2"),
        (lambda chip: chip.notify("frames", 1, 1, op="sub"), l3link.InvalidArgument, "one of set, add, max"),
        (lambda chip: chip.wait("frames", 0, 1, "=>"), l3link.InvalidArgument, "one of >=, >, =="),
        (lambda chip: chip.wait("frames", 0, 1, timeout=-1), l3link.InvalidArgument, "0 s or more"),
        (lambda chip: chip.recv("work", timeout="1"), TypeError, "seconds are needed"),
        (lambda chip: chip.send("work", "text"), TypeError, "a buffer is needed"),
        (lambda chip: chip.read_into("frames", 0, b"read-only"), ValueError, "a writable buffer is needed"),
    ],
)
def test_what_cannot_be_is_refused_at_once(chip, orch, call, kind, words):
    with orch.open_channel(0, max_message_bytes=64, name="work"), orch.open_shared_memory(64, name="frames"):
        with pytest.raises(kind, match=words):
            call(chip)


def closed_by(close, chip):
    """What a wait of another thread ends with when `close` is called meanwhile."""
    ended = []

    def wait():
        try:
            chip.recv("nobody", timeout=None)
        except l3link.Error as error:
            ended.append(error)

    waiter = threading.Thread(target=wait)
    waiter.start()
    time.sleep(0.2)
    close()
    waiter.join(PATIENCE)
    return [type(error) for error in ended]


def test_closing_it_ends_waits_and_later_calls(node):
    chip = node.play_chip()
    assert closed_by(chip.close, chip) == [l3link.Closed]
    with pytest.raises(l3link.Closed, match="the played chip is closed"):
        chip.send("work", b"")
    chip.close()


def test_a_node_that_stops_closes_its_chips():
    node = l3link.testing.Node(play_chips=True)
    chip = node.play_chip()
    assert closed_by(node.stop, chip) == [l3link.Closed]


def test_a_chip_in_this_process_is_played_too(tmp_path):
    state = tmp_path / "state"
    with l3link.ChipWorker(external=True, state_dir=str(state), arena_bytes=16 << 20) as worker:
        with l3link.testing.ChipPlayer(state / "chips/0/arena", timeout=PATIENCE) as chip:
            with worker.open_channel(name="work") as work:
                work.send(b"ping")
                chip.send("work", bytes(chip.recv("work")) + b", pong")
                assert bytes(work.recv(timeout=PATIENCE)) == b"ping, pong"


def test_without_an_arena_it_says_where(tmp_path):
    with pytest.raises(l3link.TimedOut, match="nowhere/arena within 20ms"):
        l3link.testing.ChipPlayer(tmp_path / "nowhere/arena", timeout=0.02)
    (tmp_path / "arena").write_bytes(b"x" * 8192)
    with pytest.raises(l3link.Conflict, match="wrong magic"):
        l3link.testing.ChipPlayer(tmp_path / "arena")
