"""kill -9 of the daemon under a Python program that goes on as if nothing had happened."""

import asyncio
import threading

import pytest
from node import PATIENCE, Node

import l3link
import l3link.aio

COUNT = 30_000
KILL_AT = (5_000, 15_000)


@pytest.fixture
def node():
    node = Node()
    yield node
    node.stop()


def test_a_stream_goes_on_over_killed_daemons_with_nothing_lost_doubled_or_reordered(node):
    with l3link.connect(node.target) as orch, orch.open_channel(0) as channel:
        with channel.open_stream(send=0, receive=0) as stream:

            def send():
                for i in range(COUNT):
                    stream.send(b"%d" % i, correlation_id=i, timeout=PATIENCE)

            sender = threading.Thread(target=send)
            sender.start()
            expected = 0
            while expected < COUNT:
                for message in stream.recv_batch(100, timeout=PATIENCE):
                    assert (bytes(message), message.sequence) == (b"%d" % expected, expected)
                    expected += 1
                    if expected in KILL_AT:
                        node.restart()
            sender.join()
            stream.flush(PATIENCE)
            assert stream.positions.reconnects >= len(KILL_AT)


def test_channels_by_route_go_on_too(node):
    with l3link.connect(node.target) as orch, orch.open_channel(0, 2, 2) as channel:
        for i in range(300):
            channel.send(b"%d" % i, route=i, timeout=PATIENCE)
            if i == 150:
                node.restart()
            assert bytes(channel.recv(timeout=PATIENCE)) == b"%d" % i


def test_a_wait_and_data_outlive_the_daemon(node):
    with l3link.connect(node.target) as orch, orch.open_shared_memory(4096) as region:
        region.write(0, b"kept")
        values = []
        waiter = threading.Thread(target=lambda: values.append(region.wait(0, 1)))
        waiter.start()
        node.restart()
        assert region.read(0, 4) == b"kept"
        assert region.notify(0, 1) == 1
        waiter.join(PATIENCE)
        assert values == [1]


def test_asyncio_goes_on_too(node):
    async def main():
        async with await l3link.aio.connect(node.target) as orch, await orch.open_channel(0) as channel:
            async with await channel.open_stream(send=0, receive=0) as stream:

                async def send():
                    for i in range(COUNT):
                        await stream.send(b"%d" % i, timeout=PATIENCE)

                sender = asyncio.create_task(send())
                for i in range(COUNT):
                    assert bytes(await stream.recv(timeout=PATIENCE)) == b"%d" % i
                    if i in KILL_AT:
                        await asyncio.to_thread(node.restart)
                await sender
                assert stream.positions.reconnects >= len(KILL_AT)

    asyncio.run(main())


def test_connecting_waits_for_a_node_that_comes_later(node):
    node.kill()
    threading.Timer(0.3, node.start).start()
    with l3link.connect(node.target, wait_for_ready=True, connect_timeout=PATIENCE) as orch:
        assert len(orch.node_names) == 1
