"""The fleet's documents on the till's own disks: one file a document, whole or still growing piece by piece.

A file is made at its full size; the label comes first, then a mark of how much is there, then the body. A document proves
itself by its hash, so nothing is ever mended: whichever copy reads back as the label says is the document. The one in use is
never written to, and goes only when two newer ones are whole."""

import binascii
import hashlib
import struct

from firmware.sync import document
from hal.ports.faults import StoreBroken, StoreFull, WireFault

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from firmware.sync.document import Label
    from firmware.sync.tills import Lines as Reader
    from hal.ports.board import Log, Store
    from hal.ports.faults import Fault

PREFIX = "doc-"
MAGIC = b"BRWD"
FORM = 1
SECTOR = 512
HEAD = ">4sBHI"  # magic, form, bytes of the label, CRC32 of the label
LABEL_AT = SECTOR
MARK = ">4sII"  # magic, bytes of the body that are there for sure, CRC32 of the two
MARK_AT = LABEL_AT + document.LABEL_MAX
BODY_AT = MARK_AT + SECTOR
PIECE = 4096  # bytes that are read at once


class Archive:
    """stores: the till's disks, the first one first; a document is taken in on the first that works, and then copied."""

    def __init__(self, stores: "list[Store]", log: "Log"):
        self._stores = stores
        self._log = log

    async def begin(self, label: "Label") -> None:
        """Make room for a document; nothing of its body is there yet. Raises StoreFull, StoreBroken."""
        fault: Fault = StoreBroken(f"{label.name}: no disk")
        for store in self._stores:
            try:
                await self._make(store, label)
                return
            except (StoreFull, StoreBroken) as why:
                fault = why
                self._log.say("net", f"{label.name}: {why}")
        raise fault

    async def put(self, label: "Label", at: int, data: bytes) -> None:
        """A piece of the body, durable when this returns; all before it must be there. Raises StoreBroken."""
        store = await self._home(label)
        name = name_of(label.kind, label.version)
        await store.write(name, BODY_AT + at, data)
        # the mark says what was synced before: torn or early, it can only make a piece be asked for again
        await store.write(name, MARK_AT, _mark(at))
        await store.sync(name)

    async def held(self, label: "Label") -> int:
        """Bytes of the body that are there for sure; -1 where no such file was begun. Raises StoreBroken."""
        name = name_of(label.kind, label.version)
        for store in self._stores:
            found = await self._label(store, name)
            if found is not None and found.text == label.text:
                raw = await _bytes(store, name, MARK_AT, struct.calcsize(MARK))
                magic, there, crc = struct.unpack(MARK, raw)
                sound = magic == MAGIC and crc == binascii.crc32(raw[:8]) and there <= label.length
                return there if sound else 0
        return -1

    async def whole(self, label: "Label") -> bool:
        """Is the body there, on any disk, just as the label says? Read back from the disk. Raises StoreBroken."""
        return await self._sound(label) is not None

    async def copy(self, label: "Label") -> None:
        """Bring it to every disk that lacks it. What fails is logged: one copy is enough to go on with."""
        source = await self._sound(label)
        for store in self._stores if source is not None else []:
            try:
                if store is not source and not await self._is_sound(store, label):
                    await self._make(store, label)
                    await self._pour(source, store, label)
            except (StoreFull, StoreBroken) as fault:
                self._log.say("net", f"{label.name}: one copy only: {fault}")

    async def labels(self) -> "list[Label]":
        """Of every document, whole or not, on any disk: by kind, the newest first. What is unreadable is logged."""
        found: dict[bytes, Label] = {}
        for store in self._stores:
            try:
                for name in await store.names():
                    label = await self._label(store, name) if name.startswith(PREFIX) else None
                    if label is not None:
                        found[label.text] = label
                    elif name.startswith(PREFIX):
                        self._log.say("net", f"{name}: no sound label")
            except StoreBroken as fault:
                self._log.say("net", f"documents: {fault}")
        return sorted(found.values(), key=lambda label: (label.kind, -label.version, label.text))

    async def body(self, label: "Label") -> "bytes | None":
        """All of it, checked against the label; None where no disk has it so. Raises StoreBroken."""
        store = await self._sound(label)
        return await _bytes(store, name_of(label.kind, label.version), BODY_AT, label.length) if store is not None else None

    async def scan(self, label: "Label", begin: "Callable[[], Reader]") -> "Reader | None":
        """Hand the body, piece by piece, to the reader that begin() gives; that reader, once all of it was as the label says,
        and None where no disk has it so. Nothing that it heard counts before that."""
        for store in self._stores:
            reader = begin()
            try:
                if await self._is_sound(store, label, reader):
                    return reader
            except StoreBroken as fault:
                self._log.say("net", f"{label.name}: {fault}")
        return None

    async def drop(self, kind: str, keep: "list[int]") -> None:
        """Remove every document of a kind but these versions. What fails is logged, and tried again another time."""
        kept = [name_of(kind, version) for version in keep]
        for store in self._stores:
            try:
                for name in await store.names():
                    if name.startswith(f"{PREFIX}{kind}-") and name not in kept:
                        await store.remove(name)
            except StoreBroken as fault:
                self._log.say("net", f"an old {kind} stays: {fault}")

    async def _make(self, store: "Store", label: "Label") -> None:
        name = name_of(label.kind, label.version)
        if name in await store.names():
            await store.remove(name)
        sectors = (BODY_AT + label.length + SECTOR - 1) // SECTOR
        await store.create(name, sectors * SECTOR)
        await store.write(name, 0, _head(label.text))
        await store.sync(name)

    async def _pour(self, source: "Store | None", store: "Store", label: "Label") -> None:
        name, at = name_of(label.kind, label.version), 0
        while source is not None and at < label.length:
            data = await _bytes(source, name, BODY_AT + at, min(PIECE, label.length - at))
            await store.write(name, BODY_AT + at, data)
            at += len(data)
        await store.write(name, MARK_AT, _mark(label.length))
        await store.sync(name)

    async def _home(self, label: "Label") -> "Store":
        """The disk that this document is growing on."""
        name = name_of(label.kind, label.version)
        for store in self._stores:
            if name in await store.names():
                return store
        raise StoreBroken(f"{name}: was not begun")

    async def _label(self, store: "Store", name: str) -> "Label | None":
        """The label in a file of that name, whose body may be there or not; None where there is none to be read."""
        try:
            if name not in await store.names() or await store.size(name) < BODY_AT:
                return None
            magic, form, length, crc = struct.unpack(HEAD, await _bytes(store, name, 0, struct.calcsize(HEAD)))
            text = await _bytes(store, name, LABEL_AT, min(length, document.LABEL_MAX))
            if magic != MAGIC or form != FORM or crc != binascii.crc32(text):
                return None
            label = document.read(text)
            fits = BODY_AT + label.length <= await store.size(name)
            return label if fits and name == name_of(label.kind, label.version) else None
        except (StoreBroken, WireFault):
            return None

    async def _sound(self, label: "Label") -> "Store | None":
        for store in self._stores:
            try:
                if await self._is_sound(store, label):
                    return store
            except StoreBroken as fault:
                self._log.say("net", f"{label.name}: {fault}")
        return None

    async def _is_sound(self, store: "Store", label: "Label", reader: "Reader | None" = None) -> bool:
        name = name_of(label.kind, label.version)
        there = await self._label(store, name)
        if there is None or there.text != label.text:
            return False
        h, at = hashlib.sha256(), 0
        while at < label.length:
            data = await _bytes(store, name, BODY_AT + at, min(PIECE, label.length - at))
            h.update(data)
            if reader is not None:
                reader.take(data)
            at += len(data)
        return bool(h.digest() == label.sha256)


def name_of(kind: str, version: int) -> str:
    """Like doc-catalogue-00000041.seg."""
    return f"{PREFIX}{kind}-{version:08d}.seg"


def packed(label: bytes, body: bytes) -> bytes:
    """A document as the file that it is on a till's disk."""
    start = _head(label)
    start += bytes(MARK_AT - len(start)) + _mark(len(body))
    return start + bytes(BODY_AT - len(start)) + body


def unpacked(raw: bytes) -> "tuple[Label, bytes]":
    """The document in such a file: its label, which nobody has judged yet, and the body that its hash is of. Raises WireFault."""
    if len(raw) < BODY_AT:
        raise WireFault("document: the file is too short")
    magic, form, length, crc = struct.unpack(HEAD, raw[: struct.calcsize(HEAD)])
    text = raw[LABEL_AT : LABEL_AT + min(length, document.LABEL_MAX)]
    if magic != MAGIC or form != FORM or crc != binascii.crc32(text):
        raise WireFault("document: the file has no sound label")
    label = document.read(text)
    body = raw[BODY_AT : BODY_AT + label.length]
    if hashlib.sha256(body).digest() != label.sha256:
        raise WireFault(f"{label.name}: is not what its label says")
    return label, body


def _head(label: bytes) -> bytes:
    head = bytearray(LABEL_AT)
    struct.pack_into(HEAD, head, 0, MAGIC, FORM, len(label), binascii.crc32(label))
    return bytes(head) + label


def _mark(there: int) -> bytes:
    head = struct.pack(">4sI", MAGIC, there)
    return head + struct.pack(">I", binascii.crc32(head))


async def _bytes(store: "Store", name: str, offset: int, size: int) -> bytes:
    """Raises StoreBroken where the file is shorter."""
    buf = bytearray(size)
    if await store.read_into(name, offset, buf) != size:
        raise StoreBroken(f"{name}: ends before offset {offset + size}")
    return bytes(buf)
