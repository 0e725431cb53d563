"""A disk of our own under a real file system: block_disk.py in nbdkit, nbdfuse, a loop device, ext4 as a till mounts it.

Needs root, a loop device and Debian's nbdkit, nbdkit-plugin-python and libnbd-bin. dm-log-writes would do the same."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
MEMORY = "/dev/shm"  # where the scratch files of such a disk lie: no other disk has a part in it
READY_S = 10
OPTIONS = "noatime,commit=60,data=ordered"  # config/units/var-lib-barrow.mount
FIRST = ("chrt", "-f", "20")
WHOLE = "lazy_itable_init=0,lazy_journal_init=0"
TOOLS = ("chrt", "nbdkit", "nbdfuse", "losetup", "mkfs.ext4", "mount", "e2fsck")


class Served(NamedTuple):
    """folder: where it is mounted. device: the loop device, "/dev/loop0"."""

    folder: Path
    device: str


def missing() -> str:
    """What this machine lacks for such a disk; "" when it can be had."""
    if os.geteuid() != 0:
        return "it mounts file systems, and this is not root"
    lacks = [tool for tool in TOOLS if shutil.which(tool) is None]
    if lacks:
        return f"there is no {lacks[0]} (Debian: apt install nbdkit nbdkit-plugin-python libnbd-bin)"
    if subprocess.run(["nbdkit", "--dump-plugin", "python"], capture_output=True, check=False).returncode:
        return "nbdkit has no Python (Debian: apt install nbdkit-plugin-python)"
    return "" if Path("/dev/fuse").exists() and Path("/dev/loop-control").exists() else "there is no FUSE or no loop device"


def sh(*words: str) -> str:
    """Its output. Raises CalledProcessError."""
    return subprocess.run(words, check=True, capture_output=True, text=True, cwd=ROOT).stdout.strip()


def ready(path: Path, process: "subprocess.Popen[bytes]") -> None:
    """Wait until it is there. Raises ChildProcessError when who was to make it is gone, TimeoutError."""
    deadline = time.monotonic() + READY_S
    while not path.exists():
        if process.poll() is not None:
            raise ChildProcessError(f"{process.args!r} ended with {process.returncode}")
        if time.monotonic() > deadline:
            raise TimeoutError(f"{path.name} did not come")
        time.sleep(0.01)


def unmount(folder: Path) -> None:
    """As soon as nobody holds it: the kernel lets go of a loop device in its own time, and later still where a program has
    taken our mounts into a namespace of its own meanwhile."""
    deadline = time.monotonic() + READY_S
    while subprocess.run(("umount", str(folder)), capture_output=True, check=False).returncode:
        if time.monotonic() > deadline:
            sh("umount", "-l", str(folder))
            return
        time.sleep(0.05)


@contextmanager
def child(*words: str) -> "Iterator[subprocess.Popen[bytes]]":
    process = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(READY_S)


@contextmanager
def served(home: Path, size: int, *settings: str, measured: bool = False) -> Iterator[Served]:
    """A fresh ext4 on a disk of so many bytes. home: a folder to be made for it. settings: of block_disk.py.

    measured: what stands for hardware goes before every program of the machine, as a disk waits for no processor; and ext4 has
    nothing left over to write from its making."""
    home.mkdir()
    socket, fuse, mount = home / "nbd.sock", home / "fuse", home / "mount"
    first = FIRST if measured else ()
    fuse.mkdir()
    mount.mkdir()
    with ExitStack() as stack:
        plugin = ("python", "tests/crash/block_disk.py", f"size={size}", *settings)
        server = stack.enter_context(child(*first, "nbdkit", "-f", "--exit-with-parent", "-U", str(socket), *plugin))
        ready(socket, server)
        mounted = stack.enter_context(child(*first, "nbdfuse", str(fuse / "disk"), f"nbd+unix:///?socket={socket}"))
        stack.callback(unmount, fuse)
        ready(fuse / "disk", mounted)
        loop = sh("losetup", "-f", "--show", str(fuse / "disk"))
        stack.callback(sh, "losetup", "-d", loop)
        sh("mkfs.ext4", "-q", "-b", "4096", *(("-E", WHOLE) if measured else ()), loop)
        sh("mount", "-o", OPTIONS, loop, str(mount))
        stack.callback(unmount, mount)
        yield Served(mount, loop)
