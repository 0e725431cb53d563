"""A USB stick: the port over a folder where it is mounted. The edge where errno becomes StickGone, StickFull or StickBroken."""

import errno
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol, TypeVar

from hal import backup
from hal.durable import durable, sync_folder, write_all
from hal.ports.board import Log, Stick
from hal.ports.faults import StickBroken, StickFull, StickGone
from hal.worker import Worker

if sys.platform == "darwin":
    import fcntl

T = TypeVar("T")
NAME = re.compile(r"[A-Z0-9-]{4,40}(\.tar(\.NEW)?|\.TXT)")  # a backup, whole or half made; a log
NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)  # the last: FAT holds no file of 4 GiB
# a stick comes from anywhere: no link on it leads to the till's own disk, and no pipe holds the worker up
OURS = os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK


class Medium(Protocol):
    """What a UsbStick stands on: plain calls that block, and raise OSError. OsMedium, or the bench's virtual one."""

    def there(self) -> bool:
        """It is plugged in, now."""

    def free(self) -> int:
        """Bytes."""

    def names(self) -> list[str]:
        """Every file, sorted."""

    def pwrite(self, name: str, offset: int, data: bytes) -> None:
        """All of it, or OSError."""

    def fsync(self, name: str) -> None:
        """The file, and the name that it has."""

    def pread(self, name: str, offset: int, size: int) -> bytes:
        """From the medium, past every cache."""

    def rename(self, name: str, to: str) -> None:
        """Durably."""

    def unlink(self, name: str) -> None:
        """Durably."""


class UsbStick(Stick):
    """The port over a medium. worker: where it blocks; never the store's, so that a slow stick holds up no sale."""

    def __init__(self, medium: Medium, worker: Worker, log: Log) -> None:
        self._medium = medium
        self._worker = worker
        self._log = log

    async def free(self) -> int:
        return await self._do("how much is free", self._medium.free)

    async def names(self) -> list[str]:
        return await self._do("list it", self._medium.names)

    async def write(self, name: str, offset: int, data: bytes) -> None:
        await self._do(f"write {checked(name)}", self._medium.pwrite, name, offset, data)

    async def sync(self, name: str) -> None:
        await self._do(f"sync {checked(name)}", self._medium.fsync, name)

    async def read(self, name: str, offset: int, size: int) -> bytes:
        return await self._do(f"read {checked(name)}", self._medium.pread, name, offset, size)

    async def rename(self, name: str, to: str) -> None:
        await self._do(f"rename {checked(name)}", self._medium.rename, name, checked(to))

    async def remove(self, name: str) -> None:
        await self._do(f"remove {checked(name)}", self._medium.unlink, name)

    async def sealed(self, member: str, data: bytes, key: str) -> bytes:
        return await self._worker.run(backup.member, member, data, key)

    async def _do(self, what: str, call: Callable[..., T], *args: Any) -> T:
        try:
            return await self._worker.run(self._plugged, call, *args)
        except OSError as fault:
            text = f"stick: {what}: {errno.errorcode.get(fault.errno or 0, 'no errno')}: {fault.strerror or fault}"
            if not self._medium.there():
                raise StickGone(text) from fault
            self._log.say("sys", text)
            raise (StickFull if fault.errno in NO_ROOM else StickBroken)(text) from fault

    def _plugged(self, call: Callable[..., T], *args: Any) -> T:
        if not self._medium.there():
            raise OSError(errno.ENODEV, "no stick is plugged in")
        return call(*args)


def checked(name: str) -> str:
    """The name, if it is one of ours: no other reaches the stick."""
    if not NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no name of ours")
    return name


def plugged(folder: Path) -> bool:
    """Something is mounted there, and on Linux its device is still in the machine: a stick that was pulled out stays
    mounted until somebody unmounts it."""
    try:
        if not folder.is_mount():
            return False
        device = folder.stat().st_dev
    except OSError:
        return False
    return sys.platform != "linux" or Path(f"/sys/dev/block/{os.major(device)}:{os.minor(device)}").exists()


class OsMedium:
    """A folder where sticks are mounted. there: whether one is, now; without it a backup would land on the till's own disk."""

    def __init__(self, folder: Path, there: Callable[[Path], bool] = plugged) -> None:
        self._folder = folder
        self._there = there

    def there(self) -> bool:
        return self._there(self._folder)

    def free(self) -> int:
        found = os.statvfs(self._folder)
        return found.f_bavail * found.f_frsize

    def names(self) -> list[str]:
        return sorted(path.name for path in self._folder.iterdir() if path.is_file())

    def pwrite(self, name: str, offset: int, data: bytes) -> None:
        fd = os.open(self._folder / name, os.O_WRONLY | OURS | (0 if offset else os.O_CREAT | os.O_TRUNC), 0o644)
        try:
            os.lseek(fd, offset, os.SEEK_SET)
            write_all(fd, data)
        finally:
            os.close(fd)

    def fsync(self, name: str) -> None:
        fd = os.open(self._folder / name, os.O_RDWR | OURS)
        try:
            durable(fd)
        finally:
            os.close(fd)
        sync_folder(self._folder)

    def pread(self, name: str, offset: int, size: int) -> bytes:
        """posix_fadvise(2): clean pages of the range are dropped, so the answer is the medium's."""
        fd = os.open(self._folder / name, os.O_RDONLY | OURS)
        try:
            if sys.platform == "darwin":
                fcntl.fcntl(fd, fcntl.F_NOCACHE, 1)
            else:
                os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
            return os.pread(fd, size, offset)
        finally:
            os.close(fd)

    def rename(self, name: str, to: str) -> None:
        (self._folder / name).rename(self._folder / to)
        sync_folder(self._folder)

    def unlink(self, name: str) -> None:
        (self._folder / name).unlink()
        sync_folder(self._folder)
