"""What l3link raises: one class a kind of trouble, the stable reason and its facts as attributes.

`reason` is a name of docs/errors.md ("LANE_HELD"), or "" when no node answered or the call was refused by this library;
`metadata` has the names and limits concerned, as text; `code` is the status code ("NOT_FOUND"). Arguments of the wrong type
are a plain TypeError, buffers with gaps a plain ValueError.
"""

from typing import Dict, Mapping, Optional, Type

__all__ = [
    "Busy",
    "Closed",
    "Conflict",
    "DataLost",
    "Error",
    "InvalidArgument",
    "MessageTooLarge",
    "NotFound",
    "TimedOut",
    "Unavailable",
    "Unsupported",
]


class Error(Exception):
    """Any refusal or failure; raised itself for codes that have no class of their own."""

    code: str
    reason: str
    metadata: Dict[str, str]

    def __init__(
        self, message: str, *, code: str = "UNKNOWN", reason: str = "", metadata: Optional[Mapping[str, str]] = None
    ) -> None:
        super().__init__(message)
        self.code = code
        self.reason = reason
        self.metadata = dict(metadata or {})

    def __str__(self) -> str:
        message = super().__str__()
        return f"{message} [{self.reason}]" if self.reason else message


class TimedOut(Error, TimeoutError):
    """Time ran out: no room, no message, or the condition did not come to hold. Nothing is broken; try again."""


class InvalidArgument(Error, ValueError):
    """An argument is wrong; repeating the call cannot help."""


class MessageTooLarge(InvalidArgument):
    """More than the channel's max_message_bytes, or than the caller's capacity: metadata["bytes"]. It stays where it was."""


class NotFound(Error, LookupError):
    """No such node, worker, channel, region, lane or signal, or the handle is of an older one."""


class Busy(Error):
    """Held by somebody else, a limit is reached, or the chip is lost; later it may work."""


class Conflict(Error):
    """The object's state forbids it: other config under that name, closed, reset, lease or session gone."""


class Closed(Conflict):
    """The channel, region, stream or orchestrator was closed, by this program or another."""


class DataLost(Error):
    """The chip broke the contract of a lane or region, which is poisoned until it is reset."""


class Unavailable(Error, ConnectionError):
    """No node answers, or it did not answer in time, or it is stopping."""


class Unsupported(Error, NotImplementedError):
    """Not supported by this node or on this platform."""


_BY_REASON: Dict[str, Type[Error]] = {
    "CHANNEL_CLOSED": Closed,
    "CHIP_LOST": Busy,
    "MESSAGE_TOO_LARGE": MessageTooLarge,
    "REGION_CLOSED": Closed,
    "STALE_ID": NotFound,
    "WOULD_BLOCK": TimedOut,
}

_BY_CODE: Dict[str, Type[Error]] = {
    "ABORTED": Conflict,
    "ALREADY_EXISTS": Conflict,
    "CANCELLED": Closed,
    "DATA_LOSS": DataLost,
    "DEADLINE_EXCEEDED": Unavailable,
    "FAILED_PRECONDITION": Conflict,
    "INVALID_ARGUMENT": InvalidArgument,
    "NOT_FOUND": NotFound,
    "OUT_OF_RANGE": InvalidArgument,
    "RESOURCE_EXHAUSTED": Busy,
    "UNAVAILABLE": Unavailable,
    "UNIMPLEMENTED": Unsupported,
}


def from_status(code: str, reason: str, message: str, metadata: Mapping[str, str]) -> Error:
    """The exception for a status of the C++ library; called by the extension."""
    kind = _BY_REASON[reason] if reason in _BY_REASON else _BY_CODE.get(code, Error)
    return kind(message, code=code, reason=reason, metadata=metadata)
