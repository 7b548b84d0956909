"""l3link.LaneStream for asyncio: what comes, room to send, and its end are told by the library's thread; no thread waits."""

from collections import deque
from dataclasses import replace
from types import TracebackType
from typing import Any, Callable, Deque, List, Optional, Sequence, Type, Union

from l3link import _native
from l3link._native import Message
from l3link.aio.bridge import Bridge, Changes, Deadline, in_thread
from l3link.errors import Closed, Error, TimedOut
from l3link.lane_stream import StreamOptions
from l3link.types import Buffer, LaneChoice, Outgoing, StreamPositions

__all__ = ["LaneStream"]

_CLOSED = "the stream is closed"
_FULL = "the send window is full: the chip takes no more"


class LaneStream:
    """Sends to one lane and receives from one, in order, each message once. For one loop's tasks; opened by a Channel."""

    def __init__(self, bridge: Bridge, options: StreamOptions, changes: Optional[Changes] = None) -> None:
        self._bridge = bridge
        self._token = bridge.register(self._on_event)
        self._changes = changes or Changes()
        self._inbox: Deque[Message] = deque()
        self._ended: Optional[Error] = None
        self._acks_itself = options.ack == "on_receive"
        # The inbox counts as not received yet: what is taken out of it is acknowledged then.
        self._options = replace(options, ack="explicit") if self._acks_itself else options
        self._native: Optional[_native.LaneStream] = None

    async def attach(
        self, channel: _native.Channel, send: Union[int, LaneChoice, None], receive: Union[int, LaneChoice, None]
    ) -> None:
        """Holds the lanes. For Channel."""
        options = self._options.as_dict(send, receive)
        try:
            self._native = await in_thread(
                _native.LaneStream, channel, options, self._bridge.mailbox, self._token
            )
        except BaseException:
            self._bridge.forget(self._token)
            raise

    async def send(
        self, data: Buffer, route: int = 0, correlation_id: int = 0, timeout: Optional[float] = None
    ) -> None:
        """As l3link.LaneStream.send. Cancelled, the message was not taken."""
        await self._when_room(lambda native: native.try_send(data, route, correlation_id), Deadline(timeout))

    def try_send(self, data: Buffer, route: int = 0, correlation_id: int = 0) -> bool:
        """The same at once. False: no room now."""
        return self._held.try_send(data, route, correlation_id)

    async def send_batch(self, messages: Sequence[Outgoing], timeout: Optional[float] = None) -> int:
        """Takes messages in order until all are taken or time is up; answers how many. TimedOut when it is none."""
        sent = 0

        def try_send(native: _native.LaneStream) -> bool:
            nonlocal sent
            try:
                sent += native.send_batch(messages[sent:], 0)
            except TimedOut:
                pass
            return sent == len(messages)

        try:
            await self._when_room(try_send, Deadline(timeout))
        except TimedOut:
            if sent == 0:
                raise
        return sent

    async def flush(self, timeout: Optional[float] = None) -> None:
        """Waits until all that was taken is in the chip's ring."""

        def flushed(native: _native.LaneStream) -> bool:
            try:
                native.flush(0)
            except TimedOut:
                return False
            return True

        await self._when_room(flushed, Deadline(timeout), "not everything was published in time")

    async def recv(self, timeout: Optional[float] = None) -> Message:
        """The next message. Raises TimedOut. Cancelled, none was taken."""
        return (await self.recv_batch(1, timeout))[0]

    async def recv_batch(self, max_messages: int = 1024, timeout: Optional[float] = None) -> List[Message]:
        """What has come, at least one message, at most `max_messages`. Raises TimedOut."""
        deadline = Deadline(timeout)
        if not self._inbox:
            self._bridge.drain()
        while not self._inbox:
            self._check_alive()
            deadline.check("no message came")
            await self._changes.wait(deadline)
        return self.take(max_messages)

    def peek(self) -> Optional[Message]:
        """What recv would answer at once; it stays."""
        return self._inbox[0] if self._inbox else None

    def take(self, max_messages: int) -> List[Message]:
        """Up to so many of what has come, perhaps none."""
        messages = [self._inbox.popleft() for _ in range(min(max_messages, len(self._inbox)))]
        if messages and self._acks_itself and self._ended is None and self._native is not None:
            try:
                self._native.ack(messages[-1].sequence + 1)
            except Error:
                pass  # it has just ended; the next call says why
        return messages

    def __aiter__(self) -> "LaneStream":
        return self

    async def __anext__(self) -> Message:
        """Messages until the stream is closed here."""
        try:
            return await self.recv()
        except Closed:
            raise StopAsyncIteration from None

    def ack(self, through: int) -> None:
        """With ack="explicit": messages whose sequence is below `through` are processed."""
        self._held.ack(through)

    @property
    def positions(self) -> StreamPositions:
        return StreamPositions.of(self._held.positions())

    @property
    def failure(self) -> Optional[Error]:
        """Why it ended; None while it lives, reconnecting included."""
        return self._ended or self._held.failure()

    async def close(self, timeout: Optional[float] = 10.0) -> None:
        """As l3link.LaneStream.close."""
        native = self._native
        if native is None:
            return
        try:
            if timeout != 0:
                await self.flush(timeout)
        finally:
            self._native = None
            self._bridge.forget(self._token)
            self._changes.tell()
            await in_thread(native.close, 0)

    async def __aenter__(self) -> "LaneStream":
        return self

    async def __aexit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        if error is None:
            await self.close()
            return
        try:
            await self.close(timeout=0)
        except Error:
            pass  # the error under way says more

    async def _when_room(
        self, attempt: Callable[[_native.LaneStream], bool], deadline: Deadline, late: str = _FULL
    ) -> None:
        if attempt(self._held):
            return
        while True:
            self._held.want_progress()
            if attempt(self._held):
                return
            deadline.check(late)
            await self._changes.wait(deadline)

    @property
    def _held(self) -> _native.LaneStream:
        if self._native is None:
            raise Closed(_CLOSED, code="CANCELLED")
        return self._native

    def _check_alive(self) -> None:
        if self._ended is not None:
            raise self._ended
        self._held

    def _on_event(self, kind: str, value: Any) -> None:
        if kind == "messages":
            self._inbox.extend(value)
        elif kind == "ended":
            self._ended = value
        self._changes.tell()
