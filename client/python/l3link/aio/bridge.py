"""Between the library's thread and one asyncio loop: events come by a mailbox whose descriptor the loop watches."""

import asyncio
from functools import partial
from typing import Any, Callable, Dict, Optional, Set, TypeVar

from l3link import _native
from l3link.errors import InvalidArgument, TimedOut

__all__ = ["Bridge", "Changes", "Deadline", "in_thread"]

_Result = TypeVar("_Result")
Handler = Callable[[str, Any], None]


async def in_thread(call: Callable[..., _Result], *arguments: Any) -> _Result:
    """Runs a call that blocks on a thread of the loop's executor. Cancelled, it goes on there; its result is dropped."""
    return await asyncio.get_running_loop().run_in_executor(None, partial(call, *arguments))


class Bridge:
    """Made in a running loop; hands each event to whoever registered its token. For that loop's thread."""

    def __init__(self) -> None:
        self.mailbox = _native.Mailbox()
        self._handlers: Dict[int, Handler] = {}
        self._last = 0
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self.mailbox.fileno(), self.drain)

    def register(self, handler: Handler) -> int:
        self._last += 1
        self._handlers[self._last] = handler
        return self._last

    def forget(self, token: int) -> None:
        self._handlers.pop(token, None)

    def drain(self) -> None:
        """Handles what has come by now."""
        for token, kind, value in self.mailbox.drain():
            handler = self._handlers.get(token)
            if handler is not None:
                handler(kind, value)

    def close(self) -> None:
        self._handlers.clear()
        if not self._loop.is_closed():
            self._loop.remove_reader(self.mailbox.fileno())


class Deadline:
    """A timeout that several waits share: seconds, None for no limit, 0 for one probe. Raises InvalidArgument below."""

    def __init__(self, timeout: Optional[float]) -> None:
        if timeout is not None and not timeout >= 0:
            raise InvalidArgument(
                f"timeout {timeout}: 0 s or more, or None",
                code="INVALID_ARGUMENT",
                reason="INVALID_ARGUMENT_FIELD",
                metadata={"field": "timeout", "value": str(timeout), "limit": "0 s or more, or None"},
            )
        self._loop = asyncio.get_running_loop()
        self._at = None if timeout is None else self._loop.time() + timeout

    @property
    def left(self) -> Optional[float]:
        return None if self._at is None else max(0.0, self._at - self._loop.time())

    def check(self, what: str) -> None:
        """Raises TimedOut when it is over."""
        if self.left == 0:
            raise TimedOut(what, code="DEADLINE_EXCEEDED", reason="WOULD_BLOCK")


class Changes:
    """Wakes every task that waits for something to have changed; each looks for itself what."""

    def __init__(self) -> None:
        self._waiting: Set["asyncio.Future[None]"] = set()

    def tell(self) -> None:
        for future in self._waiting:
            if not future.done():
                future.set_result(None)

    async def wait(self, deadline: Deadline) -> None:
        """Until the next tell() or the deadline."""
        future = asyncio.get_running_loop().create_future()
        self._waiting.add(future)
        try:
            await asyncio.wait({future}, timeout=deadline.left)
        finally:
            self._waiting.discard(future)
            future.cancel()
