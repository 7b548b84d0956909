"""For tests: a real node with your chip program in one line, and the chip's side played by the test.

    import l3link.testing

    with l3link.testing.Node("./libmine.so") as node, l3link.connect(node.target) as orch:
        ...
    with l3link.testing.Node(play_chips=True) as node, node.play_chip() as chip:
        question = chip.recv("work")
        chip.send("work", b"answer", correlation_id=question.correlation_id)

Any thread; every call that may block lets the GIL go, and Ctrl-C ends it. docs/chip-programs.md.
"""

import os
import sys
import weakref
from types import TracebackType
from typing import Optional, Sequence, Type, Union

from l3link import _native
from l3link._native import Message
from l3link.errors import Error
from l3link.types import Buffer, WritableBuffer

__all__ = ["ChipPlayer", "Node"]

#: A shared object's path, or the name of a built-in program.
ChipProgram = Union[str, "os.PathLike[str]"]

_TIMEOUT = 10.0  # seconds; a test that waits for ever says nothing


class ChipPlayer:
    """The chip's side of one simulated chip: sends, receives, notifies and waits as a chip program does.

    Channels and regions go by the name that the host opened them with; a call waits for that too, so the order in which a test
    does both sides does not matter. Timeouts as everywhere: seconds, 0 is one probe, None has no end. Every call raises TimedOut (no
    message, no room, no such value in time), NotFound (no such channel or region in time: it names those that are open),
    InvalidArgument (no such lane or signal, too large, a signal of the host's), DataLost, Unavailable (the node has made its
    arena anew: attach again), Closed.
    """

    def __init__(self, arena_path: Union[str, "os.PathLike[str]"], timeout: Optional[float] = _TIMEOUT) -> None:
        """Becomes the chip of STATE_DIR/chips/N/arena: of a node with --sim-chip external, or of ChipWorker(external=True).

        Raises TimedOut (no arena), Conflict (another chip runs there, which it names; another version, or no arena at all).
        """
        self._native = _native.ChipPlayer(os.fspath(arena_path), timeout)

    @classmethod
    def _of(cls, native: _native.ChipPlayer) -> "ChipPlayer":
        player = cls.__new__(cls)
        player._native = native
        return player

    def recv(self, channel: str, lane: int = 0, timeout: Optional[float] = _TIMEOUT) -> Message:
        """The next message that the host sent on lane `lane`; its room is the host's again."""
        return self._native.recv(channel, lane, timeout)

    def send(
        self,
        channel: str,
        data: Buffer,
        lane: int = 0,
        route: int = 0,
        correlation_id: int = 0,
        timeout: Optional[float] = _TIMEOUT,
    ) -> None:
        """Copies one message into lane `lane` to the host, and shows it."""
        self._native.send(channel, data, lane, route, correlation_id, timeout)

    def read(self, region: str, offset: int, nbytes: int, timeout: Optional[float] = _TIMEOUT) -> bytes:
        """`nbytes` of the data from `offset` on: what the host wrote before a notify that wait has seen is there."""
        data = bytearray(nbytes)
        self.read_into(region, offset, data, timeout)
        return bytes(data)

    def read_into(
        self, region: str, offset: int, out: WritableBuffer, timeout: Optional[float] = _TIMEOUT
    ) -> None:
        """Fills all of `out` from `offset` on."""
        self._native.read_into(region, offset, out, timeout)

    def write(self, region: str, offset: int, data: Buffer, timeout: Optional[float] = _TIMEOUT) -> None:
        """Writes all of `data` at `offset`: the host sees it with the next notify."""
        self._native.write(region, offset, data, timeout)

    def notify(
        self, region: str, signal: int, value: int, op: str = "set", timeout: Optional[float] = _TIMEOUT
    ) -> int:
        """Changes a signal ("set", "add", "max") and rings the host; answers its value after."""
        return self._native.notify(region, signal, value, op, timeout)

    def wait(
        self, region: str, signal: int, target: int, compare: str = ">=", timeout: Optional[float] = _TIMEOUT
    ) -> int:
        """Waits until signal `compare` target holds; answers the value that did."""
        return self._native.wait(region, signal, target, compare, timeout)

    def close(self) -> None:
        """Detaches: the host sees a chip program that has ended. Waiting calls of other threads end with Closed, later ones too."""
        self._native.close()

    def __enter__(self) -> "ChipPlayer":
        return self

    def __exit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        self.close()


class Node:
    """A real l3linkd, reached by a unix socket, that ends with this object, at the latest with this process.

    Returns when it serves and its chips run `chip_programs`, each a path (./FILE.so) or a built-in name, as l3linkd --sim-program
    has them. With `play_chips` no chip runs a program: see play_chip. `platform` is a2a3sim or a5sim, with `chips` chips; `flags` are
    further flags of l3linkd, which win ("--lease-ttl=1s"). `l3linkd`: its path; else the variable L3LINK_L3LINKD, in the folder of
    this package, in the tree that built it, beside the running program, on PATH. `patience`: seconds until it is ready, and
    until it has ended.

    Raises NotFound (no l3linkd, no such chip program), InvalidArgument, Unavailable (it ended, a chip program cannot be
    loaded, time ran out), with the last words of the node and of the chip.
    """

    def __init__(
        self,
        chip_programs: Union[ChipProgram, Sequence[ChipProgram]] = ("echo", "vector_add"),
        *,
        play_chips: bool = False,
        platform: str = "a2a3sim",
        chips: int = 1,
        flags: Sequence[str] = (),
        l3linkd: Union[str, "os.PathLike[str]"] = "",
        patience: float = 30.0,
    ) -> None:
        programs = [chip_programs] if isinstance(chip_programs, (str, os.PathLike)) else chip_programs
        self._native = _native.TestNode(
            [os.fspath(program) for program in programs],
            play_chips,
            platform,
            chips,
            list(flags),
            os.fspath(l3linkd),
            patience,
        )
        #: For connect: "unix:/dev/shm/.../l3linkd.sock".
        self.target: str = self._native.target()
        #: "127.0.0.1:41234" where a --listen was among the flags, else "-".
        self.tcp_target: str = self._native.tcp_target()
        self._players: "weakref.WeakSet[ChipPlayer]" = weakref.WeakSet()

    @property
    def log(self) -> str:
        """What l3linkd has written so far."""
        return self._native.log()

    def chip_log(self, worker_id: int = 0) -> str:
        """What a chip and its program have written so far; empty once stopped."""
        return self._native.chip_log(worker_id)

    def play_chip(self, worker_id: int = 0) -> ChipPlayer:
        """The chip's side of one chip, until it is closed or the node stops; only with play_chips.

        Raises Conflict (something plays it already, or the node is stopped), TimedOut (no such chip).
        """
        player = ChipPlayer._of(self._native.play_chip(worker_id))
        self._players.add(player)
        return player

    def stop(self) -> None:
        """Ends the node as an operator would, and removes its files. Once is enough.

        Raises Error when it did not end well, or had ended before, with its last words.
        """
        for player in list(self._players):
            player.close()
        self._native.stop()

    def __enter__(self) -> "Node":
        return self

    def __exit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        try:
            self.stop()
        except Error as trouble:
            if error is None:
                raise
            print(f"l3link test node: {trouble}", file=sys.stderr)  # the test's own error comes first
