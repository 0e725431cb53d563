"""The segments of one journal by number, and the way to a frame among them.

Nothing here grows with the journal but the list of numbers; one buffer serves every walk, one walk at a time."""

from firmware.journal.codec import SECTOR, chain
from firmware.journal.segment import Segment, Window, name_of, numbers_of
from hal.ports.faults import JournalDamaged

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.journal.codec import Frame
    from firmware.journal.mend import Mender
    from hal.ports.board import Store

STREAM_BYTES = 1 << 16  # the buffer; a whole segment in memory took MicroPython 1.4 s (reliability.md, 1)
LOOKUP_BYTES = 1 << 13  # read at once where one frame or a batch is looked for


class Shelf:
    """numbers: of the segments in use, ascending; the last is the live one. mender: None where there is one copy."""

    def __init__(self, store: "Store", prefix: str, mender: "Mender | None" = None):
        self.numbers: list[int] = []
        self.mender = mender
        self._store = store
        self._prefix = prefix
        self._buf = bytearray(STREAM_BYTES)

    def name(self, number: int) -> str:
        """main-00000001.seg."""
        return name_of(self._prefix, number)

    async def look(self) -> None:
        """Read from the store which segments there are."""
        self.numbers = numbers_of(self._prefix, await self._store.names())

    async def open(self, number: int) -> Segment:
        """A segment that is there; `end` is its size, for a reader."""
        size = await self._store.size(self.name(number))
        return Segment(self._store, self.name(number), number, size, size)

    async def make(self, size: int) -> Segment:
        """The next segment, full of zeros and durable. Raises StoreFull."""
        number = self.numbers[-1] + 1 if self.numbers else 1
        if self.name(number) not in await self._store.names():  # else it was made while its caller was cancelled
            await self._store.create(self.name(number), size)
        segment = await self.open(number)
        segment.end = 0
        return segment

    async def drop_oldest(self) -> None:
        """Remove the oldest segment for good. Raises StoreBroken; it is off the list either way, until the next look."""
        number = self.numbers.pop(0)
        await self._store.remove(self.name(number))

    def stream(self, segment: Segment, ahead: int = STREAM_BYTES) -> Window:
        """A window for a walk through all of it. ahead: bytes to read at once, at most STREAM_BYTES."""
        return Window(self._store, segment.name, self._buf, ahead)

    def beside(self) -> "Shelf":
        """The same segments for one more reader, with a buffer of its own. Good until the next look."""
        other = Shelf(self._store, self._prefix, self.mender)
        other.numbers = self.numbers
        return other

    async def mend(self, number: int, until: int) -> bool:
        """Heal a segment up to frame `until`, not included, from the other copy. False where there is none. Raises
        JournalDamaged where no copy has what must be there."""
        return self.mender is not None and await self.mender.segment(number, until)

    async def gather(self, live: Segment, seq: int, stop: int, max_bytes: int, out: "list[Frame]") -> None:
        """Put frames seq..stop into out as far as one segment holds them, the first at any size, then up to max_bytes of
        payload in all. live: the one in use, whose end is known, so that its blank rest is never looked through.

        What rotted on one copy is healed from the other. Raises JournalDamaged where no copy has it."""
        number, behind = await self._holding(seq)
        segment = live if number == live.number else await self.open(number)
        before = len(out)
        try:
            await self._gather(segment, behind, seq, stop, max_bytes, out)
        except JournalDamaged:
            if not await self.mend(number, min(stop + 1, behind)):
                raise
            await self._gather(segment, behind, seq + len(out) - before, stop, max_bytes, out)

    async def _gather(self, segment: Segment, behind: int, seq: int, stop: int, max_bytes: int, out: "list[Frame]") -> None:
        window = Window(self._store, segment.name, self._buf, LOOKUP_BYTES)
        offset = await segment.find(window, seq)
        total = sum([len(frame.payload) for frame in out])
        while seq <= stop and seq < behind:
            frame = await segment.frame_at(window, offset)
            if frame is not None and frame.seq == seq and frame.kind == "checkpoint":
                offset += frame.size
                continue
            if frame is None or frame.seq != seq:
                raise JournalDamaged(f"{segment.name}: offset {offset}: seq {seq}: not sound, or not there")
            if out and frame.link != chain(out[-1].link, frame.payload):
                raise JournalDamaged(f"{segment.name}: offset {offset}: seq {seq}: does not follow the one before it")
            total += len(frame.payload)
            if out and total > max_bytes:
                return
            out.append(frame)
            offset += frame.size
            seq += 1

    async def _holding(self, seq: int) -> "tuple[int, int]":
        """Which segment holds frame seq, and the first seq that it does not hold. By halves, over the checkpoints' heads."""
        numbers = list(self.numbers)
        low, high = 0, len(numbers)
        behind = seq + (1 << 62)  # in the live segment: as far as there are frames
        while high - low > 1:
            middle = (low + high) // 2
            first = await self.first_seq(numbers[middle])
            if first <= seq:
                low = middle
            else:
                high, behind = middle, first
        if seq < await self.first_seq(numbers[low]):
            raise JournalDamaged(f"{self.name(numbers[low])}: offset 0: seq {seq} is not here, and this is the oldest segment")
        return numbers[low], behind

    async def first_seq(self, number: int) -> int:
        """Of the first frame in a segment, by its checkpoint, which must be sound: one flipped bit would lead astray here.
        Raises JournalDamaged where it has none."""
        segment = await self.open(number)
        frame = await segment.frame_at(Window(self._store, segment.name, self._buf, SECTOR), 0)
        if frame is None and await self.mend(number, 1):
            frame = await segment.frame_at(Window(self._store, segment.name, self._buf, SECTOR), 0)
        if frame is None:
            raise JournalDamaged(f"{segment.name}: offset 0: no sound checkpoint")
        return frame.seq
