"""l3link.ChipChannel and ChipRegion for asyncio.

A call that can be answered at once is, in the loop's thread; one that has to wait does so in slices on the executor's threads,
so that many waits share a few of them.
"""

import asyncio
from collections import deque
from types import TracebackType
from typing import Callable, Deque, Optional, Type, TypeVar

from l3link._native import Message
from l3link.aio.bridge import Deadline, in_thread
from l3link.channel import ChipChannel as SyncChannel
from l3link.errors import MessageTooLarge, TimedOut
from l3link.region import ChipRegion as SyncRegion
from l3link.types import Buffer, SharedMemoryInfo, WritableBuffer

__all__ = ["ChipChannel", "ChipRegion"]

_SLICE = 0.05  # seconds that a thread is taken for one wait, at most

_Result = TypeVar("_Result")


async def _in_slices(
    call: Callable[[float], _Result], timeout: Optional[float], late: Callable[[_Result], None]
) -> _Result:
    """Repeats `call(seconds)` until it says other than TimedOut. Cancelled during one that succeeds, `late` gets its result."""
    deadline = Deadline(timeout)
    try:
        return call(0)
    except TimedOut:
        if timeout == 0:
            raise
    loop = asyncio.get_running_loop()
    while True:
        left = deadline.left
        last = left is not None and left <= _SLICE
        future = loop.run_in_executor(None, call, left if left is not None and last else _SLICE)
        try:
            return await asyncio.shield(future)
        except TimedOut:
            if last:
                raise
        except asyncio.CancelledError:
            future.add_done_callback(lambda done: late(done.result()) if done.exception() is None else None)
            raise


class ChipChannel:
    """A channel of a chip in this process."""

    def __init__(self, channel: SyncChannel) -> None:
        self._sync = channel
        self._kept: Deque[Message] = deque()  # taken for a task that was cancelled meanwhile
        self.name = channel.name
        self.generation = channel.generation
        self.created = channel.created
        self.cpu_to_l2_lanes = channel.cpu_to_l2_lanes
        self.l2_to_cpu_lanes = channel.l2_to_cpu_lanes
        self.lane_depth = channel.lane_depth
        self.max_message_bytes = channel.max_message_bytes

    async def send(
        self, data: Buffer, route: int = 0, correlation_id: int = 0, timeout: Optional[float] = None
    ) -> None:
        """As l3link.ChipChannel.send. Cancelled while it waits, the message may have been sent."""
        await _in_slices(lambda s: self._sync.send(data, route, correlation_id, s), timeout, lambda _: None)

    async def recv(self, timeout: Optional[float] = None, capacity: Optional[int] = None) -> Message:
        """As l3link.ChipChannel.recv. Cancelled, none is lost."""
        return await _in_slices(lambda s: self._recv(s, capacity), timeout, self._kept.append)

    async def close(self) -> None:
        await in_thread(self._sync.close)

    async def release(self) -> None:
        await in_thread(self._sync.release)

    async def __aenter__(self) -> "ChipChannel":
        return self

    async def __aexit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        await in_thread(self._sync.__exit__, kind, error, trace)

    def _recv(self, timeout: float, capacity: Optional[int]) -> Message:
        try:
            kept = self._kept.popleft()
        except IndexError:
            return self._sync.recv(timeout, capacity)
        if capacity is None or len(kept) <= capacity:
            return kept
        self._kept.appendleft(kept)
        raise MessageTooLarge(
            f"channel {self.name}: message of {len(kept)} bytes > capacity {capacity}; it stays for the next call",
            code="INVALID_ARGUMENT",
            reason="MESSAGE_TOO_LARGE",
            metadata={"bytes": str(len(kept)), "room": str(capacity)},
        )


class ChipRegion:
    """A region of a chip in this process."""

    def __init__(self, region: SyncRegion) -> None:
        self._sync = region
        self.name = region.name
        self.generation = region.generation
        self.created = region.created
        self.data_bytes = region.data_bytes
        self.signal_count = region.signal_count

    def info(self) -> SharedMemoryInfo:
        return self._sync.info()

    async def read(self, offset: int = 0, nbytes: Optional[int] = None) -> bytes:
        return await in_thread(self._sync.read, offset, nbytes)

    async def read_into(self, offset: int, out: WritableBuffer) -> None:
        await in_thread(self._sync.read_into, offset, out)

    async def write(self, offset: int, data: Buffer) -> None:
        await in_thread(self._sync.write, offset, data)

    async def notify(self, signal: int, value: int, op: str = "set") -> int:
        return self._sync.notify(signal, value, op)

    async def wait(self, signal: int, target: int, compare: str = ">=", timeout: Optional[float] = None) -> int:
        return await _in_slices(
            lambda s: self._sync.wait(signal, target, compare, s), timeout, lambda _: None
        )

    async def close(self) -> None:
        await in_thread(self._sync.close)

    async def release(self) -> None:
        await in_thread(self._sync.release)

    async def __aenter__(self) -> "ChipRegion":
        return self

    async def __aexit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        await in_thread(self._sync.__exit__, kind, error, trace)
