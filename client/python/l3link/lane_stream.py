"""A held lane, or a pair of them, at the end of one RPC; a broken connection or a restarted node is resumed inside."""

from dataclasses import asdict, dataclass
from types import TracebackType
from typing import Any, Dict, Iterator, List, Optional, Sequence, Type, Union

from l3link import _native
from l3link._native import Message
from l3link.errors import Closed, Error
from l3link.types import Buffer, LaneChoice, Outgoing, StreamPositions, lane_tuple

__all__ = ["LaneStream", "StreamOptions"]


@dataclass(frozen=True)
class StreamOptions:
    """How a stream is opened; client/stream_options.h says more. Times in seconds, 0 for the node's or lane's default."""

    #: "on_receive": a message is acknowledged when it is handed out; "explicit": when ack() says so, and comes again after a
    #: crash until then; "by_node": when the node has delivered it, so at most once.
    ack: str = "on_receive"
    #: A session from before takes its lanes up where they stand; with `resume` SESSION_UNKNOWN rather than a new one.
    session_id: str = ""
    resume: bool = False
    #: With resume: messages below are processed, and are acknowledged now.
    resume_acked: int = 0
    #: Sequence of the first message to be sent; what the node has already is taken and skipped. None: where the node stands.
    send_from: Optional[int] = None
    #: Delivered and not acknowledged, at most.
    receive_window_messages: int = 0
    receive_window_bytes: int = 0
    #: How long to wait in turn for a lane that another session holds.
    held_wait: float = 0.0
    lease_ttl: float = 0.0
    attach_timeout: float = 10.0
    reconnect: bool = True

    def as_dict(self, send: Union[int, LaneChoice, None], receive: Union[int, LaneChoice, None]) -> Dict[str, Any]:
        return {**asdict(self), "send": lane_tuple(send), "receive": lane_tuple(receive)}


class LaneStream:
    """Sends to one lane and receives from one, in order, each message once. Any thread.

    What ends it is raised by every later call, after the messages that had come; `failure` tells without a call.
    """

    def __init__(self, native: _native.LaneStream) -> None:
        self._native = native

    def send(self, data: Buffer, route: int = 0, correlation_id: int = 0, timeout: Optional[float] = None) -> None:
        """Takes one message, which travels by itself; waits for room. Raises TimedOut (not taken), MessageTooLarge."""
        self._native.send(data, route, correlation_id, timeout)

    def try_send(self, data: Buffer, route: int = 0, correlation_id: int = 0) -> bool:
        """The same without waiting or a round trip. False: no room now."""
        return self._native.try_send(data, route, correlation_id)

    def send_batch(self, messages: Sequence[Outgoing], timeout: Optional[float] = None) -> int:
        """Takes messages in order until all are taken or time is up; answers how many. TimedOut when it is none."""
        return self._native.send_batch(messages, timeout)

    def flush(self, timeout: Optional[float] = None) -> None:
        """Waits until all that was taken is in the chip's ring."""
        self._native.flush(timeout)

    def recv(self, timeout: Optional[float] = None) -> Message:
        """The next message. Raises TimedOut."""
        return self._native.recv(timeout)

    def recv_batch(self, max_messages: int = 1024, timeout: Optional[float] = None) -> List[Message]:
        """What has come, at least one message, at most `max_messages`. Raises TimedOut."""
        return self._native.recv_batch(max_messages, timeout)

    def __iter__(self) -> Iterator[Message]:
        """Messages until the stream is closed here."""
        while True:
            try:
                yield self.recv()
            except Closed:
                return

    def ack(self, through: int) -> None:
        """With ack="explicit": messages whose sequence is below `through` are processed."""
        self._native.ack(through)

    @property
    def positions(self) -> StreamPositions:
        return StreamPositions.of(self._native.positions())

    @property
    def failure(self) -> Optional[Error]:
        """Why it ended; None while it lives, reconnecting included."""
        return self._native.failure()

    def close(self, timeout: Optional[float] = 10.0) -> None:
        """Waits for what was sent to be in the ring, and gives the lanes back. Closing again does nothing.

        With `timeout` 0 it does not wait, and what was not sent by then is dropped. Raises TimedOut, or what ended the stream
        before; it is closed all the same.
        """
        if self._native.present:
            self._native.close(timeout)

    def abandon(self) -> None:
        """Leaves the lease to run out, so that the session can be taken up elsewhere: note `positions` first."""
        self._native.abandon()

    def __enter__(self) -> "LaneStream":
        return self

    def __exit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        if error is None:
            self.close()
            return
        try:
            self.close(timeout=0)
        except Error:
            pass  # the error under way says more
