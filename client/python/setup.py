"""Packs the extension that Bazel builds, and the simulated chip that an in-process ChipWorker runs.

`pip install --no-index --no-build-isolation .` here calls Bazel in the tree around. With L3LINK_BUILT=DIR, DIR has the same
below it already: DIR/client/python/l3link/_native.so and DIR/backends/sim/chip/l3link-sim-chip.
"""

import os
import shutil
import subprocess
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

TREE = Path(__file__).resolve().parents[2]
NATIVE = "client/python/l3link/_native.so"
CHIP = "backends/sim/chip/l3link-sim-chip"


def built() -> Path:
    given = os.environ.get("L3LINK_BUILT")
    if given:
        return Path(given)
    if not (TREE / "WORKSPACE").exists():
        raise SystemExit(f"{TREE} is not L3Link's tree: build where it lies, or say L3LINK_BUILT=DIR (see setup.py)")
    if shutil.which("bazel") is None:
        raise SystemExit("there is no bazel here; dev/setup --python installs what the extension is built with")
    targets = [f"//client/python:{NATIVE.split('/', 2)[2]}", "//backends/sim/chip:l3link-sim-chip"]
    subprocess.run(["bazel", "build", f"--jobs={os.cpu_count()}", *targets], cwd=TREE, check=True)
    return TREE / "bazel-bin"


def pack(source: Path, target: Path) -> None:
    """Without debug information, which is ten times the code."""
    target.parent.mkdir(parents=True, exist_ok=True)
    target.unlink(missing_ok=True)
    subprocess.run(["strip", "--strip-unneeded", "-o", str(target), str(source)], check=True)
    target.chmod(0o755)


class BuildByBazel(build_ext):
    def build_extension(self, ext: Extension) -> None:
        root, target = built(), Path(self.get_ext_fullpath(ext.name))
        pack(root / NATIVE, target)
        pack(root / CHIP, target.parent / "l3link-sim-chip")  # where the extension looks first


setup(ext_modules=[Extension("l3link._native", sources=[])], cmdclass={"build_ext": BuildByBazel})
