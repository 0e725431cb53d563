"""`make arm64`: Barrow on arm64 without a Pi. A Debian for arm64 in out/arm64/root, Barrow installed into it by `make install`
there, and the test suite, all by qemu-user. Not part of `make test`.

    python3 -m tests.arm64 [--fresh] [--only PATH...]

Exit code 1 when the installation or a test failed, 5 when this machine lacks something (it says what)."""

import argparse
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.arm64 import suite
from tests.arm64.left_out import LEFT_OUT
from tests.arm64.root import NotHere, Root, need

HOUSE = Path(__file__).parents[2]
OK, FAILED, ENVIRONMENT, INTERRUPTED = 0, 1, 5, 130
TILL = ("runuser", "-u", "barrow", "--", "/opt/barrow/venv/bin/python")
VERSION = (
    "import platform, hal.version; print('Barrow', hal.version.VERSION, 'on', platform.machine(), platform.python_version())"
)
CHECK = ("-m", "hal", "check", "--config", "/etc/barrow")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python3 -m tests.arm64", description="Barrow and its tests on arm64, by qemu-user")
    parser.add_argument("--fresh", action="store_true", help="a new root, in place of the one of the last time")
    parser.add_argument("--only", nargs="+", metavar="PATH", help="these tests alone, and no installation: for a second look")
    return parser.parse_args()


@contextmanager
def step(words: str) -> "Iterator[None]":
    started = time.monotonic()
    print(f"-- {words}", flush=True)
    yield
    print(f"   {time.monotonic() - started:.0f} s", flush=True)


def bring(root: Root) -> None:
    """The files of this checkout, as they are now, without what git ignores; and an empty /tmp."""
    listed = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=HOUSE,
        check=True,
        capture_output=True,
    )
    there, scratch = root.folder / suite.SOURCE[1:], root.folder / "tmp"
    for folder in (there, scratch):
        shutil.rmtree(folder, ignore_errors=True)
    scratch.mkdir()
    scratch.chmod(0o1777)
    for name in map(os.fsdecode, listed.stdout.split(b"\0")):
        if (HOUSE / name).is_file():
            (there / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(HOUSE / name, there / name)


def install(root: Root) -> None:
    """As into an image (the root, seen from within, lies at /mnt), then what its first boot does, then what install.md says."""
    with step("make install"):
        root.run("make", "install", "ROOT=/mnt", where=suite.SOURCE)
    with step("users and rights, as a boot gives them"):
        root.run("systemd-sysusers")
        root.run("systemd-tmpfiles", "--create", "barrow.conf")
    with step("python -m hal check, by the user barrow"):
        root.run(*TILL, "-c", VERSION, where="/opt/barrow")
        done = root.run(*TILL, *CHECK, where="/opt/barrow", check=False)
        if done.returncode not in (0, 1):  # 1: a device is not there; here none is
            raise subprocess.CalledProcessError(done.returncode, "hal check")


def bench(root: Root) -> None:
    """A venv for the tests, with the packages of requirements.lock by their hashes; made again when the lock has changed."""
    lock, known = root.folder / suite.SOURCE[1:] / "requirements.lock", root.folder / "srv/venv/lock"
    pip = (suite.PYTHON, "-m", "pip", "install", "-q", "--require-hashes", "-r")
    if not known.exists() or known.read_bytes() != lock.read_bytes():
        with step("the packages of requirements.lock"):
            root.run("python3", "-m", "venv", "--clear", "/srv/venv")
            root.run(*pip, "requirements.lock", where=suite.SOURCE)
            known.write_bytes(lock.read_bytes())
    root.run(*pip, "requirements-emupos.lock", "--no-deps", "--ignore-requires-python", where=suite.SOURCE)


def prepare(root: Root, asked: argparse.Namespace) -> None:
    """Raises CalledProcessError."""
    if asked.fresh or not root.stands():
        with step("Debian for arm64"):
            root.make()
    bring(root)
    if not asked.only:
        install(root)
    bench(root)


def main() -> int:
    asked = arguments()
    root = Root(HOUSE / "out/arm64/root")
    try:
        need()
        prepare(root, asked)
    except NotHere as lack:
        print(lack, file=sys.stderr)
        return ENVIRONMENT
    except subprocess.CalledProcessError as fault:
        print(f"FAILED: {fault}", file=sys.stderr)
        return FAILED
    outcomes: list[suite.Outcome] = []
    names = asked.only or [f"tests/{folder}" for folder in suite.ORDER]
    try:
        for number, name in enumerate(names, 1):
            with step(f"{name}, {number} of {len(names)}"):
                outcomes.append(suite.run(root, name, LEFT_OUT))
    finally:  # also of a run that was interrupted
        print(suite.table(outcomes))
    return OK if all(outcome.good for outcome in outcomes) else FAILED


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
