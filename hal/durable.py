"""What makes a write last, on each system: bytes, and names. Every function raises OSError."""

import os
import sys
from pathlib import Path

if sys.platform == "darwin":
    import fcntl


def durable(fd: int) -> None:
    """A file's bytes. On macOS fsync stops at the drive's cache; F_FULLFSYNC does not (fsync(2) there)."""
    if sys.platform == "darwin":
        fcntl.fcntl(fd, fcntl.F_FULLFSYNC)
    else:
        os.fdatasync(fd)


def sync_folder(folder: Path) -> None:
    """The names in it."""
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def write_all(fd: int, data: bytes) -> None:
    """However many calls it takes."""
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(fd, rest) :]
