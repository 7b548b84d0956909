"""A real l3linkd with a simulated chip, for tests: in a folder of its own in memory, reached by a unix socket there."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import List, Optional

PATIENCE = 60.0  # seconds; for whatever must come, and fails the test when it does not


def program(path: str) -> str:
    """A binary of the build: where the test runs, or in bazel-bin."""
    for root in (Path.cwd(), Path.cwd() / "bazel-bin"):
        if (root / path).exists():
            return str(root / path)
    raise FileNotFoundError(f"{path}: not in {Path.cwd()} nor in its bazel-bin")


class Node:
    def __init__(self, *flags: str, programs: str = "echo") -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="l3link-py.", dir="/dev/shm"))
        self.target = f"unix:{self.folder}/node.sock"
        self._flags: List[str] = [f"--sim-program={programs}", "--arena-bytes=64MiB", *flags]
        self._process: Optional["subprocess.Popen[bytes]"] = None
        self.start()

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text(errors="replace")

    def start(self) -> None:
        ready = self.folder / "ready"
        ready.unlink(missing_ok=True)
        command = [program("server/l3linkd"), "--listen=none", f"--unix={self.folder}/node.sock"]
        command += [f"--state-dir={self.folder}/state", f"--ready-file={ready}", *self._flags]
        with open(self.folder / "log", "ab") as log:
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        deadline = time.monotonic() + PATIENCE
        while not (ready.exists() and ready.read_text().endswith("\n")):
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("the node did not get ready:\n" + self.log)
            time.sleep(0.01)

    def kill(self) -> None:
        """As kill -9 does; its chip lives on for the next one."""
        self._end(signal.SIGKILL)

    def restart(self) -> None:
        self.kill()
        self.start()

    def stop(self) -> None:
        """Its chip stops with it."""
        self._end(signal.SIGTERM)
        shutil.rmtree(self.folder)

    def _end(self, how: signal.Signals) -> None:
        if self._process is not None:
            os.kill(self._process.pid, how)
            self._process.wait(PATIENCE)
            self._process = None
