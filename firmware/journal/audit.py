"""A look at a whole journal, frame by frame, that changes nothing: what is sound is shown, what breaks is named.

It goes on behind a break, so that one look finds them all. Memory does not grow with the journal."""

import binascii
import json

from firmware.journal.checkpoint import PLAIN
from firmware.journal.codec import GENESIS, SECTOR, canonical, chain, read_head
from firmware.journal.segment import Segment, Window, name_of, numbers_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from firmware.journal.codec import Frame
    from hal.ports.board import Keystore, Store

    Record = dict[str, Any]

STREAM_BYTES = 1 << 16


class Audit:
    """seen(record, link): each record of the chain, in its order, and the chain after it. broken(segment, offset, seq, why):
    a place where it breaks. keystore: of the till, for the MACs of its checkpoints; None leaves them unlooked at. known: a
    seq and the chain after it as somebody else keeps them, the fleet or a receipt: without one nobody can tell a journal of
    last week from today's, nor one whose last sales were forged.

    segments, frames: how many there were. seq, head: of the last. breaks: how many. torn: bytes of a write that a power cut
    stopped; the next boot cuts them off. void: bytes of writes that were in doubt, and that a fresh segment has settled.
    macs: checkpoints whose MAC held. confirmed: the known seq is here, and is the one."""

    def __init__(
        self,
        store: "Store",
        prefix: str,
        seen: "Callable[[Record, bytes], None]",
        broken: "Callable[[str, int, int, str], None]",
        keystore: "Keystore | None" = None,
        known: "tuple[int, bytes] | None" = None,
    ):
        self.segments = self.frames = self.seq = self.breaks = self.torn = self.void = self.macs = 0
        self.head = GENESIS
        self._store = store
        self._prefix = prefix
        self._seen = seen
        self._broken = broken
        self._keystore = keystore
        self._known = known
        self.confirmed = False
        self._size = -1  # of a segment; -1 before the first
        self._sealed = False  # a checkpoint with a MAC was seen
        self._buf = bytearray(STREAM_BYTES)
        self._before = GENESIS  # the chain before the last frame
        self._last: Record | None = None  # it, not shown yet: the next segment may say that it never was
        self._place: tuple[Segment, int, int] | None = None  # where it stands, and its bytes
        self._begun = False  # a frame was seen, so the chain is known
        self._lost = False  # behind a break: where the chain stands is what the next frame says

    async def run(self) -> bool:
        """Look at all of it. True when nothing breaks. Raises StoreBroken."""
        numbers = numbers_of(self._prefix, await self._store.names())
        for i, number in enumerate(numbers):
            name = name_of(self._prefix, number)
            size = await self._store.size(name)
            segment = Segment(self._store, name, number, size, 0)
            self._size = size if self._size < 0 else self._size
            if size != self._size:
                self._break(segment, size, f"{size} bytes, and the segment before it has {self._size}")
            await self._segment(segment, i + 1 == len(numbers))
        self._show()
        if self._known is not None and self._known[0] > self.seq:
            self.breaks += 1
            why = f"it ends here, and seq {self._known[0]} was acknowledged"
            self._broken(name_of(self._prefix, numbers[-1] if numbers else 1), 0, self.seq + 1, why)
        return self.breaks == 0

    async def _segment(self, segment: Segment, newest: bool) -> None:
        window = Window(self._store, segment.name, self._buf, STREAM_BYTES)
        offset, last, opened = 0, 0, False
        while offset < segment.size:
            frame = await segment.frame_at(window, offset)
            if frame is None:
                behind, last = await self._look_behind(segment, window, offset)
                if behind < 0:
                    if last > offset:
                        self.torn = last - offset
                    break
                self._break(segment, offset, f"not sound, and sound frames begin again at offset {behind}")
                self._lost = True
                offset = behind
                continue
            self._take(segment, offset, frame, opened)
            if not opened:
                self.void += self.torn  # it was in doubt, and this segment has settled it
                opened, self.torn = True, 0
            offset += frame.size
        if opened:
            self.segments += 1
        elif last and not newest:
            self._break(segment, 0, "no sound frame in the whole segment")
            self._lost = True

    async def _look_behind(self, segment: Segment, window: Window, offset: int) -> "tuple[int, int]":
        """The offset of the next sound frame, -1 for none, and the end of the last sector that is not zero."""
        last = offset
        zeros = bytes(STREAM_BYTES)
        start = offset
        while start < segment.size:
            data = bytes(await window.at(start, min(STREAM_BYTES, segment.size - start)))
            if data != zeros[: len(data)]:
                for at in range(0, len(data), SECTOR):
                    sector = data[at : at + SECTOR]
                    if sector != zeros[: len(sector)]:
                        last = start + at + len(sector)
                    sound = start + at > offset and read_head(sector) is not None
                    if sound and await segment.frame_at(window, start + at) is not None:
                        return start + at, last
            start += max(len(data), SECTOR)
        return -1, last

    def _take(self, segment: Segment, offset: int, frame: "Frame", opened: bool) -> None:
        record = self._record(segment, offset, frame)
        if frame.kind == "checkpoint":
            self._checkpoint(segment, offset, frame, record, opened)
            return
        if not opened:
            self._break(segment, offset, "no checkpoint opens this segment")
        self._show()
        if not self._lost and frame.seq != self.seq + 1:
            self._break(segment, offset, f"seq {frame.seq} does not follow")
        elif not self._lost and frame.link != chain(self.head, frame.payload):
            self._break(segment, offset, f"seq {frame.seq} does not follow from the chain before it")
        self._before, self.head, self.seq = self.head, frame.link, frame.seq
        self._place = (segment, offset, frame.size)
        self._last, self._begun, self._lost = record, True, False
        self.frames += 1

    def _record(self, segment: Segment, offset: int, frame: "Frame") -> "Record":
        try:
            record: Record = json.loads(frame.payload)
            if record["kind"] != frame.kind and frame.kind:
                raise ValueError("kind")
            if record["seq"] != frame.seq or (frame.kind != "checkpoint" and record["no"] != frame.no):
                raise ValueError("seq, no")
            return record
        except (ValueError, KeyError, TypeError, RuntimeError):
            self._break(segment, offset, f"the record of seq {frame.seq} is not what its frame says")
            return {"kind": "?", "seq": frame.seq, "no": frame.no}

    def _checkpoint(self, segment: Segment, offset: int, frame: "Frame", record: "Record", opened: bool) -> None:
        try:
            head = binascii.unhexlify(record["head"])
            right = record["segment"] == segment.number and chain(head, frame.payload) == frame.link
        except (ValueError, KeyError, TypeError):
            head, right = b"", False
        if not right:
            self._break(segment, offset, "this checkpoint is not of this segment")
            return
        if not opened and self._begun and frame.seq == self.seq and head == self._before:
            self._last = None  # the last frame was in doubt, and this segment went on from the one before it
            self.frames -= 1
            self.void += self._place[2] if self._place else 0
        elif not self._lost and self._begun and (frame.seq != self.seq + 1 or head != self.head):
            self._break(segment, offset, f"its checkpoint goes on at seq {frame.seq} from another chain")
        self._show()
        self.seq, self.head = frame.seq - 1, head
        self._begun, self._lost = True, False
        self._check_mac(segment, offset, record)

    def _check_mac(self, segment: Segment, offset: int, record: "Record") -> None:
        if self._keystore is None:
            return
        if record.get("format") == PLAIN:  # has none; nobody goes back to it
            if self._sealed:
                self._break(segment, offset, "this checkpoint has no seal, and one before it has")
            return
        self._sealed = True
        told, sealed = record.get("mac"), dict(record)
        sealed["mac"] = self._prefix
        if told != binascii.hexlify(self._keystore.mac(canonical(sealed))).decode():
            self._break(segment, offset, "this checkpoint was not sealed with this till's key")
        else:
            self.macs += 1

    def _show(self) -> None:
        last, self._last = self._last, None
        if last is None:
            return
        self._seen(last, self.head)
        known = self._known
        if known is None or self.seq != known[0] or self._place is None:
            return
        self.confirmed = self.head.startswith(known[1])
        if not self.confirmed:
            self._break(self._place[0], self._place[1], f"seq {known[0]} is not the one that was acknowledged")

    def _break(self, segment: Segment, offset: int, why: str) -> None:
        self.breaks += 1
        self._broken(segment.name, offset, self.seq + 1, why)
