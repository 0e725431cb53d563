"""A backup of both journals on a stick, of which nothing counts until all of it has been read back as it was written.

It is written under another name, synced, read back past the cache, compared, and only then gets the name of a backup. So
a stick that is torn out, full or dying leaves no half-made one, and every older backup as it was."""

import binascii
import hashlib

from firmware.journal.codec import canonical
from firmware.journal.segment import name_of, numbers_of
from hal.ports.faults import StickBroken, StickFull

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import Any

    from firmware.journal.journal import Journal
    from hal.ports.board import Keystore, Stick, Store

    Told = Callable[[str, int, int], Awaitable[None]]

FORMAT = 2  # 1 was not signed
SAID = b"barrow backup 2\n"  # before the manifest, in what is signed
PART = 1 << 16  # bytes of a segment that travel together; those that are all zeros stay at home
KEEP = 5  # backups of one till on one stick
HALF = ".NEW"  # at the end of the name of one that does not count
WRITING, CHECKING = "writing", "checking"
ZEROS = bytes(1 << 12)


class Stopped(Exception):
    """The operator does not want it any more. Raised by `told`."""


class Stand:
    """How far a backup reaches, taken before it begins. at: UTC seconds."""

    def __init__(self, main: "Journal", desk: "Journal", sales: int, at: int):
        self.seq = main.seq
        self.head = hexed(main.head)
        self.desk_seq = desk.seq
        self.desk_head = hexed(desk.head)
        self.sales = sales
        self.at = at

    def record(self) -> "dict[str, Any]":
        """As the manifest has it."""
        journals = {"main": {"seq": self.seq, "head": self.head}, "desk": {"seq": self.desk_seq, "head": self.desk_head}}
        return {"journals": journals, "sales": self.sales, "at": self.at}


class Backup:
    """One backup. stores: with the prefix of the journal to read from each. key: the shop's public one. told: awaited with
    WRITING or CHECKING, how much is done, and of how much; may raise Stopped. keystore: signs the manifest: whoever has the
    shop's public key can seal a backup, and only this till can sign one."""

    def __init__(
        self, stores: "list[tuple[str, Store]]", stick: "Stick", terminal: str, key: str, told: "Told", keystore: "Keystore"
    ):
        self._stores = stores
        self._stick = stick
        self._terminal = terminal
        self._key = key
        self._told = told
        self._keystore = keystore
        self._half = ""
        self._end = 0  # bytes written
        self._sum = hashlib.sha256()
        self._buf = bytearray(PART)

    async def run(self, stand: Stand) -> str:
        """A new backup is on the stick, and has been read back: its name. Raises StickGone, StickFull, StickBroken, StoreBroken,
        StoreFull, and what told raises."""
        names = await self._stick.names()
        for name in names:
            if name.startswith(self._terminal + "-") and name.endswith(".tar" + HALF):
                await self._stick.remove(name)
        older = backups(names, self._terminal)
        whole = f"{self._terminal}-{(number(older[-1]) if older else 0) + 1:06d}.tar"
        self._half = whole + HALF
        try:
            await self._write(stand)
            await self._compare()
        except (StickFull, Stopped):
            if self._half in await self._stick.names():
                await self._stick.remove(self._half)
            raise
        await self._stick.rename(self._half, whole)
        for name in older[: len(older) + 1 - KEEP] if len(older) >= KEEP else []:
            await self._stick.remove(name)
        return whole

    async def _write(self, stand: Stand) -> None:
        """Newest segment first, and in each the last part first: what is appended meanwhile then never leaves a hole
        before something newer, only a tail that recovery cuts or reads."""
        segments = []
        whole = done = 0
        for prefix, store in self._stores:
            for segment in reversed(numbers_of(prefix, await store.names())):
                name = name_of(prefix, segment)
                size = await store.size(name)
                segments.append((store, name, size))
                whole += size
        listed = []
        for store, name, size in segments:
            listed.append({"name": name, "size": size, "parts": await self._segment(store, name, size, done, whole)})
            done += size
        manifest = stand.record() | {"format": FORMAT, "terminal": self._terminal, "segments": listed}
        said = canonical(manifest)
        await self._add("manifest.json", said)
        await self._add("manifest.sig", self._keystore.public() + self._keystore.sign(SAID + said))
        await self._put(self._stick.TAR_END)
        await self._stick.sync(self._half)

    async def _segment(self, store: "Store", name: str, size: int, done: int, whole: int) -> "list[list[Any]]":
        """One segment is written; the offset and SHA-256 of each part of it. done, whole: bytes."""
        parts: list[list[Any]] = []
        for offset in reversed(range(0, size, PART)):
            await self._told(WRITING, done, whole)
            room = memoryview(self._buf)[: min(PART, size - offset)]
            part = room[: await store.read_into(name, offset, room)]
            done += len(part)
            if not blank(part):
                parts.append([offset, hexed(hashlib.sha256(part).digest())])
                await self._add(f"{name}@{offset:08d}", bytes(part))
        return parts

    async def _add(self, member: str, data: bytes) -> None:
        await self._put(await self._stick.sealed(member, data, self._key))

    async def _put(self, data: bytes) -> None:
        await self._stick.write(self._half, self._end, data)
        self._sum.update(data)
        self._end += len(data)

    async def _compare(self) -> None:
        found, offset = hashlib.sha256(), 0
        while offset < self._end:
            await self._told(CHECKING, offset, self._end)
            data = await self._stick.read(self._half, offset, min(PART, self._end - offset))
            if not data:
                raise StickBroken(f"{self._half}: {offset} of {self._end} bytes are there")
            found.update(data)
            offset += len(data)
        if found.digest() != self._sum.digest():
            raise StickBroken(f"{self._half}: it reads back otherwise than it was written")


def backups(names: "list[str]", terminal: str) -> "list[str]":
    """This till's finished backups among the files of a stick, the oldest first."""
    start = terminal + "-"
    mine = [name for name in names if name.startswith(start) and name.endswith(".tar")]
    return sorted([name for name in mine if len(name) == len(start) + 10 and name[len(start) : -4].isdigit()])


def number(name: str) -> int:
    """Of a backup's name."""
    return int(name[-10:-4])


def blank(view: memoryview) -> bool:
    """Nothing but zeros."""
    for offset in range(0, len(view), len(ZEROS)):
        piece = view[offset : offset + len(ZEROS)]
        if piece != ZEROS[: len(piece)]:
            return False
    return True


def hexed(data: bytes) -> str:
    return binascii.hexlify(data).decode()
