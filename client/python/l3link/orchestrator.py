"""The front door: one or several nodes, their workers, and the channels and regions on them."""

import time
import weakref
from types import TracebackType
from typing import Any, Dict, List, Optional, Sequence, Type, TypeVar, Union

from l3link import _native
from l3link.channel import Channel, is_cpu_to_l2
from l3link.classic import ClassicCalls
from l3link.errors import Error, Unavailable
from l3link.region import Region
from l3link.types import check_region_flags, wants_checksum

__all__ = ["Orchestrator", "Targets", "WorkerId", "connect"]

#: HOST:PORT or unix:PATH, one or several; None: the socket of this user's l3linkd.
Targets = Union[str, Sequence[str], None]
#: A worker's index where there is one node, else "NODE/WORKER".
WorkerId = Union[int, str]

_Opened = TypeVar("_Opened", Channel, Region)
_PAUSE = 0.05  # seconds between two tries to connect
_TRY = 2.0  # seconds for one of several, in which a network that swallows everything holds it up


class Orchestrator(ClassicCalls[Channel, Region]):
    """Reaches every node when made. Any thread. As a context manager it releases what was opened through it.

    `connect_timeout` is for that, in seconds; with `wait_for_ready` it waits so long for a node that is not there yet.
    `call_timeout` bounds each single call. Raises Unavailable, which names the target.
    """

    def __init__(
        self,
        targets: Targets = None,
        *,
        connect_timeout: float = 10.0,
        wait_for_ready: bool = False,
        call_timeout: float = 30.0,
        watch_reconnect_timeout: float = 60.0,
    ) -> None:
        names = [targets] if isinstance(targets, str) else list(targets or [""])
        deadline = time.monotonic() + connect_timeout
        while True:
            left = max(0.001, deadline - time.monotonic())
            each = min(left, _TRY) if wait_for_ready else left
            try:
                self._native = _native.Orchestrator(names, each, False, call_timeout, watch_reconnect_timeout)
                break
            except Unavailable:
                if not wait_for_ready or left <= _PAUSE:
                    raise
            time.sleep(_PAUSE)  # here Ctrl-C gets through
        self._opened: "weakref.WeakSet[Union[Channel, Region]]" = weakref.WeakSet()

    @property
    def node_names(self) -> List[str]:
        """What the nodes call themselves, in the targets' order."""
        return self._native.node_names()

    def open_channel(
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
        """Opens a channel, or finds the one with this name and config; without a name the node makes one up.

        `lane_depth` in messages, a power of two; `flags`: CHECKSUM. Raises Conflict (CONFIG_MISMATCH), NotFound
        (WORKER_NOT_FOUND), Busy (ARENA_FULL, LIMIT_REACHED), InvalidArgument, Unsupported.
        """
        return self._keep(
            Channel(
                self._native.open_channel(
                    str(worker_id),
                    name,
                    cpu_to_l2_lanes,
                    l2_to_cpu_lanes,
                    lane_depth,
                    max_message_bytes,
                    wants_checksum(flags),
                )
            )
        )

    def find_channel(self, worker_id: WorkerId, name: str) -> Channel:
        """One that is open. Raises NotFound."""
        return self._keep(Channel(self._native.find_channel(str(worker_id), name)))

    def open_shared_memory(
        self,
        data_bytes: int,
        signal_count: int = 2,
        flags: int = 0,
        *,
        worker_id: WorkerId = 0,
        name: str = "",
        signal_writers: Sequence[str] = (),
    ) -> Region:
        """Opens a region, or finds the one with this name and config.

        `signal_writers`: "host", "chip" or "both" for each signal; empty: signal 0 the host, 1 the chip, further ones both.
        Errors as open_channel.
        """
        check_region_flags(flags)
        return self._keep(
            Region(self._native.open_region(str(worker_id), name, data_bytes, signal_count, list(signal_writers)))
        )

    def find_shared_memory(self, name: str, *, worker_id: WorkerId = 0) -> Region:
        """One that is open. Raises NotFound."""
        return self._keep(Region(self._native.find_region(str(worker_id), name)))

    def get_node(self, node: str = "") -> Dict[str, Any]:
        """GetNodeResponse of proto/l3link/v1/node.proto; `node`: by name, or by the target's index."""
        return self._native.get_node(node)

    def list_chips(self, node: str = "") -> List[Dict[str, Any]]:
        """Chip messages of the same file, in order of worker id."""
        return self._native.list_chips(node)

    def list_channels(self, worker_id: WorkerId) -> List[Dict[str, Any]]:
        return self._native.list_channels(str(worker_id))

    def list_shared_memories(self, *, worker_id: WorkerId = 0) -> List[Dict[str, Any]]:
        return self._native.list_regions(str(worker_id))

    def reset_lane(self, worker_id: WorkerId, channel: str, direction: str, lane: int) -> Dict[str, Any]:
        """Empties and heals a lane ("cpu_to_l2", "l2_to_cpu"): streams on it end with LANE_RESET. Answers its LaneState."""
        return self._native.reset_lane(str(worker_id), channel, is_cpu_to_l2(direction), lane)

    def close(self) -> None:
        """Releases all channels, streams and regions opened through it; they stay open on their nodes."""
        for opened in list(self._opened):
            try:
                opened.release()
            except Error:
                pass  # a stream that had failed; its user was told
        self._native.release()

    def _keep(self, opened: _Opened) -> _Opened:
        self._opened.add(opened)
        return opened

    def __enter__(self) -> "Orchestrator":
        return self

    def __exit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        self.close()


def connect(
    targets: Targets = None,
    *,
    connect_timeout: float = 10.0,
    wait_for_ready: bool = False,
    call_timeout: float = 30.0,
    watch_reconnect_timeout: float = 60.0,
) -> Orchestrator:
    """Orchestrator(...), as a verb."""
    return Orchestrator(
        targets,
        connect_timeout=connect_timeout,
        wait_for_ready=wait_for_ready,
        call_timeout=call_timeout,
        watch_reconnect_timeout=watch_reconnect_timeout,
    )
