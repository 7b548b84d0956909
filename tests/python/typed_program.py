"""A program that mypy --strict must accept and understand; test_typing.py runs it through mypy, nobody runs it."""

import asyncio
from pathlib import Path
from typing import List, Tuple

import numpy as np

import l3link
import l3link.aio
import l3link.testing


def blocking(target: str) -> Tuple[bytes, int, int]:
    with l3link.connect(target) as orch, orch.open_channel(0, flags=l3link.CHECKSUM) as channel:
        channel.send(np.zeros(4), route=1, timeout=None)
        message: l3link.Message = channel.recv(timeout=0.5)
        view: memoryview = message.payload
        numbers = np.frombuffer(view, np.uint8)
        del view, numbers
        with channel.open_stream(send=0, receive=l3link.by_route(3)) as stream:
            sent: int = stream.send_batch([b"a", (bytearray(b"b"), 1, 2)])
            sequences: List[int] = [one.sequence for one in stream.recv_batch()]
            del sent, sequences
        try:
            return orch.channel_recv(channel, capacity=10, timeout=0)
        except l3link.TimedOut as error:
            reason: str = error.reason
            holder: str = error.metadata["holder"]
            del reason, holder
            raise


def in_process() -> int:
    with l3link.ChipWorker(program=["echo"]) as chip, chip.open_shared_memory(64) as region:
        region.read_into(0, np.zeros(8))
        address: int = chip.shared_memory_info(region).host_ptr
        return address + region.wait(0, 1, "!=", timeout=1)


def testing(path: Path) -> bytes:
    with l3link.testing.Node([path, "echo"], chips=2, flags=("--insecure",), patience=5) as node:
        words: str = node.log + node.chip_log(1)
        with node.play_chip(1) as chip:
            chip.send("work", np.zeros(4), lane=1, correlation_id=2, timeout=None)
            value: int = chip.notify("frames", 0, chip.wait("frames", 1, 2, "<"), "add", timeout=0.5)
            chip.write("frames", value, chip.recv("work"))
            return chip.read("frames", 0, len(words))


async def asynchronous(target: str) -> bytes:
    async with await l3link.aio.connect(target) as orch, await orch.open_channel(0) as channel:
        await orch.channel_send(channel, 0, b"x")
        async with await channel.open_stream(send=l3link.ANY_FREE) as stream:
            async for message in stream:
                return bytes(message)
    return b""


if __name__ == "__main__":
    print(blocking("unix:x"), in_process(), testing(Path("x")), asyncio.run(asynchronous("unix:x")))
