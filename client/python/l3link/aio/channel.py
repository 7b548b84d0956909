"""l3link.Channel for asyncio: by route, over one stream a lane that is opened when first needed."""

import asyncio
from types import TracebackType
from typing import Any, Dict, List, Optional, Type, Union

from l3link import _native
from l3link._native import Message
from l3link.aio.bridge import Bridge, Changes, Deadline, in_thread
from l3link.aio.lane_stream import LaneStream
from l3link.channel import is_cpu_to_l2
from l3link.errors import Closed, Error, InvalidArgument, MessageTooLarge, NotFound, TimedOut
from l3link.lane_stream import StreamOptions
from l3link.types import Buffer, LaneChoice

__all__ = ["Channel"]


class Channel:
    """A channel on a worker of a remote node. `async with` closes what it opened, and releases what it found."""

    def __init__(self, bridge: Bridge, native: _native.Channel) -> None:
        self._bridge = bridge
        self._native = native
        self.name = native.name
        self.worker_id = native.worker_id
        self.generation = native.generation
        self.created = native.created
        self.cpu_to_l2_lanes = native.cpu_to_l2_lanes
        self.l2_to_cpu_lanes = native.l2_to_cpu_lanes
        self.lane_depth = native.lane_depth
        self.max_message_bytes = native.max_message_bytes
        self._opening = asyncio.Lock()
        self._senders: Dict[int, LaneStream] = {}
        self._receivers: Dict[int, LaneStream] = {}
        self._arrivals = Changes()
        self._turn = 0
        self._streams: List[LaneStream] = []  # opened by open_stream

    async def send(
        self, data: Buffer, route: int = 0, correlation_id: int = 0, timeout: Optional[float] = None
    ) -> None:
        """As l3link.Channel.send. Cancelled, the message was not taken."""
        if self.cpu_to_l2_lanes == 0:
            raise self._no_lane("cpu_to_l2")
        self._native.check_present()  # a lane's stream may not have heard yet that the channel was closed
        lane = route % self.cpu_to_l2_lanes
        stream = self._senders.get(lane) or await self._open_lane(self._senders, lane, None)
        try:
            await stream.send(data, route, correlation_id, timeout)
        except (TimedOut, InvalidArgument):
            raise
        except Error:
            self._senders.pop(lane, None)  # told now; the next use begins anew
            raise

    async def recv(self, timeout: Optional[float] = None, capacity: Optional[int] = None) -> Message:
        """As l3link.Channel.recv. Cancelled, none was taken."""
        if self.l2_to_cpu_lanes == 0:
            raise self._no_lane("l2_to_cpu")
        deadline = Deadline(timeout)
        for lane in range(self.l2_to_cpu_lanes):
            if lane not in self._receivers:
                await self._open_lane(self._receivers, lane, self._arrivals)
        while True:
            self._bridge.drain()
            stream = self._next_in_turn()
            if stream is not None:
                return self._take(stream, capacity)
            deadline.check("no message came")
            await self._arrivals.wait(deadline)

    async def flush(self, timeout: Optional[float] = None) -> None:
        """Waits until everything sent is in the chip's ring."""
        deadline = Deadline(timeout)
        for stream in list(self._senders.values()):
            await stream.flush(deadline.left)

    async def open_stream(
        self,
        send: Union[int, LaneChoice, None] = None,
        receive: Union[int, LaneChoice, None] = None,
        options: StreamOptions = StreamOptions(),
    ) -> LaneStream:
        """As l3link.Channel.open_stream."""
        stream = LaneStream(self._bridge, options)
        await stream.attach(self._native, send, receive)
        self._streams.append(stream)
        return stream

    async def state(self) -> Dict[str, Any]:
        return await in_thread(self._native.state)

    async def peek(self, direction: str, lane: int, max_messages: int = 16) -> Dict[str, Any]:
        return await in_thread(self._native.peek, is_cpu_to_l2(direction), lane, max_messages)

    async def release(self, timeout: Optional[float] = 10.0) -> None:
        """As l3link.Channel.release. Waiting tasks end with Closed."""
        try:
            if timeout != 0 and self._native.present:
                await self.flush(timeout)
        finally:
            held = [*self._senders.values(), *self._receivers.values(), *self._streams]
            self._senders.clear()
            self._streams.clear()
            await asyncio.gather(*(stream.close(timeout) for stream in held), return_exceptions=True)
            self._receivers.clear()
            self._native.release()
            self._arrivals.tell()

    async def close(self, drain: bool = False, timeout: float = 10.0) -> int:
        """As l3link.Channel.close."""
        return await in_thread(self._native.close, drain, timeout)

    async def __aenter__(self) -> "Channel":
        return self

    async def __aexit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        if self.created and self._native.present:
            try:
                await self.close()
            except (Closed, NotFound):
                pass  # somebody else was first
        await self.release(10.0 if error is None else 0)

    async def _open_lane(
        self, streams: Dict[int, LaneStream], lane: int, changes: Optional[Changes]
    ) -> LaneStream:
        async with self._opening:
            if lane not in streams:
                stream = LaneStream(self._bridge, StreamOptions(), changes)
                sends = streams is self._senders
                await stream.attach(self._native, lane if sends else None, None if sends else lane)
                streams[lane] = stream
            return streams[lane]

    def _next_in_turn(self) -> Optional[LaneStream]:
        """A lane that has a message, in fair turn. Raises what ended a lane, once, when it has none left."""
        for i in range(self.l2_to_cpu_lanes):
            lane = (self._turn + i) % self.l2_to_cpu_lanes
            stream = self._receivers.get(lane)
            if stream is None:
                raise Closed("the channel is closed", code="CANCELLED")
            if stream.peek() is not None:
                self._turn = lane + 1
                return stream
            try:
                failure = stream.failure
            except Closed as closed:
                failure = closed
            if failure is not None:
                del self._receivers[lane]
                raise failure
        return None

    def _take(self, stream: LaneStream, capacity: Optional[int]) -> Message:
        waiting = stream.peek()
        if waiting is not None and capacity is not None and len(waiting) > capacity:
            self._turn -= 1  # it stays first in turn
            raise MessageTooLarge(
                f"channel {self.name}: message of {len(waiting)} bytes > capacity {capacity}; it stays for the next call",
                code="INVALID_ARGUMENT",
                reason="MESSAGE_TOO_LARGE",
                metadata={"bytes": str(len(waiting)), "room": str(capacity)},
            )
        return stream.take(1)[0]

    def _no_lane(self, direction: str) -> InvalidArgument:
        return InvalidArgument(
            f"channel {self.name} has no {direction} lane", code="INVALID_ARGUMENT", reason="DIRECTION_NOT_HELD"
        )
