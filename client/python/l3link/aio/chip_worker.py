"""l3link.ChipWorker for asyncio."""

from types import TracebackType
from typing import Any, Optional, Sequence, Type

import l3link.chip_worker
from l3link.aio.bridge import in_thread
from l3link.aio.chip_objects import ChipChannel, ChipRegion
from l3link.aio.classic import ClassicCalls

__all__ = ["ChipWorker"]


class ChipWorker(ClassicCalls[ChipChannel, ChipRegion]):
    """One chip in this process: `async with await ChipWorker.start(program="echo") as chip`."""

    def __init__(self, chip: "l3link.chip_worker.ChipWorker") -> None:
        self._sync = chip

    @classmethod
    async def start(cls, platform: str = "a2a3sim", device_id: int = 0, **options: Any) -> "ChipWorker":
        """With the arguments and errors of l3link.ChipWorker."""
        return cls(await in_thread(lambda: l3link.chip_worker.ChipWorker(platform, device_id, **options)))

    async def open_channel(
        self,
        cpu_to_l2_lanes: int = 1,
        l2_to_cpu_lanes: int = 1,
        lane_depth: int = 64,
        max_message_bytes: int = 256,
        flags: int = 0,
        *,
        name: str = "",
    ) -> ChipChannel:
        return ChipChannel(
            await in_thread(
                lambda: self._sync.open_channel(
                    cpu_to_l2_lanes, l2_to_cpu_lanes, lane_depth, max_message_bytes, flags, name=name
                )
            )
        )

    async def find_channel(self, name: str) -> ChipChannel:
        return ChipChannel(await in_thread(self._sync.find_channel, name))

    async def open_shared_memory(
        self,
        data_bytes: int,
        signal_count: int = 2,
        flags: int = 0,
        *,
        name: str = "",
        signal_writers: Sequence[str] = (),
    ) -> ChipRegion:
        return ChipRegion(
            await in_thread(
                lambda: self._sync.open_shared_memory(
                    data_bytes, signal_count, flags, name=name, signal_writers=signal_writers
                )
            )
        )

    async def find_shared_memory(self, name: str) -> ChipRegion:
        return ChipRegion(await in_thread(self._sync.find_shared_memory, name))

    async def close(self) -> None:
        await in_thread(self._sync.close)

    async def __aenter__(self) -> "ChipWorker":
        return self

    async def __aexit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        await self.close()
