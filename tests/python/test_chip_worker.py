"""A chip driven in this process: the same operations and errors as on a node, blocking and with asyncio."""

import asyncio
import os
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from node import PATIENCE

import l3link
import l3link.aio


@pytest.fixture(scope="module")
def chip():
    with l3link.ChipWorker("a2a3sim", program="echo", arena_bytes=64 << 20) as chip:
        yield chip


def test_the_customary_calls(chip):
    channel = chip.open_channel(cpu_to_l2_lanes=1, l2_to_cpu_lanes=1, lane_depth=64, max_message_bytes=256, flags=0)
    chip.channel_send(channel, 7, b"classic", correlation_id=9, timeout=PATIENCE)
    assert chip.channel_recv(channel, capacity=256, timeout=PATIENCE) == (b"classic", 7, 9)
    with pytest.raises(l3link.TimedOut):
        chip.channel_recv(channel)
    chip.close_channel(channel)
    with pytest.raises(l3link.Closed):
        chip.close_channel(channel)
    region = chip.open_shared_memory(4096, signal_count=2, flags=0)
    chip.shared_memory_write(region, 100, b"written")
    assert chip.shared_memory_read(region, 100, 7) == b"written"
    chip.shared_memory_notify(region, 0, 5)
    assert chip.shared_memory_wait(region, 0, 5) == 5
    with pytest.raises(l3link.TimedOut, match="signal 0 is not >= 6"):
        chip.shared_memory_wait(region, 0, 6)
    info = chip.shared_memory_info(region)
    assert info.host_ptr > 0 and info.device_ptr > 0 and (info.data_bytes, info.signal_count) == (4096, 2)
    chip.close_shared_memory(region)
    with pytest.raises(l3link.Closed):
        chip.shared_memory_read(region, 0, 1)


def test_each_route_keeps_its_order_over_several_lanes(chip):
    with chip.open_channel(3, 3, lane_depth=16) as channel:
        sender = threading.Thread(target=lambda: [channel.send(b"%d" % i, route=i % 6) for i in range(3000)])
        sender.start()
        came = {route: [] for route in range(6)}
        for _ in range(3000):
            message = channel.recv(timeout=PATIENCE)
            came[message.route].append(int(bytes(message)))
        sender.join()
    assert came == {route: list(range(route, 3000, 6)) for route in range(6)}


def test_sizes_and_capacities(chip):
    with chip.open_channel() as channel:
        with pytest.raises(l3link.MessageTooLarge) as refused:
            channel.send(b"x" * 257)
        assert refused.value.metadata == {"bytes": "257", "max_message_bytes": "256"}
        channel.send(b"")
        assert bytes(channel.recv(timeout=PATIENCE)) == b""
        channel.send(b"x" * 100)
        for _ in range(2):
            with pytest.raises(l3link.MessageTooLarge) as refused:
                channel.recv(timeout=PATIENCE, capacity=99)
            assert refused.value.metadata["bytes"] == "100"
        assert len(channel.recv(capacity=100)) == 100


def test_numpy_goes_in_and_out(chip):
    with chip.open_channel() as channel, chip.open_shared_memory(1 << 20) as region:
        channel.send(np.arange(32, dtype=np.uint64))
        assert (np.frombuffer(channel.recv(timeout=PATIENCE), np.uint64) == np.arange(32)).all()
        numbers, out = np.random.default_rng(1).random(1 << 17), np.zeros(1 << 17)
        region.write(0, numbers)
        region.read_into(0, out)
        assert (out == numbers).all()
        for data in (memoryview(b"abcd")[::2], numbers[::2]):
            with pytest.raises(ValueError, match="not contiguous"):
                region.write(0, data)


@pytest.mark.parametrize(
    "call, kind, reason",
    [
        (lambda region: region.notify(9, 1), l3link.NotFound, "SIGNAL_NOT_FOUND"),
        (lambda region: region.wait(9, 1, timeout=0), l3link.NotFound, "SIGNAL_NOT_FOUND"),
        (lambda region: region.notify(1, 1), l3link.Conflict, "SIGNAL_NOT_HOST_WRITTEN"),
        (lambda region: region.wait(0, 1, timeout=-1), l3link.InvalidArgument, "INVALID_ARGUMENT_FIELD"),
        (lambda region: region.read(0, 65), l3link.InvalidArgument, "RANGE_OUT_OF_REGION"),
        (lambda region: region.write(2**64 - 1, b"xx"), l3link.InvalidArgument, "RANGE_OUT_OF_REGION"),
        (lambda region: region.read_into(1, bytearray(64)), l3link.InvalidArgument, "RANGE_OUT_OF_REGION"),
    ],
)
def test_errors_have_the_reasons_that_a_node_gives(chip, call, kind, reason):
    with chip.open_shared_memory(64) as region:
        with pytest.raises(kind) as refused:
            call(region)
        assert refused.value.reason == reason


def test_objects_are_found_by_name(chip):
    with chip.open_channel(name="mine") as mine, chip.open_shared_memory(64, name="ours") as ours:
        with chip.find_channel("mine") as found:
            assert found.generation == mine.generation
        with chip.find_shared_memory("ours") as found:
            assert found.generation == ours.generation
        mine.send(b"still open")
    with pytest.raises(l3link.NotFound):
        chip.find_channel("mine")
    with pytest.raises(l3link.NotFound):
        chip.find_shared_memory("ours")


def test_wrong_options_and_platforms_are_refused():
    with pytest.raises(l3link.InvalidArgument, match="a2a3sim"):
        l3link.ChipWorker("a9sim")
    with pytest.raises(l3link.NotFound, match="/nowhere"):
        l3link.ChipWorker(sim_chip="/nowhere")
    with l3link.ChipWorker("a5") as chip, pytest.raises(l3link.Unsupported, match="not supported on a5"):
        chip.open_channel()


def test_closing_a_chip_ends_waits_and_handles():
    before = chip_processes()
    chip = l3link.ChipWorker(program="echo", arena_bytes=16 << 20)
    assert len(chip_processes()) == len(before) + 1
    channel, region = chip.open_channel(), chip.open_shared_memory(64)
    ended = []

    def wait(call):
        try:
            call()
        except l3link.Error as error:
            ended.append(error)

    waiters = [threading.Thread(target=wait, args=(call,)) for call in (channel.recv, lambda: region.wait(0, 1))]
    for waiter in waiters:
        waiter.start()
    time.sleep(0.2)
    chip.close()
    for waiter in waiters:
        waiter.join(PATIENCE)
    assert [type(error) for error in ended] == [l3link.Closed] * 2
    for call in (lambda: channel.send(b""), region.info, chip.open_channel):
        with pytest.raises(l3link.Closed):
            call()
    chip.close()
    assert chip_processes() == before


def chip_processes():
    """Living ones that this process is the parent of."""
    found = set()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            name, rest = stat.read_text().split("(", 1)[1].rsplit(") ", 1)
        except OSError:
            continue  # gone meanwhile
        state, parent = rest.split()[:2]
        if name.startswith("l3link-sim") and state != "Z" and int(parent) == os.getpid():
            found.add(stat.parent.name)
    return found


def test_asyncio():
    async def main():
        async with await l3link.aio.ChipWorker.start(program="echo", arena_bytes=64 << 20) as chip:
            async with await chip.open_channel() as channel, await chip.open_shared_memory(64) as region:
                await chip.channel_send(channel, 1, b"x", 2, timeout=PATIENCE)
                assert await chip.channel_recv(channel, timeout=PATIENCE) == (b"x", 1, 2)
                with pytest.raises(l3link.TimedOut):
                    await channel.recv(timeout=0.2)
                waits = [asyncio.create_task(region.wait(0, 1)) for _ in range(50)]
                await asyncio.sleep(0.2)
                await chip.shared_memory_notify(region, 0, 1)
                assert await asyncio.wait_for(asyncio.gather(*waits), PATIENCE) == [1] * 50
                for i in range(20):  # a cancelled recv loses nothing
                    waiting = asyncio.create_task(channel.recv())
                    await asyncio.sleep(0.01)
                    await channel.send(b"%d" % i)
                    waiting.cancel()
                    try:
                        message = await waiting
                    except asyncio.CancelledError:
                        message = await channel.recv(timeout=PATIENCE)
                    assert bytes(message) == b"%d" % i

    asyncio.run(main())
