"""One walk over both copies of a segment, frame by frame: of each frame the sound one counts, and the other copy gets it.

Two sound frames in one place that say different things are two pasts, and never mixed; what no copy has is looked past, named
and never made up."""

from firmware.journal import checkpoint
from firmware.journal.codec import chain, pack
from firmware.journal.segment import Segment, Tail, Window
from hal.ports.faults import JournalDamaged, StoreBroken, StoreFull

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import Any

    from firmware.journal.codec import Frame
    from firmware.journal.mirror import Mirror
    from hal.ports.board import Log, Store

AHEAD = 1 << 13


class Side:
    """One copy of one segment."""

    def __init__(self, copy: "Store", name: str, number: int, size: int):
        self.copy = copy
        self.segment = Segment(copy, name, number, size, 0)
        self.window = Window(copy, name, bytearray(AHEAD), AHEAD)
        self.tail = Tail(0, None, None)
        self.healed: list[int] = []  # seqs

    async def frame(self, offset: int) -> "Frame | None":
        """A sound frame; None where none is, or where the medium does not give it out."""
        try:
            return await self.segment.frame_at(self.window, offset)
        except StoreBroken:
            return None

    async def goes_on(self, seq: int) -> bool:
        """Whether frame `seq` and one that follows it stand here."""
        self.segment.end = self.segment.size
        offset = await self.segment.find(self.window, seq)
        one = await self.frame(offset)
        two = await self.frame(offset + one.size) if one is not None and one.seq == seq else None
        return one is not None and two is not None and two.link == chain(one.link, two.payload)


class Merge:
    """until: the first frame that is not needed, 0 for none: then the segment's end is the journal's."""

    def __init__(self, mirror: "Mirror", sides: "list[Side]", until: int, log: "Log"):
        self._mirror = mirror
        self._sides = sides
        self._until = until
        self._log = log
        self._name = sides[0].segment.name
        self._end = 0  # all before it is sound on both
        self._seq = -1  # of the last frame; -1 before the checkpoint
        self._head: bytes | None = None  # the link before the next frame, where it is known
        self._gone: list[str] = []

    async def run(self) -> int:
        """To the end; how many frames a copy was given. Raises JournalDamaged, which names all that no copy has."""
        while not self._done() and (await self._step() or await self._skip()):
            continue
        await self._finish()
        if self._gone:
            raise JournalDamaged(f"{self._name}: not sound on either copy: {', '.join(self._gone)}")
        return sum([len(side.healed) for side in self._sides])

    def _done(self) -> bool:
        return self._until > 0 and self._seq + 1 >= self._until and self._end > 0

    async def _step(self) -> bool:
        """One frame, if a copy has the right one. Heals the other."""
        right = [await self._right(self._sides[0]), await self._right(self._sides[1])]
        if right[0] is not None and right[1] is not None and not self._end:
            right = self._one_begin(right[0], right[1])
        frame = right[0] or right[1]
        if frame is None:
            return False
        if right[0] is not None and right[1] is not None and right[0].link != right[1].link:
            raise JournalDamaged(f"{self._name}: offset {self._end}: seq {frame.seq}: the copies went apart, both are sound")
        for side, mine in zip(self._sides, right):
            if mine is None:
                await self._write(side, pack(frame.kind, frame.seq, frame.no, frame.payload, frame.link))
                side.healed.append(frame.seq)
        self._pass(frame)
        return True

    def _one_begin(self, one: "Frame", two: "Frame") -> "list[Frame | None]":
        """Two checkpoints that differ in nothing but how many copies there were: the first copy failed as it wrote its own, and
        the till went on with the second alone. The one of fewer copies was in use."""
        this, that = [checkpoint.read(each, self._name, self._sides[0].segment.number) for each in (one, two)]
        alike = one.size == two.size and (this.seq, this.head, this.rollup) == (that.seq, that.head, that.rollup)
        if not alike or this.copies == that.copies:
            return [one, two]
        return [one, None] if this.copies < that.copies else [None, two]

    async def _right(self, side: Side) -> "Frame | None":
        frame = await side.frame(self._end)
        return frame if frame is not None and self._fits(frame) else None

    def _fits(self, frame: "Frame") -> bool:
        """It belongs here, and we could write it."""
        if not frame.kind:
            return False
        if self._end:
            return frame.seq == self._seq + 1 and (self._head is None or frame.link == chain(self._head, frame.payload))
        try:
            checkpoint.read(frame, self._name, self._sides[0].segment.number)
        except JournalDamaged:
            return False
        return True

    def _pass(self, frame: "Frame") -> None:
        if not self._end:
            start = checkpoint.read(frame, self._name, self._sides[0].segment.number)
            self._seq, self._head = start.seq - 1, start.head
        elif frame.kind != "checkpoint":
            self._seq, self._head = frame.seq, frame.link
        self._end += frame.size

    async def _skip(self) -> bool:
        """Where no copy has the next frame: on to the next sound one on either, if there is one, noting what is missing."""
        found = []
        for side in self._sides:
            side.segment.end = self._end
            side.tail = await side.segment.tail(side.window)
            behind = side.tail.behind
            if behind is not None and not 0 < self._until <= behind[1]:
                found.append(behind)
        if not found:
            return False
        offset, seq = min(found)
        self._miss(seq)
        self._end, self._seq, self._head = offset, seq - 1, None
        return True

    def _miss(self, behind: int) -> None:
        """Nobody has what is before frame `behind`."""
        if not self._end:
            self._gone.append("offset 0: its checkpoint")
            return
        first, last = self._seq + 1, max(self._seq + 1, behind - 1)
        seqs = f"seq {first}" if first == last else f"seq {first} to {last}"
        self._gone.append(f"offset {self._end}: {seqs}")

    async def _finish(self) -> None:
        """Sync what was healed. In the journal's last segment the second copy's torn tail is cut; the first one's is for
        recovery to tell of, as where there is no second."""
        if not self._done() and self._until:
            self._miss(self._until)
        if not self._gone and not self._done():
            side = self._sides[1]
            if side.tail.size:
                self._log.say("jrn", f"{self._name}: offset {self._end}: {side.tail.size} bytes are cut from the second copy")
                side.segment.end = self._end
                await self._on(side, side.segment.wipe, side.tail.size)
        for side in self._sides:
            if side.healed:
                await self._on(side, side.copy.sync, self._name)
                self._log.say("jrn", f"{self._name}: {len(side.healed)} frames healed, seq {side.healed[0]} to {side.healed[-1]}")

    async def _write(self, side: Side, frame: bytes) -> None:
        if self._end + len(frame) > side.segment.size:
            return
        await self._on(side, side.copy.write, self._name, self._end, frame)
        side.window.forget()

    async def _on(self, side: Side, work: "Callable[..., Awaitable[None]]", *args: "Any") -> None:
        """A copy that cannot be healed is lost."""
        if side.copy not in self._mirror.copies:
            return
        try:
            await work(*args)
        except (StoreBroken, StoreFull) as fault:
            self._mirror.lose(side.copy, fault)
