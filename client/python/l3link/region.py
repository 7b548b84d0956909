"""A region of memory shared with a chip program, and its signals."""

from abc import ABC, abstractmethod
from types import TracebackType
from typing import Any, Dict, Optional, Sequence, Type, TypeVar, Union

from l3link import _native
from l3link.errors import Closed, NotFound, TimedOut
from l3link.types import Buffer, Condition, SharedMemoryInfo, WaitResult, WritableBuffer

__all__ = ["ChipRegion", "Region"]

_Self = TypeVar("_Self", bound="_AnyRegion")


class _AnyRegion(ABC):
    """What regions of a remote node and of a chip in this process have in common. Any thread; a wait blocks no other call."""

    def __init__(
        self, native: Union[_native.Region, _native.ChipRegion], info: SharedMemoryInfo, created: bool
    ) -> None:
        self._handle = native
        self.name = native.name
        self.generation = native.generation
        self.data_bytes = info.data_bytes
        self.signal_count = info.signal_count
        #: False: it was open already.
        self.created = created

    @abstractmethod
    def info(self) -> SharedMemoryInfo:
        """Addresses and sizes."""

    @abstractmethod
    def read(self, offset: int = 0, nbytes: Optional[int] = None) -> bytes:
        """`nbytes` of the data from `offset` on; None: to the end. Not a snapshot: the chip may write meanwhile.

        Raises InvalidArgument (RANGE_OUT_OF_REGION), DataLost, Closed.
        """

    @abstractmethod
    def read_into(self, offset: int, out: WritableBuffer) -> None:
        """Fills all of `out`, a numpy array for example, straight from `offset` on. Errors as read."""

    @abstractmethod
    def write(self, offset: int, data: Buffer) -> None:
        """Writes all of `data` at `offset`. Errors as read."""

    @abstractmethod
    def notify(self, signal: int, value: int, op: str = "set") -> int:
        """Changes a signal ("set", "add", "max") and rings the chip; answers its value after.

        Whoever sees the signal sees what was written before. Raises NotFound (SIGNAL_NOT_FOUND), Conflict
        (SIGNAL_NOT_HOST_WRITTEN), Unsupported ("add", "max" where the platform cannot).
        """

    @abstractmethod
    def wait(self, signal: int, target: int, compare: str = ">=", timeout: Optional[float] = None) -> int:
        """Waits until signal `compare` target holds; answers the value that did. 0 s is one probe. Raises TimedOut."""

    def release(self) -> None:
        """Lets go of it here; the region stays open. Waiting calls of other threads end with Closed, later ones too."""
        self._handle.release()

    def close(self) -> None:
        """Closes the region for everybody. Raises Closed when this handle was closed before."""
        self._handle.close()

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
        self.release()

    def __repr__(self) -> str:
        return f"<l3link.{type(self).__name__} {self.name}, {self.data_bytes} bytes, {self.signal_count} signals>"

    def _to_end(self, offset: int, nbytes: Optional[int]) -> int:
        return max(0, self.data_bytes - offset) if nbytes is None else nbytes


class Region(_AnyRegion):
    """A region on a worker of a remote node. As a context manager it closes what it opened, and releases what it found.

    read, write, write_then_notify and notify go on over a broken connection and a restarted node, at most 30 s without one;
    a notify is done once all the same.
    """

    def __init__(self, native: _native.Region) -> None:
        info = SharedMemoryInfo(0, native.device_ptr, native.data_bytes, native.signal_count)
        super().__init__(native, info, native.created)
        self._native = native
        self._info = info
        self.worker_id = native.worker_id

    def info(self) -> SharedMemoryInfo:
        self._native.check_present()
        return self._info

    def read(self, offset: int = 0, nbytes: Optional[int] = None, timeout: Optional[float] = None) -> bytes:
        return self._native.read(offset, self._to_end(offset, nbytes), timeout)

    def read_into(self, offset: int, out: WritableBuffer, timeout: Optional[float] = None) -> None:
        self._native.read_into(offset, out, timeout)

    def write(self, offset: int, data: Buffer, timeout: Optional[float] = None) -> None:
        self._native.write(offset, data, timeout)

    def write_then_notify(
        self, offset: int, data: Buffer, signal: int, value: int, op: str = "set", timeout: Optional[float] = None
    ) -> int:
        """Both in one call: the chip sees the data before the signal. Answers the signal's value after."""
        return self._native.write_then_notify(offset, data, signal, value, op, timeout)

    def notify(self, signal: int, value: int, op: str = "set") -> int:
        return self._native.notify(signal, value, op)

    def wait(self, signal: int, target: int, compare: str = ">=", timeout: Optional[float] = None) -> int:
        satisfied, values = self._native.wait([(signal, compare, target)], True, timeout)
        if not satisfied:
            raise timed_out(signal, target, compare, values)
        return values[0]

    def wait_any(self, conditions: Sequence[Condition], timeout: Optional[float] = None) -> WaitResult:
        """Waits until one condition holds; time that runs out is `satisfied` False, not an error."""
        satisfied, values = self._native.wait(conditions, False, timeout)
        return WaitResult(satisfied, tuple(values))

    def wait_all(self, conditions: Sequence[Condition], timeout: Optional[float] = None) -> WaitResult:
        """Waits until all conditions hold at once; as wait_any."""
        satisfied, values = self._native.wait(conditions, True, timeout)
        return WaitResult(satisfied, tuple(values))

    def state(self) -> Dict[str, Any]:
        """The region as the node has it now: the fields of Region in proto/l3link/v1/memory.proto."""
        return self._native.state()


class ChipRegion(_AnyRegion):
    """A region of a chip in this process."""

    def __init__(self, native: _native.ChipRegion, created: bool) -> None:
        super().__init__(native, SharedMemoryInfo(**native.info()), created)
        self._native = native

    def info(self) -> SharedMemoryInfo:
        return SharedMemoryInfo(**self._native.info())

    def read(self, offset: int = 0, nbytes: Optional[int] = None) -> bytes:
        return self._native.read(offset, self._to_end(offset, nbytes))

    def read_into(self, offset: int, out: WritableBuffer) -> None:
        self._native.read_into(offset, out)

    def write(self, offset: int, data: Buffer) -> None:
        self._native.write(offset, data)

    def notify(self, signal: int, value: int, op: str = "set") -> int:
        return self._native.notify(signal, value, op)

    def wait(self, signal: int, target: int, compare: str = ">=", timeout: Optional[float] = None) -> int:
        return self._native.wait(signal, compare, target, timeout)


def timed_out(signal: int, target: int, compare: str, values: Sequence[int]) -> TimedOut:
    last = f", it is {values[0]}" if values else ""
    return TimedOut(
        f"signal {signal} is not {compare} {target}{last}",
        code="DEADLINE_EXCEEDED",
        reason="WOULD_BLOCK",
        metadata={"signal": str(signal)},
    )
