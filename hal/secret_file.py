"""A small file that only its owner may read, durably under its name or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from hal.durable import sync_folder


def replace(path: Path, data: bytes) -> None:
    """All of data under this name, or what was there before. Raises OSError."""
    with written(path, data) as half:
        half.replace(path)
    sync_folder(path.parent)


def once(path: Path, data: bytes) -> None:
    """The same, but never over what is there: link(2) names it, and who came first counts. Raises OSError."""
    with written(path, data) as half, suppress(FileExistsError):
        os.link(half, path)
    sync_folder(path.parent)


@contextmanager
def written(path: Path, data: bytes) -> Iterator[Path]:
    """data, synced, under another name, which is gone at the end; mode 0600 from its first byte."""
    half = path.with_name(f"{path.name}.{os.getpid()}.new")
    half.unlink(missing_ok=True)
    fd = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(fd, "wb", buffering=0) as file:
            file.write(data)
            os.fsync(file.fileno())
        yield half
    finally:
        half.unlink(missing_ok=True)
