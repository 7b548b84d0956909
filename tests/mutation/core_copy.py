"""The copy of the sans-IO core that mutants are made of, and its builds.

Used by gate.py, one copy a worker thread. The copy has a Bazel of its own in the same scratch folder and the project's disk
cache: what a patch does not touch is not compiled again. It is built without gRPC: protos become messages without their
services, and nothing is linked with gRPC's libraries. The work tree is only read.
"""

import os
import re
import shutil
import subprocess

FOLDERS = (".bazelrc", "WORKSPACE", "BUILD", "README.md", "bazel", "proto", "backends", "server", "client", "tests")


def project_files(root):
    """Tracked and new files of the core's folders; without git (an unpacked archive) whatever lies there."""
    listing = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *FOLDERS],
        cwd=root, capture_output=True, text=True, check=False)
    if listing.returncode == 0:
        return [name for name in listing.stdout.split("\0") if name and (root / name).is_file()]
    found = []
    for folder in FOLDERS:
        at = root / folder
        paths = at.rglob("*") if at.is_dir() else [at]
        found += [str(path.relative_to(root)) for path in paths if path.is_file()]
    return found


class CoreCopy:
    def __init__(self, root, scratch, jobs):
        self.root = root
        self.core = scratch / "core"
        self.base = scratch / "bazel"
        self.jobs = jobs

    def make(self):
        shutil.rmtree(self.core, ignore_errors=True)  # of an earlier run in the same scratch folder
        for name in project_files(self.root):
            to = self.core / name
            to.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(self.root / name, to)
        self._rewrite("proto/BUILD", r"\n    grpc = True,", "")
        self._rewrite("bazel/system.BUILD", r'(name = "grpc\+\+",\n)    linkopts = \[[^]]*\],\n', r"\1")

    def _rewrite(self, name, pattern, replacement):
        path = self.core / name
        text, count = re.subn(pattern, replacement, path.read_text(encoding="utf-8"))
        if count == 0:
            raise RuntimeError("{}: nothing there makes it build with gRPC any more; see core_copy.py".format(name))
        path.write_text(text, encoding="utf-8")

    def bazel(self, *arguments):
        return subprocess.run(["bazel", "--output_base=" + str(self.base), *arguments], cwd=self.core, check=False,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def build(self, witnesses):
        """Builds what the witnesses run. "" or what the build said."""
        for tsan in (False, True):
            targets = sorted({w.target for w in witnesses if (w.kind == "tsan") == tsan})
            if not targets:
                continue
            flags = ["--jobs={}".format(self.jobs)] + (["--config=tsan"] if tsan else [])
            done = self.bazel("build", "--keep_going", *flags, *targets)
            if done.returncode != 0:
                return done.stdout
        return ""

    def binary(self, witness):
        folder = "bazel-tsan-bin" if witness.kind == "tsan" else "bazel-bin"
        return self.core / folder / witness.target[2:].replace(":", "/")

    def apply(self, patch, reverse=False):
        """False: it does not apply."""
        arguments = ["git", "apply", "-p1"] + (["-R"] if reverse else []) + [str(patch)]
        environment = dict(os.environ, GIT_CEILING_DIRECTORIES=str(self.core.parent))
        return subprocess.run(arguments, cwd=self.core, env=environment, check=False, capture_output=True).returncode == 0

    def remove(self):
        if self.core.is_dir():
            self.bazel("shutdown")
        for folder, _, _ in os.walk(self.base):  # Bazel takes the right to write away from what it has built
            os.chmod(folder, 0o700)
        shutil.rmtree(self.base.parent, ignore_errors=True)
