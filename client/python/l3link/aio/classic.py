"""The customary operation names for asyncio, as l3link.classic has them."""

from typing import Generic, Optional, Tuple, TypeVar

from l3link.aio.channel import Channel
from l3link.aio.chip_objects import ChipChannel, ChipRegion
from l3link.aio.region import Region
from l3link.types import Buffer, SharedMemoryInfo

__all__ = ["ClassicCalls"]

_Channel = TypeVar("_Channel", Channel, ChipChannel)
_Region = TypeVar("_Region", Region, ChipRegion)


class ClassicCalls(Generic[_Channel, _Region]):
    """Mixed into whatever opens channels and regions."""

    async def close_channel(self, channel: _Channel) -> None:
        await channel.close()

    async def channel_send(
        self, channel: _Channel, route: int, data: Buffer, correlation_id: int = 0, timeout: Optional[float] = 0
    ) -> None:
        await channel.send(data, route, correlation_id, timeout)

    async def channel_recv(
        self, channel: _Channel, capacity: Optional[int] = None, timeout: Optional[float] = 0
    ) -> Tuple[bytes, int, int]:
        message = await channel.recv(timeout, capacity)
        return bytes(message), message.route, message.correlation_id

    async def close_shared_memory(self, region: _Region) -> None:
        await region.close()

    async def shared_memory_info(self, region: _Region) -> SharedMemoryInfo:
        return region.info()

    async def shared_memory_read(self, region: _Region, offset: int, nbytes: int) -> bytes:
        return await region.read(offset, nbytes)

    async def shared_memory_write(self, region: _Region, offset: int, data: Buffer) -> None:
        await region.write(offset, data)

    async def shared_memory_notify(self, region: _Region, signal_id: int, value: int) -> None:
        await region.notify(signal_id, value)

    async def shared_memory_wait(
        self, region: _Region, signal_id: int, target: int, timeout: Optional[float] = 0
    ) -> int:
        return await region.wait(signal_id, target, ">=", timeout)
