"""A small file, durably under its name or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

SECRET, OPEN = 0o600, 0o644


def put(path: Path, data: bytes, mode: int) -> None:
    """All of data under this name, or what was there before; never readable by more than mode says. Raises OSError."""
    with written(path, data, mode) as half:
        half.replace(path)
    sync_folder(path.parent)


def put_once(path: Path, data: bytes, mode: int) -> None:
    """The same, but never over what is there: link(2) names it, and who came first counts. Raises OSError."""
    with written(path, data, mode) as half, suppress(FileExistsError):
        os.link(half, path)
    sync_folder(path.parent)


@contextmanager
def written(path: Path, data: bytes, mode: int) -> Iterator[Path]:
    """data, synced, under another name, which is gone at the end."""
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_name(f".{path.name}.{os.getpid()}.new")
    half.unlink(missing_ok=True)
    fd = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    try:
        with os.fdopen(fd, "wb", buffering=0) as file:
            os.fchmod(file.fileno(), mode)  # whatever the umask took away
            file.write(data)
            os.fsync(file.fileno())
        yield half
    finally:
        half.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Names are durable when this returns."""
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
