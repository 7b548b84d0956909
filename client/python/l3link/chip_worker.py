"""A chip driven in this process, without a daemon; as libl3link_runtime.so does it for C (docs/runtime.md)."""

from types import TracebackType
from typing import Optional, Sequence, Type, Union

from l3link import _native
from l3link.channel import ChipChannel
from l3link.classic import ClassicCalls
from l3link.region import ChipRegion
from l3link.types import check_region_flags, wants_checksum

__all__ = ["ChipWorker"]


class ChipWorker(ClassicCalls[ChipChannel, ChipRegion]):
    """Owns one chip: its arena and, simulated ("a2a3sim", "a5sim"), its process. Any thread.

    Returns when the chip's program runs. `program`: what a simulated chip runs, built-in names or FILE.so; `sim_chip`: the path
    of l3link-sim-chip; `state_dir`: default a folder in /dev/shm that goes with it; `arena_bytes`: for everything opened.
    Raises InvalidArgument, NotFound (no l3link-sim-chip), Busy or Conflict (state_dir in use), Unavailable (the program ended at
    once: its last words). Platforms that cannot be driven here refuse every open with Unsupported.
    """

    def __init__(
        self,
        platform: str = "a2a3sim",
        device_id: int = 0,
        *,
        program: Union[str, Sequence[str]] = (),
        sim_chip: Optional[str] = None,
        state_dir: Optional[str] = None,
        arena_bytes: Optional[int] = None,
        external: bool = False,
        chip_args: Sequence[str] = (),
    ) -> None:
        programs = [program] if isinstance(program, str) else list(program)
        options = [("program", one) for one in programs] + [("chip_arg", one) for one in chip_args]
        for key, value in (("sim_chip", sim_chip), ("state_dir", state_dir), ("arena_bytes", arena_bytes)):
            if value is not None:
                options.append((key, str(value)))
        if external:
            options.append(("external", "1"))
        self._native = _native.ChipWorker(platform, device_id, ",".join(f"{key}={value}" for key, value in options))

    def open_channel(
        self,
        cpu_to_l2_lanes: int = 1,
        l2_to_cpu_lanes: int = 1,
        lane_depth: int = 64,
        max_message_bytes: int = 256,
        flags: int = 0,
        *,
        name: str = "",
    ) -> ChipChannel:
        """As Orchestrator.open_channel, on this chip."""
        native = self._native.open_channel(
            name, cpu_to_l2_lanes, l2_to_cpu_lanes, lane_depth, max_message_bytes, wants_checksum(flags)
        )
        return ChipChannel(native, created=True)

    def find_channel(self, name: str) -> ChipChannel:
        """One that is open. Raises NotFound."""
        return ChipChannel(self._native.find_channel(name), created=False)

    def open_shared_memory(
        self,
        data_bytes: int,
        signal_count: int = 2,
        flags: int = 0,
        *,
        name: str = "",
        signal_writers: Sequence[str] = (),
    ) -> ChipRegion:
        """As Orchestrator.open_shared_memory, on this chip."""
        check_region_flags(flags)
        native = self._native.open_region(name, data_bytes, signal_count, list(signal_writers))
        return ChipRegion(native, created=True)

    def find_shared_memory(self, name: str) -> ChipRegion:
        """One that is open. Raises NotFound."""
        return ChipRegion(self._native.find_region(name), created=False)

    def close(self) -> None:
        """Closes what is open on the chip, ends waiting calls with Closed, and ends the chip's process."""
        self._native.close()

    def __enter__(self) -> "ChipWorker":
        return self

    def __exit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        self.close()
