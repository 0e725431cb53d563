"""A disk that remembers what is not synced, and lists every state that a power cut may leave behind.

The calls are those of hal/store.py's Disk. The model: sectors of 512 B reach the medium in any order, each of them old, in any
version written since, torn inside, or, being written at the cut, garbage; a name is durable after sync_dir. It is written
for speed and apart from the bench's own disk: two models by two hands disagree where one of them is wrong."""

import itertools
import random
from collections.abc import Iterator

SECTOR = 512
Place = tuple[str, int]  # file, sector


class PowerCut(BaseException):
    """Ends the till's program, as a cut does."""


class Plug:
    """Of one till, whatever number of disks it has. The power goes when `cut_at` calls that change something are done; -1 is
    never. calls: how many were."""

    def __init__(self, cut_at: int = -1) -> None:
        self.cut_at = cut_at
        self.calls = 0

    def tick(self) -> None:
        """Raises PowerCut when it is time."""
        if self.calls == self.cut_at:
            raise PowerCut
        self.calls += 1


class Medium:
    """held: what is there for sure, name -> bytes. seen: what a read gives."""

    def __init__(self, files: "dict[str, bytes] | None" = None, plug: "Plug | None" = None) -> None:
        self.held = dict(files or {})
        self.seen = {name: bytearray(data) for name, data in self.held.items()}
        self.waiting: dict[Place, list[bytes]] = {}
        self.made: dict[str, bytes] = {}  # names that wait for sync_dir, with what is synced of their content
        self.gone: dict[str, None] = {}
        self._tick = (plug or Plug()).tick

    # -- the calls of a disk

    def names(self) -> list[str]:
        return sorted(self.seen)

    def size(self, name: str) -> int:
        return len(self.seen[name])

    def create(self, name: str, size: int) -> None:
        self._tick()
        self.seen[name] = bytearray(size)
        self.made[name] = bytes(size)

    def pread(self, name: str, offset: int, size: int) -> bytes:
        return bytes(self.seen[name][offset : offset + size])

    def pwrite(self, name: str, offset: int, data: bytes) -> None:
        file = self.seen[name]
        if offset + len(data) > len(file):
            raise OSError(27, "a write past the end of the file")
        file[offset : offset + len(data)] = data
        for sector in range(offset // SECTOR, (offset + len(data) - 1) // SECTOR + 1):
            self.waiting.setdefault((name, sector), []).append(bytes(file[sector * SECTOR : (sector + 1) * SECTOR]))
        self._tick()  # with these sectors on their way

    def fdatasync(self, name: str) -> None:
        self._tick()
        (self.made if name in self.made else self.held)[name] = bytes(self.seen[name])
        self.waiting = {place: versions for place, versions in self.waiting.items() if place[0] != name}

    def sync_dir(self) -> None:
        self._tick()
        self.held |= self.made
        for name in self.gone:
            del self.held[name]
        self.made, self.gone = {}, {}

    def unlink(self, name: str) -> None:
        self._tick()
        del self.seen[name]
        self.waiting = {place: versions for place, versions in self.waiting.items() if place[0] != name}
        if name in self.held:
            self.gone[name] = None
        self.made.pop(name, None)

    # -- what a cut leaves

    def states(self, chance: random.Random, limit: int) -> "Iterator[dict[str, bytes]]":
        """What may be on the medium if the power goes now: all of it up to `limit` states, else `limit` of them by chance."""
        names = [*self.made, *self.gone]
        places = [(place, self._fates(place, chance)) for place in self.waiting]
        choices = [[False, True]] * len(names) + [fates for _, fates in places]
        total = 1
        for each in choices:
            total *= len(each)
        if total <= limit:
            picks: Iterator[tuple[object, ...]] = itertools.product(*choices)
        else:
            picks = (tuple(map(chance.choice, choices)) for _ in range(limit))
        for pick in picks:
            yield self._state(dict(zip(names, pick)), [(place, fate) for (place, _), fate in zip(places, pick[len(names) :])])

    def _fates(self, place: Place, chance: random.Random) -> "list[bytes]":
        old, versions = self._old(place), self.waiting[place]
        new, at = versions[-1], chance.randrange(1, SECTOR)
        fates = [old, *versions, new[:at] + old[at:], old[:at] + new[at:], chance.randbytes(SECTOR)]
        return list(dict.fromkeys(fates))

    def _old(self, place: Place) -> bytes:
        name, sector = place
        return (self.made if name in self.made else self.held)[name][sector * SECTOR : (sector + 1) * SECTOR]

    def _state(self, kept: "dict[str, object]", fates: "list[tuple[Place, object]]") -> "dict[str, bytes]":
        files = dict(self.held)
        for name in self.gone:
            if kept[name]:  # its removal reached the medium
                del files[name]
        for name in self.made:
            if kept[name]:
                files[name] = self.made[name]
        changed: dict[str, bytearray] = {}
        for (name, sector), fate in fates:
            if name in files:
                changed.setdefault(name, bytearray(files[name]))[sector * SECTOR : (sector + 1) * SECTOR] = fate  # type: ignore[assignment]
        return files | {name: bytes(data) for name, data in changed.items()}
