"""Regions and signals, in both styles, against a real node whose chip adds vectors."""

import threading
import time

import numpy as np
import pytest
from node import PATIENCE, Node

import l3link


@pytest.fixture(scope="module")
def node():
    node = Node(programs="vector_add")
    yield node
    node.stop()


def test_the_customary_calls_read_write_notify_and_wait(orch):
    region = orch.open_shared_memory(4096, signal_count=2, flags=0)
    orch.shared_memory_write(region, 100, b"written")
    assert orch.shared_memory_read(region, 100, 7) == b"written"
    orch.shared_memory_notify(region, 0, 5)
    assert orch.shared_memory_wait(region, 0, 5) == 5
    with pytest.raises(l3link.TimedOut, match="signal 0 is not >= 6"):
        orch.shared_memory_wait(region, 0, 6)
    info = orch.shared_memory_info(region)
    assert (info.host_ptr, info.data_bytes, info.signal_count, info.flags) == (0, 4096, 2, 0) and info.device_ptr > 0
    orch.close_shared_memory(region)
    for call in (lambda: orch.shared_memory_info(region), lambda: orch.shared_memory_read(region, 0, 1)):
        with pytest.raises(l3link.Closed, match="the region is closed"):
            call()


def test_the_edges_of_a_region(orch):
    with orch.open_shared_memory(4096) as region:
        assert region.read(4096) == b"" and region.read(4096, 0) == b""
        region.write(4096, b"")
        assert region.read() == bytes(4096) and len(region.read(4000)) == 96
        for call in (
            lambda: region.read(4096, 1),
            lambda: region.read(0, 4097),
            lambda: region.read(2**64 - 1, 2),
            lambda: region.write(4095, b"xx"),
            lambda: region.read_into(1, bytearray(4096)),
        ):
            with pytest.raises(l3link.InvalidArgument) as refused:
                call()
            assert refused.value.reason == "RANGE_OUT_OF_REGION" and refused.value.metadata["data_bytes"] == "4096"


def test_signals_are_set_added_to_and_raised(orch):
    with orch.open_shared_memory(64, 3, signal_writers=["host", "chip", "host"]) as region:
        assert region.notify(0, 7) == 7
        assert region.notify(0, 5, op="add") == 12
        assert region.notify(0, 3, op="max") == 12
        assert region.notify(2, 2**64 - 1) == 2**64 - 1
        assert region.wait(0, 12, "==", timeout=0) == 12 and region.wait(0, 12, "<=") == 12
        assert region.wait_all([(0, ">", 11), (2, ">=", 1)]).values == (12, 2**64 - 1)
        any_of = region.wait_any([(0, "<", 1), (0, "!=", 0)], timeout=PATIENCE)
        assert any_of.satisfied and any_of.values == (12, 12)
        assert not region.wait_any([(0, "<", 1)], timeout=0.05).satisfied


@pytest.mark.parametrize(
    "call, kind, reason",
    [
        (lambda region: region.notify(9, 1), l3link.NotFound, "SIGNAL_NOT_FOUND"),
        (lambda region: region.wait(9, 1, timeout=0), l3link.NotFound, "SIGNAL_NOT_FOUND"),
        (lambda region: region.wait(9, 1, timeout=PATIENCE), l3link.NotFound, "SIGNAL_NOT_FOUND"),
        (lambda region: region.notify(1, 1), l3link.Conflict, "SIGNAL_NOT_HOST_WRITTEN"),
        (lambda region: region.notify(0, 1, op="sub"), l3link.InvalidArgument, "INVALID_ARGUMENT_FIELD"),
        (lambda region: region.wait(0, 1, "=>"), l3link.InvalidArgument, "INVALID_ARGUMENT_FIELD"),
        (lambda region: region.wait(0, 1, timeout=-1), l3link.InvalidArgument, "INVALID_ARGUMENT_FIELD"),
    ],
)
def test_what_is_wrong_with_a_signal_is_said(orch, call, kind, reason):
    with orch.open_shared_memory(64) as region:
        with pytest.raises(kind) as refused:
            call(region)
        assert refused.value.reason == reason


def test_a_wait_blocks_neither_other_calls_nor_the_notify_that_ends_it(orch):
    with orch.open_shared_memory(64) as region:
        values = []
        waiters = [threading.Thread(target=lambda: values.append(region.wait(0, 1))) for _ in range(8)]
        for waiter in waiters:
            waiter.start()
        region.write(0, b"meanwhile")
        assert region.read(0, 9) == b"meanwhile" and not values
        region.notify(0, 1)
        for waiter in waiters:
            waiter.join(PATIENCE)
        assert values == [1] * 8


def test_a_wait_runs_its_time_and_no_less(orch):
    with orch.open_shared_memory(64) as region:
        began = time.monotonic()
        with pytest.raises(l3link.TimedOut):
            region.wait(0, 1, timeout=0.35)
        assert time.monotonic() - began >= 0.35


def test_releasing_ends_the_wait_of_another_thread(orch):
    region = orch.open_shared_memory(64)
    ended = []

    def wait():
        try:
            region.wait(0, 1)
        except l3link.Error as error:
            ended.append(error)

    waiter = threading.Thread(target=wait)
    waiter.start()
    time.sleep(0.2)
    region.release()
    waiter.join(PATIENCE)
    assert isinstance(ended[0], l3link.Closed)


def test_the_chip_adds_two_vectors(orch):
    count = 10_000
    a, b = np.arange(count, dtype=np.float32), np.full(count, 0.5, np.float32)
    with orch.open_shared_memory(3 * a.nbytes, name="vector-two") as region:
        for job in (1, 2):
            region.write(0, a * job)
            assert region.write_then_notify(a.nbytes, b, signal=0, value=job) == job
            assert region.wait(1, job, timeout=PATIENCE) == job
            total = np.empty(count, np.float32)
            region.read_into(2 * a.nbytes, total)
            assert (total == a * job + b).all()


def test_leaving_the_block_closes_what_it_opened_only(orch):
    with orch.open_shared_memory(64, name="mine") as mine:
        with orch.find_shared_memory("mine") as found:
            assert not found.created and found.generation == mine.generation
        mine.write(0, b"still open")
        assert mine.state()["id"]["name"] == "mine" and mine.state()["signal_values"] == [0, 0]
        assert "mine" in [one["id"]["name"] for one in orch.list_shared_memories()]
    with pytest.raises(l3link.NotFound) as gone:
        orch.find_shared_memory("mine")
    assert gone.value.reason == "REGION_NOT_FOUND"


def test_flags_are_refused_since_none_is_defined(orch):
    with pytest.raises(l3link.InvalidArgument, match="none is defined"):
        orch.open_shared_memory(64, flags=1)
