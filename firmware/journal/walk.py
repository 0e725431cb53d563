"""A walk over one segment for those who search it: no frame is missed in silence, and none is made up.

Of a sale only the head is read here: whoever wants it reads it whole, and its sum is checked then. Of all else the sum is
checked at once, so that no flipped bit makes of a sale something that is passed by. What is not sound is healed from the
other copy, once; then it is damage, and said."""

import array

from firmware.journal.codec import KINDS, SECTOR, frame_bytes, read_head
from hal.ports.faults import JournalDamaged

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.journal.segment import Segment
    from firmware.journal.shelf import Shelf

SALE, CHECKPOINT = KINDS["sale"], KINDS["checkpoint"]
ALL = 1 << 30


class Walk:
    """Up to frame `until`, not included: what stands behind it is not durable yet, or was in doubt and is void."""

    def __init__(self, shelf: "Shelf", segment: "Segment", until: int, ahead: int):
        self._shelf = shelf
        self._segment = segment
        self._until = until
        self._window = shelf.stream(segment, ahead)

    async def sales(self, whole: bool = False, most: int = ALL) -> "array.array[int]":
        """Where its sales start, 4 bytes each, so 32 KiB at most. whole: their sums are checked too. most: so many are
        enough. Raises JournalDamaged, StoreBroken."""
        try:
            return await self._sales(whole, most)
        except JournalDamaged:
            if not await self._mend():
                raise
        return await self._sales(whole, most)

    async def sale(self, offset: int) -> bytes:
        """The payload of the sale there; b"" where it turns out, healed, to be none: its kind had rotted. Raises JournalDamaged,
        StoreBroken."""
        frame = await self._segment.frame_at(self._window, offset)
        if frame is None and await self._mend():
            frame = await self._segment.frame_at(self._window, offset)
        if frame is None:
            raise JournalDamaged(f"{self._segment.name}: offset {offset}: not sound")
        return frame.payload if frame.kind == "sale" else b""

    async def _sales(self, whole: bool, most: int) -> "array.array[int]":
        segment, window = self._segment, self._window
        first = await segment.frame_at(window, 0)
        if first is None or first.kind != "checkpoint":
            raise JournalDamaged(f"{segment.name}: offset 0: no sound checkpoint")
        offsets = array.array("I")
        offset, seq = first.size, first.seq
        while seq < self._until and len(offsets) < most:
            head = read_head(await window.at(offset, SECTOR)) if offset < segment.size else None
            sound = head is not None and head.seq == seq
            if head is None or not sound or ((whole or head.kind != SALE) and not await segment.frame_at(window, offset)):
                raise JournalDamaged(f"{segment.name}: offset {offset}: seq {seq}: not sound, or not there")
            if head.kind == SALE:
                offsets.append(offset)
            if head.kind != CHECKPOINT:
                seq += 1
            offset += frame_bytes(head.length)
        return offsets

    async def _mend(self) -> bool:
        self._window.forget()
        return await self._shelf.mend(self._segment.number, self._until)
