"""Where a bench that is not throw-away keeps its disk and its fleet's ledger, and the lock that keeps a second bench out."""

import fcntl
import os
from pathlib import Path
from typing import TextIO


class Locked(Exception):
    """Another bench runs on this state."""


def home() -> Path:
    """$BARROW_STATE, or barrow/ below $XDG_STATE_HOME, or ~/.local/state/barrow."""
    if own := os.environ.get("BARROW_STATE"):
        return Path(own)
    return Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local/state") / "barrow"


class State:
    """The folder of one profile: disk/ and mirror/ hold the till's segments, stick/ its backups, ledger.db is the fleet's.
    Held while this object lives."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.disk = folder / "disk"
        self.mirror = folder / "mirror"
        self.stick = folder / "stick"
        self.ledger = folder / "ledger.db"
        for disk in (self.disk, self.mirror, self.stick):
            disk.mkdir(parents=True, exist_ok=True)
        self.lock: TextIO = (folder / "lock").open("w")
        try:
            fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self.lock.close()
            raise Locked(f"another bench runs on {folder}") from None

    def erase(self) -> None:
        """A new till and a new fleet: every segment, every backup and the ledger are gone."""
        for path in [*self.disk.iterdir(), *self.mirror.iterdir(), *self.stick.iterdir(), *self.folder.glob("ledger.db*")]:
            path.unlink()

    def close(self) -> None:
        self.lock.close()
