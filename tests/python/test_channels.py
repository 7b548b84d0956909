"""Channels: both styles of call, by route, against a real node whose chip echoes."""

import threading
import time

import pytest
from node import PATIENCE, Node

import l3link


def test_a_message_comes_back_with_route_and_correlation_id(orch):
    with orch.open_channel(0) as channel:
        channel.send(b"hello", route=3, correlation_id=2**64 - 1)
        message = channel.recv(timeout=PATIENCE)
    assert (bytes(message), message.route, message.correlation_id) == (b"hello", 3, 2**64 - 1)
    assert message.sequence == 0 and not message.redelivered


def test_the_customary_calls_do_the_same(orch):
    channel = orch.open_channel(0, cpu_to_l2_lanes=1, l2_to_cpu_lanes=1, lane_depth=64, max_message_bytes=256, flags=0)
    orch.channel_send(channel, 7, b"classic", correlation_id=9, timeout=PATIENCE)
    answer = orch.channel_recv(channel, capacity=256, timeout=PATIENCE)
    assert answer == (b"classic", 7, 9) and type(answer[0]) is bytes
    orch.close_channel(channel)
    with pytest.raises(l3link.Closed):
        orch.channel_send(channel, 0, b"late")


def test_an_empty_message_is_one(orch):
    with orch.open_channel(0) as channel:
        channel.send(b"")
        message = channel.recv(timeout=PATIENCE)
        assert len(message) == 0 and bytes(message) == b"" and message.payload.nbytes == 0


def test_a_message_larger_than_the_capacity_stays_and_says_its_size(orch):
    with orch.open_channel(0) as channel:
        for payload in (b"x" * 100, b"next"):
            channel.send(payload)
        for _ in range(2):
            with pytest.raises(l3link.MessageTooLarge) as refused:
                orch.channel_recv(channel, capacity=99, timeout=PATIENCE)
            assert refused.value.metadata["bytes"] == "100"
            assert refused.value.reason == "MESSAGE_TOO_LARGE"
        assert orch.channel_recv(channel, capacity=100, timeout=PATIENCE)[0] == b"x" * 100
        assert orch.channel_recv(channel, timeout=PATIENCE)[0] == b"next"


def test_each_route_keeps_its_order_over_several_lanes(orch):
    with orch.open_channel(0, cpu_to_l2_lanes=3, l2_to_cpu_lanes=3, lane_depth=16) as channel:
        sender = threading.Thread(target=lambda: [channel.send(b"%d" % i, route=i % 6) for i in range(3000)])
        sender.start()
        came = {route: [] for route in range(6)}
        for _ in range(3000):
            message = channel.recv(timeout=PATIENCE)
            came[message.route].append(int(bytes(message)))
        sender.join()
    assert came == {route: list(range(route, 3000, 6)) for route in range(6)}


def test_a_probe_of_an_empty_lane_is_a_timeout_and_no_failure(orch):
    with orch.open_channel(0) as channel:
        for timeout in (0, 0.05):
            with pytest.raises(TimeoutError) as empty:
                channel.recv(timeout=timeout)
            assert isinstance(empty.value, l3link.TimedOut) and empty.value.reason == "WOULD_BLOCK"
        with pytest.raises(l3link.TimedOut):
            orch.channel_recv(channel)
        channel.send(b"still well")
        assert bytes(channel.recv(timeout=PATIENCE)) == b"still well"


def test_a_full_lane_is_a_timeout_too():
    full = Node(programs="source@nobody")  # nothing takes what is sent
    try:
        with l3link.connect(full.target) as orch, orch.open_channel(0, lane_depth=1) as channel:
            with pytest.raises(l3link.TimedOut):
                for _ in range(100_000):
                    orch.channel_send(channel, 0, b"x" * 256)
            began = time.monotonic()
            with pytest.raises(l3link.TimedOut):
                channel.send(b"x", timeout=0.2)
            assert time.monotonic() - began >= 0.2
            with pytest.raises(l3link.TimedOut):
                channel.flush(timeout=0.1)
            with pytest.raises(l3link.MessageTooLarge):  # size comes before fullness
                orch.channel_send(channel, 0, b"x" * 257)
    finally:
        full.stop()


@pytest.mark.parametrize("timeout", [-1, -0.001, float("nan")])
def test_a_negative_timeout_is_refused(orch, timeout):
    with orch.open_channel(0) as channel:
        for call in (lambda: channel.send(b"", timeout=timeout), lambda: channel.recv(timeout=timeout)):
            with pytest.raises(l3link.InvalidArgument) as refused:
                call()
            assert refused.value.metadata["field"] == "timeout"


def test_a_timeout_that_is_no_number_is_a_type_error(orch):
    with orch.open_channel(0) as channel, pytest.raises(TypeError, match="seconds"):
        channel.recv(timeout="1")


def test_leaving_the_block_closes_what_it_opened_and_releases_what_it_found(orch):
    with orch.open_channel(0, name="mine") as mine:
        with orch.open_channel(0, name="mine") as again:
            assert mine.created and not again.created
        with orch.find_channel(0, "mine") as found:
            assert found.generation == mine.generation
        mine.send(b"still open")
        assert bytes(mine.recv(timeout=PATIENCE)) == b"still open"
    with pytest.raises(l3link.NotFound) as gone:
        orch.find_channel(0, "mine")
    assert gone.value.reason == "CHANNEL_NOT_FOUND" and isinstance(gone.value, LookupError)


def test_a_closed_handle_says_so_from_every_call(orch):
    channel = orch.open_channel(0)
    channel.close()
    for call in (channel.close, channel.state, channel.flush, channel.recv, lambda: channel.send(b"")):
        with pytest.raises(l3link.Closed, match="the channel is closed"):
            call()
    channel.release()
    assert channel.name and channel.max_message_bytes == 256


def test_closing_ends_the_wait_of_another_thread(orch):
    channel = orch.open_channel(0)
    ended = []

    def wait():
        try:
            channel.recv()
        except l3link.Error as error:
            ended.append(error)

    waiter = threading.Thread(target=wait)
    waiter.start()
    time.sleep(0.2)
    channel.close()
    waiter.join(PATIENCE)
    assert not waiter.is_alive() and isinstance(ended[0], l3link.Closed)


def test_state_and_lists_are_plain_values(orch):
    with orch.open_channel(0, name="seen", flags=l3link.CHECKSUM) as channel:
        channel.send(b"x")
        channel.recv(timeout=PATIENCE)
        state = channel.state()
        assert state["id"]["name"] == "seen" and state["config"]["checksum"] is True
        assert state["lanes"][0]["direction"] == "DIRECTION_HOST_TO_CHIP" and state["lanes"][0]["published"] == 1
        assert "seen" in [one["id"]["name"] for one in orch.list_channels(0)]
        deadline = time.monotonic() + PATIENCE
        while channel.peek("l2_to_cpu", 0)["messages"] and time.monotonic() < deadline:
            time.sleep(0.001)  # what is received is acknowledged a little later
        assert channel.peek("l2_to_cpu", 0)["messages"] == []
    assert orch.list_chips()[0]["platform"] == "a2a3sim"
    assert orch.get_node()["node_name"] == orch.node_names[0]


def test_unknown_flags_are_refused_with_the_known_ones(orch):
    with pytest.raises(l3link.InvalidArgument, match="CHECKSUM") as refused:
        orch.open_channel(0, flags=6)
    assert refused.value.reason == "INVALID_ARGUMENT_FIELD"


def test_workers_of_several_nodes_are_told_apart():
    nodes = [Node(f"--node-name={name}", "--chips=2") for name in ("left", "right")]
    try:
        with l3link.connect([node.target for node in nodes]) as orch:
            assert orch.node_names == ["left", "right"]
            with orch.open_channel("right/1", name="here") as channel:
                assert channel.worker_id == 1
                channel.send(b"x")
                assert bytes(channel.recv(timeout=PATIENCE)) == b"x"
                assert [one["id"]["name"] for one in orch.list_channels("right/1")] == ["here"]
                assert orch.list_channels("left/1") == [] and orch.list_channels("right/0") == []
            with orch.open_shared_memory(64, worker_id="left/1") as region:
                assert len(orch.list_shared_memories(worker_id="left/1")) == 1 and region.worker_id == 1
            with pytest.raises(l3link.InvalidArgument, match="NODE/WORKER"):
                orch.open_channel(0)
    finally:
        for node in nodes:
            node.stop()


@pytest.mark.parametrize("call", ["recv", "wait"])
def test_a_waiting_call_lets_other_threads_run(orch, call):
    with orch.open_channel(0) as channel, orch.open_shared_memory(64) as region:
        waits = {"recv": channel.recv, "wait": lambda: region.wait(0, 1)}
        waiter = threading.Thread(target=waits[call], daemon=True)
        waiter.start()
        turns = 0
        until = time.monotonic() + 0.2
        while time.monotonic() < until:
            turns += 1
        assert turns > 1000  # with the GIL kept there would be one, at the wait's end
        channel.send(b"x")
        region.notify(0, 1)
        waiter.join(PATIENCE)
        assert not waiter.is_alive()
