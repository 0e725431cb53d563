"""Configuration files, read only. `profile/...` is the chosen profile, everything else lies below config/."""

import errno
import re
from pathlib import Path

from hal.ports.board import Files
from hal.ports.faults import ConfigFault

NAME = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*(/[a-z0-9_-]+(\.[a-z0-9_-]+)*)*")  # no part starts with a dot: no way up
LARGEST = 16 * 1024 * 1024  # bytes: a catalogue of a hundred thousand rows
REASONS = {
    errno.ENOENT: "is not there",
    errno.EACCES: "may not be read",
    errno.EISDIR: "is a folder",
    errno.EIO: "cannot be read: the disk is failing",
}


class ConfigFiles(Files):
    """root: the folder config/. profile: the name of a folder in config/profiles/, or a path to one (with a slash in it)."""

    def __init__(self, root: Path, profile: str) -> None:
        self._root = root
        self._profile = Path(profile) if "/" in profile else root / "profiles" / profile

    async def read(self, name: str) -> bytes:
        return self.get(name)  # small local files, at boot: not worth a thread

    def get(self, name: str) -> bytes:
        """As read, at once, for those who build the board."""
        if not NAME.fullmatch(name):
            raise ConfigFault(name, "", "is not a name of a configuration file")
        if name.startswith("profile/"):
            return load(self._profile, name, name[len("profile/") :])
        return load(self._root, name, name)


def load(folder: Path, name: str, path: str) -> bytes:
    """A link may not lead out of the folder. Raises ConfigFault."""
    full = (folder / path).resolve()
    if not full.is_relative_to(folder.resolve()):
        raise ConfigFault(name, "", "leads out of its folder")
    try:
        with full.open("rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as fault:
        raise ConfigFault(name, "", REASONS.get(fault.errno or 0, f"cannot be read: {fault.strerror}")) from fault
    if len(data) > LARGEST:
        raise ConfigFault(name, "", f"is larger than {LARGEST // 1024 // 1024} MiB")
    return data
