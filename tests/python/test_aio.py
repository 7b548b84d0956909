"""asyncio: the same operations, awaited, and a loop that is never held up."""

import asyncio
import gc
import time

import numpy as np
import pytest
from node import PATIENCE, Node

import l3link
import l3link.aio


def run(main):
    return asyncio.run(asyncio.wait_for(main, 2 * PATIENCE))


@pytest.fixture(scope="module")
def full_node():
    node = Node(programs="source@nobody")  # takes nothing
    yield node
    node.stop()


def test_the_customary_calls(node):
    async def main():
        async with await l3link.aio.connect(node.target) as orch:
            channel = await orch.open_channel(0, 1, 1, lane_depth=64, max_message_bytes=256)
            await orch.channel_send(channel, 3, b"hello", correlation_id=4, timeout=PATIENCE)
            assert await orch.channel_recv(channel, timeout=PATIENCE) == (b"hello", 3, 4)
            with pytest.raises(l3link.TimedOut):
                await orch.channel_recv(channel)
            await orch.close_channel(channel)
            with pytest.raises(l3link.Closed):
                await orch.channel_send(channel, 0, b"late")
            region = await orch.open_shared_memory(64)
            await orch.shared_memory_write(region, 0, b"kept")
            assert await orch.shared_memory_read(region, 0, 4) == b"kept"
            await orch.shared_memory_notify(region, 0, 3)
            assert await orch.shared_memory_wait(region, 0, 3) == 3
            with pytest.raises(l3link.TimedOut):
                await orch.shared_memory_wait(region, 0, 4)
            assert (await orch.shared_memory_info(region)).data_bytes == 64
            await orch.close_shared_memory(region)

    run(main())


def test_a_closed_channel_takes_nothing_though_its_stream_has_not_heard_of_it(node):
    async def main():
        async with await l3link.aio.connect(node.target) as orch:
            for _ in range(20):
                channel = await orch.open_channel(0, 1, 1, lane_depth=64, max_message_bytes=256)
                await channel.send(b"early")
                await channel.close()
                with pytest.raises(l3link.Closed):
                    await channel.send(b"late")
                await channel.release(timeout=0)

    run(main())


def test_many_tasks_share_a_channel_by_route(node):
    async def main():
        async with await l3link.aio.connect(node.target) as orch, await orch.open_channel(0, 3, 3, 16) as channel:

            async def send(route):
                for i in range(500):
                    await channel.send(b"%d" % i, route=route)

            senders = [asyncio.create_task(send(route)) for route in range(6)]
            came = {route: [] for route in range(6)}
            for _ in range(3000):
                message = await channel.recv(timeout=PATIENCE)
                came[message.route].append(int(bytes(message)))
            await asyncio.gather(*senders)
            assert came == {route: list(range(500)) for route in range(6)}

    run(main())


def test_a_stream_moves_batches_and_keeps_what_is_not_taken_unacknowledged(node):
    async def main():
        async with await l3link.aio.connect(node.target) as orch, await orch.open_channel(0) as channel:
            async with await channel.open_stream(send=0, receive=0) as stream:
                assert await stream.send_batch([b"%d" % i for i in range(60)], timeout=PATIENCE) == 60
                await stream.flush(PATIENCE)
                taken = await stream.recv_batch(7, timeout=PATIENCE)
                assert [bytes(m) for m in taken] == [b"%d" % i for i in range(len(taken))] and 0 < len(taken) <= 7
                assert stream.positions.acked == len(taken)
                rest = 60 - len(taken)
                async for message in stream:
                    rest -= 1
                    if rest == 0:
                        break
                assert bytes(message) == b"59" and stream.positions.acked == 60

    run(main())


def test_a_received_payload_is_the_frame_itself(node):
    async def main():
        async with await l3link.aio.connect(node.target) as orch, await orch.open_channel(0) as channel:
            await channel.send(np.arange(32, dtype=np.uint64))
            message = await channel.recv(timeout=PATIENCE)
            seen = np.frombuffer(message, np.uint64)
            again = np.frombuffer(message.payload, np.uint64)
            assert seen.__array_interface__["data"] == again.__array_interface__["data"]
            assert (seen == np.arange(32)).all()

    run(main())


def test_waiting_for_a_message_room_or_a_signal_holds_up_no_loop_and_takes_no_thread(node, full_node):
    async def main():
        async with await l3link.aio.connect(node.target) as orch, await l3link.aio.connect(full_node.target) as full:
            channel, region = await orch.open_channel(0), await orch.open_shared_memory(64)
            stuck = await (await full.open_channel(0, lane_depth=1)).open_stream(send=0)
            while stuck.try_send(b"x"):
                pass
            waits = [channel.recv(), stuck.send(b"y"), *(region.wait(0, 1) for _ in range(100))]
            tasks = [asyncio.create_task(wait) for wait in waits]
            for _ in range(20):
                await asyncio.sleep(0.01)
            assert not any(task.done() for task in tasks)
            # The executor has threads left although more waits are under way than it has.
            await asyncio.wait_for(region.notify(0, 1), PATIENCE)
            assert await asyncio.gather(*tasks[2:]) == [1] * 100
            await channel.send(b"now")
            assert bytes(await asyncio.wait_for(tasks[0], PATIENCE)) == b"now"
            tasks[1].cancel()
            with pytest.raises(asyncio.CancelledError):
                await tasks[1]
            await stuck.close(timeout=0)

    run(main())


def test_a_cancelled_recv_takes_no_message(node):
    async def main():
        async with await l3link.aio.connect(node.target) as orch, await orch.open_channel(0) as channel:
            for i in range(50):
                waiting = asyncio.create_task(channel.recv())
                await asyncio.sleep(0)
                await channel.send(b"%d" % i)
                waiting.cancel()
                try:
                    message = await waiting
                except asyncio.CancelledError:
                    message = await channel.recv(timeout=PATIENCE)
                assert bytes(message) == b"%d" % i

    run(main())


def test_timeouts(node, full_node):
    async def main():
        async with await l3link.aio.connect(node.target) as orch, await orch.open_channel(0) as channel:
            region = await orch.open_shared_memory(64)
            for wait in (channel.recv, lambda timeout: region.wait(0, 1, timeout=timeout)):
                began = time.monotonic()
                with pytest.raises(l3link.TimedOut):
                    await wait(timeout=0.2)
                assert time.monotonic() - began >= 0.2
                for wrong in (-1, float("nan")):
                    with pytest.raises(l3link.InvalidArgument):
                        await wait(timeout=wrong)
            async with await l3link.aio.connect(full_node.target) as full:
                stream = await (await full.open_channel(0, lane_depth=1)).open_stream(send=0)
                with pytest.raises(l3link.TimedOut):
                    while True:
                        await stream.send(b"x", timeout=0.05)
                with pytest.raises(l3link.TimedOut):
                    await stream.flush(timeout=0.05)
                await stream.close(timeout=0)

    run(main())


def test_a_watch_tells_the_newest_values(node):
    async def main():
        async with await l3link.aio.connect(node.target) as orch, await orch.open_shared_memory(64) as region:
            with region.watch([(0, ">=", 1)]) as watch:
                for value in (1, 2, 3):
                    await region.notify(0, value)
                    while (seen := await watch.__anext__()).values[0] < value:
                        pass
                    assert seen.satisfied
            assert [result async for result in watch] == []
            with region.watch([(9, ">=", 1)]) as watch:
                with pytest.raises(l3link.NotFound):
                    await watch.__anext__()

    run(main())


def test_a_message_larger_than_the_capacity_stays(node):
    async def main():
        async with await l3link.aio.connect(node.target) as orch, await orch.open_channel(0) as channel:
            await channel.send(b"x" * 100)
            for _ in range(2):
                with pytest.raises(l3link.MessageTooLarge) as refused:
                    await channel.recv(timeout=PATIENCE, capacity=99)
                assert refused.value.metadata["bytes"] == "100"
            assert len(await channel.recv(capacity=100)) == 100

    run(main())


def test_what_ends_a_lane_ends_its_waits(node):
    async def main():
        async with await l3link.aio.connect(node.target) as orch:
            for end in ("close", "release"):
                channel, region = await orch.open_channel(0), await orch.open_shared_memory(64)
                waits = [asyncio.create_task(wait) for wait in (channel.recv(), region.wait(0, 1))]
                await asyncio.sleep(0.1)
                await getattr(channel, end)()
                await getattr(region, end)()
                for wait in waits:
                    with pytest.raises(l3link.Closed):
                        await asyncio.wait_for(wait, PATIENCE)

    run(main())


def test_errors_are_those_of_the_blocking_calls(node):
    async def main():
        with pytest.raises(l3link.Unavailable):
            await l3link.aio.connect("unix:/nowhere.sock", wait_for_ready=True, connect_timeout=0.2)
        async with await l3link.aio.connect(node.target) as orch, await orch.open_channel(0) as channel:
            async with await channel.open_stream(send=0):
                with pytest.raises(l3link.Busy) as held:
                    await channel.send(b"")
                assert held.value.reason == "LANE_HELD"
            await channel.send(b"free again")
            with pytest.raises(l3link.NotFound):
                await orch.find_channel(0, "never")

    run(main())


def test_a_loop_that_ends_with_all_open_ends_and_the_lanes_are_free_again(node):
    async def main():
        orch = await l3link.aio.connect(node.target)
        channel = await orch.open_channel(0, name="left")
        await channel.send(b"x")
        await channel.recv(timeout=PATIENCE)
        region = await orch.open_shared_memory(64)
        asyncio.create_task(region.wait(0, 1))
        await asyncio.sleep(0)

    run(main())
    gc.collect()
    with l3link.connect(node.target) as orch, orch.find_channel(0, "left") as channel:
        channel.open_stream(send=0, receive=0).close()
