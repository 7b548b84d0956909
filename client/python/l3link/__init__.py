"""L3Link for Python: channels, regions and signals of chip programs, on nodes anywhere or in this process.

    import l3link

    with l3link.connect("127.0.0.1:50051") as orch, orch.open_channel(0) as channel:
        channel.send(b"hello")
        print(bytes(channel.recv(timeout=10)))

l3link.aio has the same for asyncio. Timeouts are in seconds: None waits without end, 0 is one probe. docs/python.md.
"""

from l3link._native import Message
from l3link.channel import Channel, ChipChannel
from l3link.chip_worker import ChipWorker
from l3link.errors import (
    Busy,
    Closed,
    Conflict,
    DataLost,
    Error,
    InvalidArgument,
    MessageTooLarge,
    NotFound,
    TimedOut,
    Unavailable,
    Unsupported,
)
from l3link.lane_stream import LaneStream, StreamOptions
from l3link.orchestrator import Orchestrator, connect
from l3link.region import ChipRegion, Region
from l3link.types import (
    ANY_FREE,
    CHECKSUM,
    LaneChoice,
    SharedMemoryInfo,
    StreamPositions,
    WaitResult,
    by_route,
)

__version__ = "0.1.0"

__all__ = [
    "ANY_FREE",
    "Busy",
    "CHECKSUM",
    "Channel",
    "ChipChannel",
    "ChipRegion",
    "ChipWorker",
    "Closed",
    "Conflict",
    "DataLost",
    "Error",
    "InvalidArgument",
    "LaneChoice",
    "LaneStream",
    "Message",
    "MessageTooLarge",
    "NotFound",
    "Orchestrator",
    "Region",
    "SharedMemoryInfo",
    "StreamOptions",
    "StreamPositions",
    "TimedOut",
    "Unavailable",
    "Unsupported",
    "WaitResult",
    "by_route",
    "connect",
]
