"""A channel: messages by route to and from a chip program, over one lane a route."""

import weakref
from abc import ABC, abstractmethod
from types import TracebackType
from typing import Any, Dict, Optional, Type, TypeVar, Union

from l3link import _native
from l3link._native import Message
from l3link.errors import Closed, Error, NotFound
from l3link.lane_stream import LaneStream, StreamOptions
from l3link.types import Buffer, LaneChoice

__all__ = ["Channel", "ChipChannel"]

_Self = TypeVar("_Self", bound="_AnyChannel")


class _AnyChannel(ABC):
    """What channels of a remote node and of a chip in this process have in common. Any thread."""

    #: Lanes each way, messages a lane, bytes a message.
    cpu_to_l2_lanes: int
    l2_to_cpu_lanes: int
    lane_depth: int
    max_message_bytes: int

    def __init__(self, native: Union[_native.Channel, _native.ChipChannel], created: bool) -> None:
        self._handle = native
        self.name = native.name
        self.generation = native.generation
        self.cpu_to_l2_lanes = native.cpu_to_l2_lanes
        self.l2_to_cpu_lanes = native.l2_to_cpu_lanes
        self.lane_depth = native.lane_depth
        self.max_message_bytes = native.max_message_bytes
        #: False: it was open already.
        self.created = created

    def send(self, data: Buffer, route: int = 0, correlation_id: int = 0, timeout: Optional[float] = None) -> None:
        """Sends one message on lane route % cpu_to_l2_lanes; waits for room for `timeout` seconds (None: without end).

        Raises TimedOut (not sent), MessageTooLarge, Closed, DataLost, Conflict (the lane's lease or session is gone).
        """
        self._handle.send(route, data, correlation_id, timeout)

    def recv(self, timeout: Optional[float] = None, capacity: Optional[int] = None) -> Message:
        """The next message, from all lanes in fair turn; its payload is a view, not a copy.

        Raises TimedOut, MessageTooLarge when it is of more than `capacity` bytes (it stays for the next call), or as send.
        """
        return self._handle.recv(capacity, timeout)

    def release(self) -> None:
        """Lets go of its lanes; the channel stays open. Waiting calls of other threads end with Closed, later ones too."""
        self._handle.release()

    @abstractmethod
    def close(self) -> Optional[int]:
        """Closes the channel for everybody."""

    def __enter__(self: _Self) -> _Self:
        return self

    def __exit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        if self.created and self._handle.present:
            try:
                self.close()
            except (Closed, NotFound):
                pass  # somebody else was first
        self._release(in_order=error is None)

    def _release(self, in_order: bool) -> None:
        self.release()

    def __repr__(self) -> str:
        return f"<l3link.{type(self).__name__} {self.name}>"


class Channel(_AnyChannel):
    """A channel on a worker of a remote node. As a context manager it closes what it opened, and releases what it found."""

    def __init__(self, native: _native.Channel) -> None:
        super().__init__(native, native.created)
        self._native = native
        self.worker_id = native.worker_id
        self._streams: "weakref.WeakSet[LaneStream]" = weakref.WeakSet()

    def flush(self, timeout: Optional[float] = None) -> None:
        """Waits until everything sent is in the chip's ring, whatever happens to this program then."""
        self._native.flush(timeout)

    def open_stream(
        self,
        send: Union[int, LaneChoice, None] = None,
        receive: Union[int, LaneChoice, None] = None,
        options: StreamOptions = StreamOptions(),
    ) -> LaneStream:
        """Holds a lane, or one each way, until the stream is closed: a lane's number, by_route(n) or ANY_FREE.

        Raises Busy (LANE_HELD, LANES_ALL_HELD), NotFound, Conflict, Unavailable.
        """
        stream = LaneStream(_native.LaneStream(self._native, options.as_dict(send, receive), None, 0))
        self._streams.add(stream)
        return stream

    def state(self) -> Dict[str, Any]:
        """The channel as the node has it now: the fields of Channel and LaneState in proto/l3link/v1/channel.proto."""
        return self._native.state()

    def peek(self, direction: str, lane: int, max_messages: int = 16) -> Dict[str, Any]:
        """Looks at waiting messages of a lane ("cpu_to_l2" or "l2_to_cpu") and moves nothing: PeekResponse."""
        return self._native.peek(is_cpu_to_l2(direction), lane, max_messages)

    def release(self, timeout: Optional[float] = 10.0) -> None:
        """Lets go of its lanes and streams; the channel stays open. Waiting calls of other threads end with Closed.

        What was sent has `timeout` seconds to get into the chip's ring; what is left then is dropped, and TimedOut says so.
        """
        try:
            if timeout != 0 and self._native.present:
                self._native.flush(timeout)
        finally:
            for stream in list(self._streams):
                try:
                    stream.close(timeout)
                except Error:
                    pass  # its own user is told by its own calls
            self._native.release()

    def _release(self, in_order: bool) -> None:
        self.release(10.0 if in_order else 0)

    def close(self, drain: bool = False, timeout: float = 10.0) -> int:
        """Closes it for everybody: now, or once drained, within `timeout` seconds. Answers how many messages were dropped.

        Raises Conflict (OBJECT_BUSY) when it could not be drained in time, Closed when this handle was closed before.
        """
        return self._native.close(drain, timeout)


class ChipChannel(_AnyChannel):
    """A channel of a chip in this process."""

    def __init__(self, native: _native.ChipChannel, created: bool) -> None:
        super().__init__(native, created)
        self._native = native

    def close(self) -> None:
        """Closes it at once. Raises Closed when that was done before."""
        self._native.close()


def is_cpu_to_l2(direction: str) -> bool:
    if direction not in ("cpu_to_l2", "l2_to_cpu"):
        raise ValueError(f"direction {direction!r}: cpu_to_l2 or l2_to_cpu")
    return direction == "cpu_to_l2"
