"""The store: files of a fixed size, full of zeros, in one folder. The edge where errno becomes StoreFull or StoreBroken."""

import errno
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol, TypeVar, runtime_checkable

from hal.durable import durable, sync_folder, write_all
from hal.ports.board import Log, Store
from hal.ports.faults import StoreBroken, StoreFull
from hal.worker import Worker

T = TypeVar("T")
NAME = re.compile(r"[a-z0-9-]+\.seg")
NO_ROOM = (errno.ENOSPC, errno.EDQUOT)
ZEROS = bytes(1 << 18)
OPEN_FILES = 8  # at most: a journal of years has thousands of segments


class Disk(Protocol):
    """What a FileStore stands on: plain calls that block, and raise OSError. OsDisk, or the bench's virtual one."""

    def names(self) -> list[str]:
        """Every .seg file, sorted."""

    def size(self, name: str) -> int:
        """Bytes."""

    def create(self, name: str, size: int) -> None:
        """A file of zeros, whole and synced or not there; its name is durable after sync_dir."""

    def pread(self, name: str, offset: int, size: int) -> bytes:
        """As pread(2): fewer bytes at the end of the file."""

    def pwrite(self, name: str, offset: int, data: bytes) -> None:
        """All of it in one write, within the file, or OSError."""

    def fdatasync(self, name: str) -> None:
        """As fdatasync(2). After an OSError, reads tell what the medium holds."""

    def sync_dir(self) -> None:
        """Names made and removed so far are durable."""

    def unlink(self, name: str) -> None:
        """Gone, durably after sync_dir."""


@runtime_checkable
class Measured(Protocol):
    """A disk that knows how full it is."""

    def room(self) -> tuple[int, int]:
        """Bytes used, and bytes in all; 0, 0 where nobody can tell."""


class FileStore(Store):
    """The port over a disk. worker: where it blocks. Every fault is logged with the errno, which the port does not tell."""

    def __init__(self, disk: Disk, worker: Worker, log: Log) -> None:
        self._disk = disk
        self._worker = worker
        self._log = log
        self._loose: set[str] = set()  # made, and neither durable nor removed: the disk failed at both

    async def names(self) -> list[str]:
        found = await self._do("list the store", self._disk.names)
        return [name for name in found if name not in self._loose]

    async def size(self, name: str) -> int:
        return await self._do(f"size {checked(name)}", self._disk.size, name)

    async def create(self, name: str, size: int) -> None:
        await self._do(f"create {checked(name)}", self._make, name, size)

    async def read_into(self, name: str, offset: int, buf: bytearray | memoryview) -> int:
        data = await self._do(f"read {checked(name)}", self._disk.pread, name, offset, len(buf))
        buf[: len(data)] = data
        return len(data)

    async def write(self, name: str, offset: int, data: bytes) -> None:
        await self._do(f"write {checked(name)}", self._disk.pwrite, name, offset, data)

    async def sync(self, name: str) -> None:
        await self._do(f"sync {checked(name)}", self._disk.fdatasync, name)

    async def remove(self, name: str) -> None:
        await self._do(f"remove {checked(name)}", self._disk.unlink, name)
        await self._do("sync the folder", self._disk.sync_dir)

    def _make(self, name: str, size: int) -> None:
        """In one piece, however its caller ends: a name that is not durable would be taken for one that is."""
        if name in self._loose:
            self._disk.unlink(name)
        self._loose.discard(name)
        self._disk.create(name, size)
        self._loose.add(name)
        try:
            self._disk.sync_dir()
        except OSError:
            self._disk.unlink(name)
            self._loose.discard(name)
            raise
        self._loose.discard(name)

    async def room(self) -> tuple[int, int]:
        if not isinstance(self._disk, Measured):
            return 0, 0
        return await self._do("ask for room", self._disk.room)

    async def _do(self, what: str, call: Callable[..., T], *args: Any) -> T:
        try:
            return await self._worker.run(call, *args)
        except OSError as fault:
            text = f"{what}: {errno.errorcode.get(fault.errno or 0, 'no errno')}: {fault.strerror or fault}"
            self._log.say("jrn", text)
            raise (StoreFull if fault.errno in NO_ROOM else StoreBroken)(text) from fault


def checked(name: str) -> str:
    """The name, if it is one of ours: no other reaches the disk."""
    if not NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no name of the store")
    return name


class OsDisk:
    """A folder of a real disk, on Linux and macOS. apart_from: a folder that must be on another disk; then this one is
    the mount's, never made here, and may come and go."""

    def __init__(self, root: Path, apart_from: Path | None = None) -> None:
        self._root = root
        self._apart_from = apart_from
        self._fds: dict[str, int] = {}  # the one used last is last
        if apart_from is None and not root.is_dir():
            root.mkdir(parents=True)
            sync_folder(root.parent)

    def names(self) -> list[str]:
        if self._apart_from is not None and self._root.stat().st_dev == self._apart_from.stat().st_dev:
            raise OSError(errno.ENODEV, f"no disk is mounted at {self._root}")
        return sorted(path.name for path in self._root.iterdir() if NAME.fullmatch(path.name))

    def size(self, name: str) -> int:
        return os.fstat(self._fd(name)).st_size

    def create(self, name: str, size: int) -> None:
        """Written and synced under another name first: a name of ours is never on half a file."""
        half = self._root / f"{name}.new"
        if (self._root / name).exists():
            raise FileExistsError(errno.EEXIST, "it is there already", name)
        try:
            with half.open("wb", buffering=0) as file:
                for done in range(0, size, len(ZEROS)):
                    write_all(file.fileno(), ZEROS[: size - done])
                durable(file.fileno())
        except OSError:
            half.unlink(missing_ok=True)
            raise
        half.rename(self._root / name)

    def pread(self, name: str, offset: int, size: int) -> bytes:
        return os.pread(self._fd(name), size, offset)

    def pwrite(self, name: str, offset: int, data: bytes) -> None:
        fd = self._fd(name)
        if offset + len(data) > os.fstat(fd).st_size:
            raise OSError(errno.EFBIG, "a write past the end of the file")
        try:
            written = os.pwrite(fd, data, offset)
        except OSError:
            self._forget(name)
            raise
        if written != len(data):
            self._forget(name)
            raise OSError(errno.EIO, f"{written} of {len(data)} bytes were taken")

    def fdatasync(self, name: str) -> None:
        try:
            durable(self._fd(name))
        except OSError:
            self._forget(name)
            raise

    def sync_dir(self) -> None:
        sync_folder(self._root)

    def unlink(self, name: str) -> None:
        self._close(name)
        (self._root / name).unlink()

    def room(self) -> tuple[int, int]:
        found = os.statvfs(self._root)
        whole = (found.f_blocks - found.f_bfree + found.f_bavail) * found.f_frsize  # without what is root's alone
        return whole - found.f_bavail * found.f_frsize, whole

    def close(self) -> None:
        """Let go of every file."""
        for name in list(self._fds):
            self._close(name)

    def _fd(self, name: str) -> int:
        fd = self._fds.pop(name, -1)
        if fd < 0:
            fd = os.open(self._root / name, os.O_RDWR | os.O_CLOEXEC)
        self._fds[name] = fd
        if len(self._fds) > OPEN_FILES:
            self._close(next(iter(self._fds)))
        return fd

    def _close(self, name: str) -> None:
        fd = self._fds.pop(name, -1)
        if fd >= 0:
            os.close(fd)

    def _forget(self, name: str) -> None:
        """After a failed write or sync the cache may hold what the medium does not, and call it clean (fsyncgate):
        drop those pages, so that the next read asks the medium."""
        if sys.platform != "darwin":
            os.posix_fadvise(self._fds[name], 0, 0, os.POSIX_FADV_DONTNEED)
        self._close(name)
