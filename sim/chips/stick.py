"""A virtual USB stick, and the hand that plugs it in and pulls it out.

It takes the calls of hal/stick.py's Medium. Pulled out, or without power, a file that was not synced is torn: what is left
of it is its beginning, by the seed. A dying stick takes everything and gives back something else."""

import errno
import random
from pathlib import Path

OUT, IN, FULL, DYING = "out", "in", "full", "dying"
STATES = (OUT, IN, FULL, DYING)
SIZE = 1 << 28  # bytes
WRITE_MS, READ_MS, SYNC_MS = 300, 100, 200  # a call; a worn, cheap stick: there is time to tear it out
WRITE_KB_MS, READ_KB_MS = 10, 30  # and KB a ms on USB 2


class StickChip:
    """state: one of STATES. folder: where the synced files are kept too; None, they are gone with the bench."""

    def __init__(self, folder: Path | None = None, seed: int = 1) -> None:
        self.state = OUT
        self._folder = folder
        self._chance = random.Random(seed)
        self._files: dict[str, bytearray] = {}
        self._waiting: set[str] = set()  # not synced
        self._cost_ms = 0
        for path in sorted(folder.iterdir()) if folder else ():
            self._files[path.name] = bytearray(path.read_bytes())

    # -- the hand

    def put(self, state: str) -> None:
        """Plug it in as it is, full or dying; or pull it out."""
        if state == OUT:
            self.tear()
        self.state = state

    def tear(self) -> None:
        """No power any more: what was not synced is torn."""
        for name in sorted(self._waiting):
            del self._files[name][self._chance.randrange(len(self._files[name]) + 1) :]
            self._save(name)
        self._waiting.clear()

    def held(self) -> dict[str, bytes]:
        """Every file, for those who look on from outside."""
        return {name: bytes(self._files[name]) for name in sorted(self._files)}

    def flip(self, name: str, offset: int) -> None:
        """One bit of the medium turns over."""
        self._files[name][offset] ^= 0x01
        self._save(name)

    def took_ms(self) -> int:
        """What the calls since the last question cost."""
        cost, self._cost_ms = self._cost_ms, 0
        return cost

    # -- the calls of a medium

    def there(self) -> bool:
        return self.state != OUT

    def free(self) -> int:
        return 0 if self.state == FULL else SIZE - sum(len(file) for file in self._files.values())

    def names(self) -> list[str]:
        return sorted(self._files)

    def pwrite(self, name: str, offset: int, data: bytes) -> None:
        if len(data) > self.free():
            raise OSError(errno.ENOSPC, "the stick is full")
        if not offset:
            self._files[name] = bytearray()
        file = self._file(name)
        file[offset : offset + len(data)] = data
        self._waiting.add(name)
        self._cost_ms += WRITE_MS + len(data) // 1000 // WRITE_KB_MS

    def fsync(self, name: str) -> None:
        self._file(name)
        self._waiting.discard(name)
        self._save(name)
        self._cost_ms += SYNC_MS

    def pread(self, name: str, offset: int, size: int) -> bytes:
        data = bytearray(self._file(name)[offset : offset + size])
        self._cost_ms += READ_MS + len(data) // 1000 // READ_KB_MS
        if self.state == DYING and data:
            data[len(data) // 2] ^= 0x01
        return bytes(data)

    def rename(self, name: str, to: str) -> None:
        self._files[to] = self._file(name)
        del self._files[name]
        if self._folder:
            (self._folder / name).replace(self._folder / to)
        self._cost_ms += SYNC_MS

    def unlink(self, name: str) -> None:
        self._file(name)
        del self._files[name]
        self._waiting.discard(name)
        if self._folder:
            (self._folder / name).unlink(missing_ok=True)
        self._cost_ms += SYNC_MS

    def _file(self, name: str) -> bytearray:
        if name not in self._files:
            raise FileNotFoundError(errno.ENOENT, "there is no such file", name)
        return self._files[name]

    def _save(self, name: str) -> None:
        if self._folder:
            (self._folder / name).write_bytes(self._files[name])
