"""A small file, durably under its name or not at all."""

import os
from pathlib import Path

SECRET, OPEN = 0o600, 0o644


def put(path: Path, data: bytes, mode: int) -> None:
    """All of data under this name, or what was there before; never readable by more than mode says. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_name(f".{path.name}.{os.getpid()}.new")
    half.unlink(missing_ok=True)
    fd = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    try:
        with os.fdopen(fd, "wb", buffering=0) as file:
            os.fchmod(file.fileno(), mode)  # whatever the umask took away
            file.write(data)
            os.fsync(file.fileno())
        half.replace(path)
    finally:
        half.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
