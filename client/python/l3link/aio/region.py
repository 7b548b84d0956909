"""l3link.Region for asyncio: waits and watches are told by the library's thread; data goes by the executor's threads."""

import asyncio
from types import TracebackType
from typing import Any, Dict, Optional, Sequence, Set, Type

from l3link import _native
from l3link.aio.bridge import Bridge, Changes, Deadline, in_thread
from l3link.errors import Closed, Error, NotFound
from l3link.region import timed_out
from l3link.types import Buffer, Condition, SharedMemoryInfo, WaitResult, WritableBuffer

__all__ = ["Region", "Watch"]


class Watch:
    """Answers each time the conditions hold and a value changed, with the newest values; `async for`, or close it."""

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge
        self._token = bridge.register(self._on_event)
        self._changes = Changes()
        self._newest: Optional[WaitResult] = None
        self._ended: Optional[Error] = None
        self._native: Optional[_native.Watch] = None

    def arm(self, region: _native.Region, conditions: Sequence[Condition], all_of_them: bool) -> None:
        """For Region."""
        self._native = region.watch(conditions, all_of_them, self._bridge.mailbox, self._token)

    def __aiter__(self) -> "Watch":
        return self

    async def __anext__(self) -> WaitResult:
        deadline = Deadline(None)
        while self._newest is None:
            if self._ended is not None:
                raise self._ended
            if self._native is None:
                raise StopAsyncIteration
            await self._changes.wait(deadline)
        newest, self._newest = self._newest, None
        return newest

    def close(self) -> None:
        native, self._native = self._native, None
        self._bridge.forget(self._token)
        self._changes.tell()
        if native is not None:
            native.cancel()

    def __enter__(self) -> "Watch":
        return self

    def __exit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        self.close()

    def _on_event(self, kind: str, value: Any) -> None:
        if kind == "signals":
            self._newest = WaitResult(value[0], tuple(value[1]))
        else:
            self._ended = value
        self._changes.tell()


class Region:
    """A region on a worker of a remote node. `async with` closes what it opened, and releases what it found."""

    def __init__(self, bridge: Bridge, native: _native.Region) -> None:
        self._bridge = bridge
        self._native = native
        self.name = native.name
        self.worker_id = native.worker_id
        self.generation = native.generation
        self.created = native.created
        self.data_bytes = native.data_bytes
        self.signal_count = native.signal_count
        self._waiting: Set["asyncio.Future[WaitResult]"] = set()
        self._info = SharedMemoryInfo(0, native.device_ptr, native.data_bytes, native.signal_count)

    def info(self) -> SharedMemoryInfo:
        self._native.check_present()
        return self._info

    async def read(self, offset: int = 0, nbytes: Optional[int] = None, timeout: Optional[float] = None) -> bytes:
        length = max(0, self.data_bytes - offset) if nbytes is None else nbytes
        return await in_thread(self._native.read, offset, length, timeout)

    async def read_into(self, offset: int, out: WritableBuffer, timeout: Optional[float] = None) -> None:
        """As l3link.Region.read_into. Cancelled, `out` may still be written to."""
        await in_thread(self._native.read_into, offset, out, timeout)

    async def write(self, offset: int, data: Buffer, timeout: Optional[float] = None) -> None:
        await in_thread(self._native.write, offset, data, timeout)

    async def write_then_notify(
        self, offset: int, data: Buffer, signal: int, value: int, op: str = "set", timeout: Optional[float] = None
    ) -> int:
        return await in_thread(self._native.write_then_notify, offset, data, signal, value, op, timeout)

    async def notify(self, signal: int, value: int, op: str = "set") -> int:
        return await in_thread(self._native.notify, signal, value, op)

    async def wait(self, signal: int, target: int, compare: str = ">=", timeout: Optional[float] = None) -> int:
        """As l3link.Region.wait."""
        result = await self.wait_all([(signal, compare, target)], timeout)
        if not result.satisfied:
            raise timed_out(signal, target, compare, result.values)
        return result.values[0]

    async def wait_any(self, conditions: Sequence[Condition], timeout: Optional[float] = None) -> WaitResult:
        return await self._wait(conditions, False, timeout)

    async def wait_all(self, conditions: Sequence[Condition], timeout: Optional[float] = None) -> WaitResult:
        return await self._wait(conditions, True, timeout)

    def watch(self, conditions: Sequence[Condition], all_of_them: bool = False) -> Watch:
        """Tells whenever any (or all) of the conditions hold and a value changed; transient values may go unseen."""
        watch = Watch(self._bridge)
        watch.arm(self._native, conditions, all_of_them)
        return watch

    async def state(self) -> Dict[str, Any]:
        return await in_thread(self._native.state)

    async def release(self) -> None:
        await in_thread(self._native.release)
        self._end_waits()

    async def close(self) -> None:
        await in_thread(self._native.close)
        self._end_waits()

    async def __aenter__(self) -> "Region":
        return self

    async def __aexit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        if self.created and self._native.present:
            try:
                await self.close()
            except (Closed, NotFound):
                pass  # somebody else was first
        await self.release()

    async def _wait(self, conditions: Sequence[Condition], all_of_them: bool, timeout: Optional[float]) -> WaitResult:
        if timeout == 0:
            satisfied, values = await in_thread(self._native.wait, conditions, all_of_them, 0)
            return WaitResult(satisfied, tuple(values))
        answer: "asyncio.Future[WaitResult]" = asyncio.get_running_loop().create_future()
        self._waiting.add(answer)

        def on_event(kind: str, value: Any) -> None:
            if answer.done():
                return
            if kind == "signals":
                answer.set_result(WaitResult(value[0], tuple(value[1])))
            else:
                answer.set_exception(value)

        token = self._bridge.register(on_event)
        try:
            wait = self._native.wait_then(conditions, all_of_them, timeout, self._bridge.mailbox, token)
            try:
                return await answer
            finally:
                wait.cancel()
        finally:
            self._bridge.forget(token)
            self._waiting.discard(answer)

    def _end_waits(self) -> None:
        for answer in self._waiting:
            if not answer.done():
                answer.set_exception(Closed("the region is closed", code="CANCELLED"))
