"""Plain values of the interface."""

import array
import mmap
from dataclasses import dataclass
from typing import Any, Dict, Mapping, Optional, Protocol, Tuple, Union

from l3link._native import Message
from l3link.errors import InvalidArgument

__all__ = [
    "ANY_FREE",
    "Buffer",
    "CHECKSUM",
    "Condition",
    "LaneChoice",
    "Outgoing",
    "SharedMemoryInfo",
    "StreamPositions",
    "WaitResult",
    "WritableBuffer",
    "by_route",
]

#: A flag of open_channel: each message carries a CRC-32C of its payload, which both sides check.
CHECKSUM = 1


class _Array(Protocol):
    """numpy.ndarray, without needing numpy."""

    @property
    def __array_interface__(self) -> Dict[str, Any]: ...


#: Contiguous memory to send or write.
Buffer = Union[bytes, bytearray, memoryview, "array.array[Any]", mmap.mmap, Message, _Array]
#: Contiguous memory to read into.
WritableBuffer = Union[bytearray, memoryview, "array.array[Any]", mmap.mmap, _Array]
#: A message of a batch: its payload, or (payload, route, correlation_id).
Outgoing = Union[Buffer, Tuple[Buffer, int, int]]
#: (signal, one of >= > == != <= <, target)
Condition = Tuple[int, str, int]


@dataclass(frozen=True)
class LaneChoice:
    """Which lane of a direction a stream holds: a plain int is the lane itself; see by_route and ANY_FREE."""

    by: str
    number: int = 0


ANY_FREE = LaneChoice("any")


def by_route(route: int) -> LaneChoice:
    """The lane that the route's messages travel on: route % lane_count."""
    return LaneChoice("route", route)


def lane_tuple(choice: Union[int, LaneChoice, None]) -> Optional[Tuple[str, int]]:
    if choice is None:
        return None
    return (choice.by, choice.number) if isinstance(choice, LaneChoice) else ("lane", choice)


def wants_checksum(flags: int) -> bool:
    """Reads open_channel's flags; unknown ones are refused."""
    if flags & ~CHECKSUM:
        raise _wrong_flags(flags, f"a sum of known flags: l3link.CHECKSUM ({CHECKSUM})")
    return bool(flags & CHECKSUM)


def check_region_flags(flags: int) -> None:
    if flags:
        raise _wrong_flags(flags, "0: none is defined")


def _wrong_flags(flags: int, legal: str) -> InvalidArgument:
    metadata = {"field": "flags", "value": str(flags), "limit": legal}
    return InvalidArgument(
        f"flags {flags}: {legal}", code="INVALID_ARGUMENT", reason="INVALID_ARGUMENT_FIELD", metadata=metadata
    )


@dataclass(frozen=True)
class SharedMemoryInfo:
    """A region: addresses of its data (host_ptr is 0 on a remote node), sizes in bytes, flags as given at open."""

    host_ptr: int
    device_ptr: int
    data_bytes: int
    signal_count: int
    flags: int = 0


@dataclass(frozen=True)
class WaitResult:
    """Values of each condition's signal when last looked at; empty when the node was away."""

    satisfied: bool
    values: Tuple[int, ...]


@dataclass(frozen=True)
class StreamPositions:
    """How a stream stands, all read at one instant; docs/design/client.md says what a new stream can do with it."""

    session_id: str
    epoch: int
    send_lane: int
    receive_lane: int
    next_sequence: int
    published: int
    consumed: int
    received: int
    acked: int
    reconnects: int
    window_messages: int
    window_bytes: int
    max_message_bytes: int
    attached: bool
    chip_lost: bool
    draining: bool

    @staticmethod
    def of(positions: Mapping[str, Any]) -> "StreamPositions":
        return StreamPositions(**positions)
