"""l3link for asyncio: the same names and arguments, awaited; values and exceptions are l3link's own.

    async with await l3link.aio.connect("127.0.0.1:50051") as orch, await orch.open_channel(0) as channel:
        await channel.send(b"hello")
        print(bytes(await channel.recv(timeout=10)))

Objects belong to the loop that they were made in. docs/python.md says what runs where.
"""

from l3link.aio.channel import Channel
from l3link.aio.chip_objects import ChipChannel, ChipRegion
from l3link.aio.chip_worker import ChipWorker
from l3link.aio.lane_stream import LaneStream
from l3link.aio.orchestrator import Orchestrator, connect
from l3link.aio.region import Region, Watch

__all__ = [
    "Channel",
    "ChipChannel",
    "ChipRegion",
    "ChipWorker",
    "LaneStream",
    "Orchestrator",
    "Region",
    "Watch",
    "connect",
]
