"""A virtual disk that knows what is synced and what is not, and loses, keeps or tears the rest when the power goes.

It takes the calls of hal/store.py's Disk. Each un-synced 512 B sector is, after a cut: as it was, any version written
since, or torn inside between the two. Names made or removed wait for sync_dir in the same way."""

import asyncio
import errno
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol, TypeVar

T = TypeVar("T")
SECTOR = 512
ZERO_FILL = 1 << 18  # bytes of zeros that a slow disk takes in the time of one write

# choose(name, sector, the synced bytes, the versions written since, oldest first) -> what the medium holds after the cut
Choose = Callable[[str, int, bytes, list[bytes]], bytes]


def idle(*args: object) -> None:
    """A hook that nobody uses."""


class File:
    """synced: what the medium holds for sure. waiting: sector -> its versions since the last sync."""

    def __init__(self, content: bytearray) -> None:
        self.synced = content
        self.waiting: dict[int, list[bytes]] = {}

    def read(self, offset: int, size: int) -> bytes:
        data = bytearray(self.synced[offset : offset + size])
        for sector in range(offset // SECTOR, (offset + len(data) - 1) // SECTOR + 1) if self.waiting else ():
            if sector in self.waiting:
                first, last = max(offset, sector * SECTOR), min(offset + len(data), (sector + 1) * SECTOR)
                newest = self.waiting[sector][-1]
                data[first - offset : last - offset] = newest[first - sector * SECTOR : last - sector * SECTOR]
        return bytes(data)

    def write(self, offset: int, data: bytes) -> None:
        for sector in range(offset // SECTOR, (offset + len(data) - 1) // SECTOR + 1):
            start = sector * SECTOR
            now = bytearray(self.read(start, SECTOR))
            first, last = max(offset, start), min(offset + len(data), start + SECTOR)
            now[first - start : last - start] = data[first - offset : last - offset]
            self.waiting.setdefault(sector, []).append(bytes(now))

    def settle(self, choose: "Callable[[int, bytes, list[bytes]], bytes]") -> list[int]:
        """What waited is decided; which sectors those were."""
        sectors = sorted(self.waiting)
        for sector in sectors:
            start = sector * SECTOR
            old = bytes(self.synced[start : start + SECTOR])
            self.synced[start : start + SECTOR] = choose(sector, old, self.waiting[sector])
        self.waiting = {}
        return sectors


class Held:
    """What the disk holds for sure, whatever waits: for those who look on from outside. Asks no hook, costs no time."""

    def __init__(self, files: dict[str, File]) -> None:
        self._files = files

    def names(self) -> list[str]:
        return sorted(self._files)

    def size(self, name: str) -> int:
        return len(self._files[name].synced)

    def pread(self, name: str, offset: int, size: int) -> bytes:
        return bytes(self._files[name].synced[offset : offset + size])


class Disk:
    """folder: where the synced bytes are kept as files, and nothing else; None keeps them in memory. seed: of its cuts.

    full: no new block can be had. copies: nor can a block that exists be overwritten then, as on a medium that copies on
    write. write_ms, sync_ms: what each call costs in virtual time (see BenchWorker). The hooks
    before_read(name, offset, size), before_write(name, offset, data), before_sync(name) may raise OSError, as a disk that
    fails; they and after_sync(name) may cut the power and raise what ends the caller. held: a look from outside."""

    def __init__(self, folder: Path | None = None, seed: int = 1) -> None:
        self.full = False
        self.copies = False
        self.used_percent = 0  # of it, by whomever; 0: nobody can tell
        self.write_ms = 0
        self.sync_ms = 0
        self.before_read: Callable[[str, int, int], None] = idle
        self.before_write: Callable[[str, int, bytes], None] = idle
        self.before_sync: Callable[[str], None] = idle
        self.after_sync: Callable[[str], None] = idle
        self.writes = 0
        self._folder = folder
        self._chance = random.Random(seed)
        self._files: dict[str, File] = {}
        self._made: set[str] = set()  # names that wait for sync_dir
        self._gone: dict[str, File] = {}
        self._powered = True
        self._cost_ms = 0
        self.held = Held(self._files)
        for path in sorted(folder.glob("*.seg")) if folder else ():
            self._files[path.name] = File(bytearray(path.read_bytes()))

    # -- the calls of a disk

    def names(self) -> list[str]:
        return sorted(self._files)

    def size(self, name: str) -> int:
        return len(self._file(name).synced)

    def create(self, name: str, size: int) -> None:
        self._live()
        if self.full:
            raise OSError(errno.ENOSPC, "the disk is full")
        if name in self._files:
            raise FileExistsError(errno.EEXIST, "it is there already", name)
        self._files[name] = File(bytearray(size))
        self._made.add(name)
        self._cost_ms += self.write_ms * -(-size // ZERO_FILL) + self.sync_ms

    def pread(self, name: str, offset: int, size: int) -> bytes:
        self.before_read(name, offset, size)
        return self._file(name).read(offset, size)

    def pwrite(self, name: str, offset: int, data: bytes) -> None:
        self._live()
        self.before_write(name, offset, data)
        if self.full and self.copies:
            raise OSError(errno.ENOSPC, "the disk is full")
        file = self._file(name)
        if offset + len(data) > len(file.synced):
            raise OSError(errno.EFBIG, "a write past the end of the file")
        file.write(offset, data)
        self.writes += 1
        self._cost_ms += self.write_ms

    def fdatasync(self, name: str) -> None:
        """A sync that fails leaves of the file what a cut would leave, and calls it clean: the next one says OK."""
        self._live()
        try:
            self.before_sync(name)
        except OSError:
            self._decide(name, self._roll_dice)
            raise
        self._decide(name, lambda name, sector, old, versions: versions[-1])
        self._cost_ms += self.sync_ms
        self.after_sync(name)

    def sync_dir(self) -> None:
        self._live()
        self._keep_names()
        self._cost_ms += self.sync_ms

    def unlink(self, name: str) -> None:
        self._live()
        self._gone[name] = self._file(name)
        del self._files[name]
        self._made.discard(name)

    def room(self) -> tuple[int, int]:
        used = sum(len(file.synced) for file in self._files.values())
        return used, used * 100 // self.used_percent if self.used_percent else 0

    # -- the bench's side

    def cut(self, choose: Choose | None = None) -> None:
        """The power goes: what waited is lost, kept or torn, by the seed or by `choose`. Until power_on it takes nothing."""
        self._powered = False
        for name in sorted(self._made):
            if self._chance.random() < 0.5:
                del self._files[name]
                self._made.discard(name)
        for name in sorted(self._gone):
            if self._chance.random() < 0.5:
                self._files.setdefault(name, self._gone.pop(name))
        self._keep_names()
        for name in sorted(self._files):
            self._decide(name, choose or self._roll_dice)

    def flip(self, name: str, offset: int) -> None:
        """One bit of the medium turns over, below all that waits."""
        sector = offset // SECTOR
        file = self._file(name)
        file.synced[offset] ^= 0x01
        self._save(name, file, [sector])

    def power_on(self) -> None:
        """It answers again."""
        self._powered = True

    def unsynced(self) -> list[tuple[str, int, bytes, list[bytes]]]:
        """Every sector that waits: file, sector, the synced bytes, its versions since, oldest first."""
        found = []
        for name, file in sorted(self._files.items()):
            for sector in sorted(file.waiting):
                old = bytes(file.synced[sector * SECTOR : (sector + 1) * SECTOR])
                found.append((name, sector, old, file.waiting[sector]))
        return found

    def took_ms(self) -> int:
        """What the calls since the last question cost."""
        cost, self._cost_ms = self._cost_ms, 0
        return cost

    def _live(self) -> None:
        if not self._powered:
            raise OSError(errno.ENODEV, "the disk has no power")

    def _file(self, name: str) -> File:
        if name not in self._files:
            raise FileNotFoundError(errno.ENOENT, "there is no such file", name)
        return self._files[name]

    def _decide(self, name: str, choose: Choose) -> None:
        file = self._files[name]
        self._save(name, file, file.settle(lambda sector, old, versions: choose(name, sector, old, versions)))

    def _save(self, name: str, file: File, sectors: list[int]) -> None:
        """Into the folder, where there is one."""
        if self._folder and sectors and name not in self._made:
            with (self._folder / name).open("r+b") as out:
                for sector in sectors:
                    out.seek(sector * SECTOR)
                    out.write(file.synced[sector * SECTOR : (sector + 1) * SECTOR])

    def _roll_dice(self, name: str, sector: int, old: bytes, versions: list[bytes]) -> bytes:
        new = self._chance.choice(versions)
        torn_at = self._chance.randrange(1, SECTOR)
        return self._chance.choice([old, new, new[:torn_at] + old[torn_at:], old[:torn_at] + new[torn_at:]])

    def _keep_names(self) -> None:
        if self._folder:
            for name in self._gone:
                (self._folder / name).unlink(missing_ok=True)
            for name in self._made:
                half = self._folder / f"{name}.new"
                half.write_bytes(self._files[name].synced)
                half.replace(self._folder / name)
        self._gone = {}
        self._made = set()


class Timed(Protocol):
    """A chip whose calls cost time."""

    def took_ms(self) -> int:
        """What the calls since the last question cost."""


class BenchWorker:
    """hal/worker.py's place on the bench: does the work here and now, then lets pass the virtual time that the disk says
    it took. check: raises once the power is gone, and then nobody gets an answer."""

    def __init__(self, disk: Timed, check: Callable[[], None]) -> None:
        self._disk = disk
        self._check = check
        self._turn = asyncio.Lock()

    async def run(self, fn: Callable[..., T], *args: Any) -> T:
        async with self._turn:
            self._check()
            answer = fn(*args)
            cost_ms = self._disk.took_ms()
            if cost_ms:
                await asyncio.sleep(cost_ms / 1000)
            self._check()
            return answer
