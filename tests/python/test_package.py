"""The package as others get it: by pip install in a virtual environment of Debian's Python, and as a wheel."""

import os
import shutil
import subprocess
import textwrap
import zipfile
from pathlib import Path

import pytest
from node import program

PYTHON = "/usr/bin/python3"
BUILT = Path("bazel-bin") if Path("bazel-bin/client").exists() else Path()

PROGRAM = """
import sys, asyncio, l3link, l3link.aio, l3link.testing
assert l3link.__file__.startswith(sys.argv[1]), l3link.__file__
with l3link.connect(sys.argv[2]) as orch, orch.open_channel(0) as channel:
    channel.send(b"to a node")
    print(bytes(channel.recv(timeout=60)).decode())
with l3link.ChipWorker(program="echo", arena_bytes=16 << 20) as chip, chip.open_channel() as channel:
    channel.send(b"to a chip of its own")
    print(bytes(channel.recv(timeout=60)).decode())
async def main():
    async with await l3link.aio.connect(sys.argv[2]) as orch, await orch.open_channel(0) as channel:
        await channel.send(b"by asyncio")
        print(bytes(await channel.recv(timeout=60)).decode())
asyncio.run(main())
with l3link.testing.Node() as node, l3link.connect(node.target) as orch, orch.open_channel(0) as channel:
    channel.send(b"to a node of its own")
    print(bytes(channel.recv(timeout=60)).decode())
"""


def run(*command, cwd=None, **environment):
    clean = {"PATH": "/usr/bin:/bin", "HOME": os.environ["HOME"], **environment}  # neither PYTHONPATH nor the tree's tools
    done = subprocess.run(
        list(map(str, command)), cwd=cwd, env=clean, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert done.returncode == 0, f"{command}: {done.stdout}"
    return done.stdout


@pytest.fixture(scope="module")
def venv(tmp_path_factory):
    folder = tmp_path_factory.mktemp("venv")
    run(PYTHON, "-m", "venv", "--system-site-packages", folder)
    return folder


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    said = run("dev/wheel", "--built", BUILT.resolve(), "--out", folder)
    (path,) = folder.iterdir()
    assert f"{path}, " in said
    return path


def check_program(python, site, node, tmp_path):
    daemon = {"L3LINK_L3LINKD": program("server/l3linkd")}  # which the package does not bring
    output = run(python, "-c", textwrap.dedent(PROGRAM), site, node.target, cwd=tmp_path, **daemon)
    assert output == "to a node\nto a chip of its own\nby asyncio\nto a node of its own\n"


def test_pip_install_works_in_a_virtual_environment(venv, node, tmp_path):
    source = tmp_path / "python"
    shutil.copytree("client/python", source)
    built = {"L3LINK_BUILT": str(BUILT.resolve())}
    run(venv / "bin/pip", "install", "--no-index", "--no-build-isolation", ".", cwd=source, **built)
    check_program(venv / "bin/python", venv, node, tmp_path)
    sample = tmp_path / "sample.py"
    sample.write_text("import l3link\nreveal_type(l3link.connect().open_channel(0).recv())\n")
    said = run(PYTHON, "-m", "mypy", "--strict", "--python-executable", venv / "bin/python", sample, cwd=tmp_path)
    assert 'Revealed type is "l3link._native.Message"' in said, "an installed package that is not typed"
    run(venv / "bin/pip", "uninstall", "-y", "l3link")


def test_without_a_tree_or_what_was_built_pip_says_what_is_missing(venv, tmp_path):
    source = tmp_path / "python"
    shutil.copytree("client/python", source)
    with pytest.raises(AssertionError, match="L3LINK_BUILT=DIR"):
        run(venv / "bin/pip", "install", "--no-index", "--no-build-isolation", ".", cwd=source)


def test_the_wheel_has_the_package_and_nothing_else(wheel):
    assert wheel.name == "l3link-0.1.0-cp311-cp311-linux_x86_64.whl"
    packed = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    source = {f"l3link/{path.relative_to('client/python/l3link')}" for path in Path("client/python/l3link").rglob("*.py*")}
    native = "l3link/_native.cpython-311-x86_64-linux-gnu.so"
    expected = source | {"l3link/py.typed", native, "l3link/l3link-sim-chip"}
    assert packed == {name for name in expected if "__pycache__" not in name}


def test_the_wheel_installs_and_works(wheel, venv, node, tmp_path):
    run(venv / "bin/pip", "install", "--no-index", wheel)
    check_program(venv / "bin/python", venv, node, tmp_path)
    run(venv / "bin/pip", "uninstall", "-y", "l3link")


def test_the_version_is_the_same_everywhere(wheel):
    import l3link

    assert wheel.name.split("-")[1] == l3link.__version__
    assert f'"{l3link.__version__}"' in Path("server/version.h").read_text()
