"""The operations by their customary names, on handles; the same on an Orchestrator and on a ChipWorker.

Their timeouts are in seconds and 0 by default: one probe.
"""

from typing import Generic, Optional, Tuple, TypeVar

from l3link.channel import Channel, ChipChannel
from l3link.region import ChipRegion, Region
from l3link.types import Buffer, SharedMemoryInfo

__all__ = ["ClassicCalls"]

_Channel = TypeVar("_Channel", Channel, ChipChannel)
_Region = TypeVar("_Region", Region, ChipRegion)


class ClassicCalls(Generic[_Channel, _Region]):
    """Mixed into whatever opens channels and regions."""

    def close_channel(self, channel: _Channel) -> None:
        """Closes it for everybody, at once."""
        channel.close()

    def channel_send(
        self, channel: _Channel, route: int, data: Buffer, correlation_id: int = 0, timeout: Optional[float] = 0
    ) -> None:
        """Sends one message; lane = route % cpu_to_l2_lanes. Raises TimedOut when there is no room, MessageTooLarge."""
        channel.send(data, route, correlation_id, timeout)

    def channel_recv(
        self, channel: _Channel, capacity: Optional[int] = None, timeout: Optional[float] = 0
    ) -> Tuple[bytes, int, int]:
        """(payload, route, correlation_id) of the next message. Raises TimedOut when there is none.

        A message of more than `capacity` bytes is MessageTooLarge, with the size in metadata["bytes"], and stays for the next
        call; None: as large as the channel allows.
        """
        message = channel.recv(timeout, capacity)
        return bytes(message), message.route, message.correlation_id

    def close_shared_memory(self, region: _Region) -> None:
        """Closes it for everybody."""
        region.close()

    def shared_memory_info(self, region: _Region) -> SharedMemoryInfo:
        return region.info()

    def shared_memory_read(self, region: _Region, offset: int, nbytes: int) -> bytes:
        return region.read(offset, nbytes)

    def shared_memory_write(self, region: _Region, offset: int, data: Buffer) -> None:
        region.write(offset, data)

    def shared_memory_notify(self, region: _Region, signal_id: int, value: int) -> None:
        """Sets the signal, after everything that was written before."""
        region.notify(signal_id, value)

    def shared_memory_wait(
        self, region: _Region, signal_id: int, target: int, timeout: Optional[float] = 0
    ) -> int:
        """Waits until the signal is at least `target`; answers its value. Raises TimedOut."""
        return region.wait(signal_id, target, ">=", timeout)
