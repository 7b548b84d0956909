"""l3link.Orchestrator for asyncio."""

import asyncio
import weakref
from types import TracebackType
from typing import Any, Dict, List, Optional, Sequence, Type, TypeVar, Union

from l3link import _native
from l3link.aio.bridge import Bridge, in_thread
from l3link.aio.channel import Channel
from l3link.aio.classic import ClassicCalls
from l3link.aio.region import Region
from l3link.channel import is_cpu_to_l2
from l3link.errors import Unavailable
from l3link.orchestrator import Targets, WorkerId
from l3link.types import check_region_flags, wants_checksum

__all__ = ["Orchestrator", "connect"]

_Opened = TypeVar("_Opened", Channel, Region)
_PAUSE = 0.05  # seconds between two tries to connect
_TRY = 2.0  # seconds for one of several, in which a network that swallows everything holds it up


class Orchestrator(ClassicCalls[Channel, Region]):
    """Made by connect(), for the tasks of one loop. `async with` releases what was opened through it."""

    def __init__(self, native: _native.Orchestrator) -> None:
        self._native = native
        self._bridge = Bridge()
        self._opened: "weakref.WeakSet[Union[Channel, Region]]" = weakref.WeakSet()

    @property
    def node_names(self) -> List[str]:
        return self._native.node_names()

    async def open_channel(
        self,
        worker_id: WorkerId,
        cpu_to_l2_lanes: int = 1,
        l2_to_cpu_lanes: int = 1,
        lane_depth: int = 64,
        max_message_bytes: int = 256,
        flags: int = 0,
        *,
        name: str = "",
    ) -> Channel:
        """As l3link.Orchestrator.open_channel."""
        native = await in_thread(
            self._native.open_channel,
            str(worker_id),
            name,
            cpu_to_l2_lanes,
            l2_to_cpu_lanes,
            lane_depth,
            max_message_bytes,
            wants_checksum(flags),
        )
        return self._keep(Channel(self._bridge, native))

    async def find_channel(self, worker_id: WorkerId, name: str) -> Channel:
        return self._keep(
            Channel(self._bridge, await in_thread(self._native.find_channel, str(worker_id), name))
        )

    async def open_shared_memory(
        self,
        data_bytes: int,
        signal_count: int = 2,
        flags: int = 0,
        *,
        worker_id: WorkerId = 0,
        name: str = "",
        signal_writers: Sequence[str] = (),
    ) -> Region:
        """As l3link.Orchestrator.open_shared_memory."""
        check_region_flags(flags)
        native = await in_thread(
            self._native.open_region, str(worker_id), name, data_bytes, signal_count, list(signal_writers)
        )
        return self._keep(Region(self._bridge, native))

    async def find_shared_memory(self, name: str, *, worker_id: WorkerId = 0) -> Region:
        return self._keep(Region(self._bridge, await in_thread(self._native.find_region, str(worker_id), name)))

    async def get_node(self, node: str = "") -> Dict[str, Any]:
        return await in_thread(self._native.get_node, node)

    async def list_chips(self, node: str = "") -> List[Dict[str, Any]]:
        return await in_thread(self._native.list_chips, node)

    async def list_channels(self, worker_id: WorkerId) -> List[Dict[str, Any]]:
        return await in_thread(self._native.list_channels, str(worker_id))

    async def list_shared_memories(self, *, worker_id: WorkerId = 0) -> List[Dict[str, Any]]:
        return await in_thread(self._native.list_regions, str(worker_id))

    async def reset_lane(self, worker_id: WorkerId, channel: str, direction: str, lane: int) -> Dict[str, Any]:
        return await in_thread(
            self._native.reset_lane, str(worker_id), channel, is_cpu_to_l2(direction), lane
        )

    async def close(self) -> None:
        """Releases all channels, streams and regions opened through it; they stay open on their nodes."""
        await asyncio.gather(*(opened.release() for opened in list(self._opened)), return_exceptions=True)
        self._bridge.close()
        await in_thread(self._native.release)

    def _keep(self, opened: _Opened) -> _Opened:
        self._opened.add(opened)
        return opened

    async def __aenter__(self) -> "Orchestrator":
        return self

    async def __aexit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        await self.close()


async def connect(
    targets: Targets = None,
    *,
    connect_timeout: float = 10.0,
    wait_for_ready: bool = False,
    call_timeout: float = 30.0,
    watch_reconnect_timeout: float = 60.0,
) -> Orchestrator:
    """With the arguments and errors of l3link.Orchestrator: `async with await l3link.aio.connect(target) as orch`."""
    names = [targets] if isinstance(targets, str) else list(targets or [""])
    loop = asyncio.get_running_loop()
    deadline = loop.time() + connect_timeout
    while True:
        left = max(0.001, deadline - loop.time())
        each = min(left, _TRY) if wait_for_ready else left
        try:
            return Orchestrator(
                await in_thread(_native.Orchestrator, names, each, False, call_timeout, watch_reconnect_timeout)
            )
        except Unavailable:
            if not wait_for_ready or left <= _PAUSE:
                raise
        await asyncio.sleep(_PAUSE)
