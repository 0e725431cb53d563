"""What a boot finds on the disk: the live segment, the end of it, and what was being written when the power went.

Two verdicts, never mixed: a torn tail is cut and told to the byte; a frame that is not sound with sound ones behind it is
damage, which is never cut and stops here by JournalDamaged."""

import json

from firmware.journal import checkpoint
from firmware.journal.codec import HEAD_BYTES, NAMES, SECTOR, frame_bytes, read_head
from firmware.journal.scan import Scan
from hal.ports.faults import JournalDamaged

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.journal.checkpoint import Checkpoint
    from firmware.journal.desk import Desk
    from firmware.journal.rollup import Rollup
    from firmware.journal.segment import Segment, Tail, Window
    from firmware.journal.shelf import Shelf
    from hal.ports.board import Log

# what a record that is whole but not of our making raises; RuntimeError: nested too deep
UNREADABLE = (ValueError, KeyError, TypeError, AttributeError, RuntimeError)


class Recovery:
    """What recover found. frames: replayed from the live segment. dropped: bytes of a torn tail, cut off; kind: of what,
    "" where its head was torn too. fresh: there was no journal, one was begun. healed: frames that one copy lacked.
    ours: the checkpoint bears this till's seal, or there is no key to tell by."""

    def __init__(self, frames: int, dropped: int, kind: str, fresh: bool):
        self.healed = 0
        self.ours = True
        self.frames = frames
        self.dropped = dropped
        self.kind = kind
        self.fresh = fresh


class Newest:
    """live: the newest segment that has a checkpoint. spare: the one above it, blank. None: there is none."""

    def __init__(self, live: "Segment | None", checkpoint: "Checkpoint | None", spare: "Segment | None"):
        self.live = live
        self.checkpoint = checkpoint
        self.spare = spare


async def newest(shelf: "Shelf", log: "Log", clear: bool = True) -> Newest:
    """Look at the newest segment. It may be without a checkpoint: made ahead of need, or a roll that the cut stopped
    before anything else was written to it; then it is made blank, taken off the shelf's list, and the one below is live.

    clear: whether what a cut left there may be cleared; without it nothing is written."""
    spare = None
    while shelf.numbers:
        segment = await shelf.open(shelf.numbers[-1])
        segment.end = 0
        window = shelf.stream(segment)
        frame = await segment.frame_at(window, 0)
        if frame is not None:
            segment.end = frame.size
            return Newest(segment, checkpoint.read(frame, segment.name, segment.number), spare)
        tail = segment.torn(await segment.tail(window), "checkpoint")
        if spare is not None:
            raise JournalDamaged(f"{segment.name}: offset 0: no sound checkpoint")
        if tail.size and clear:
            log.say("jrn", f"{segment.name}: a checkpoint that was never finished, {tail.size} bytes, is cleared")
            await segment.wipe(tail.size)
        spare = segment
        shelf.numbers.pop()
    return Newest(None, None, spare)


class Replay:
    """One walk from a checkpoint to the end of the live segment. seq, head: where it stands."""

    def __init__(self, live: "Segment", start: "Checkpoint", rollup: "Rollup | Desk", log: "Log"):
        self.seq = start.seq - 1
        self.head = start.head
        self._live = live
        self._start = start
        self._rollup = rollup
        self._log = log
        self.folded_from = 0  # offset of the newest checkpoint

    async def run(self, window: "Window") -> Recovery:
        """Look, then cut what is torn."""
        live = self._live
        frames, tail = await self.look(window)
        if not tail.size:
            return Recovery(frames, 0, "", False)
        kind = NAMES.get(tail.head.kind, "") if tail.head else ""
        what = kind or "nothing that can be read"
        self._log.say("jrn", f"{live.name}: offset {live.end}: a torn tail of {tail.size} bytes is cut: {what}")
        await live.wipe(tail.size)
        return Recovery(frames, tail.size, kind, False)

    async def look(self, window: "Window") -> "tuple[int, Tail]":
        """Check every frame and fold those behind the newest checkpoint: how many there are, and what is torn behind them.
        The segment's `end` is the end when it returns; nothing is written."""
        live = self._live
        scan = Scan(live.end, self.seq, self.head)
        begin = live.end
        await live.scan(window, scan)
        live.end, self.seq, self.head = scan.offset, scan.seq, scan.head
        await self._none_follows(window)
        tail = live.torn(await live.tail(window), f"seq {self.seq + 1}")
        self.folded_from = max(scan.mark, 0)
        await self._fold(window, scan.mark if scan.mark >= 0 else begin, scan.mark >= 0)
        return scan.frames, tail

    async def _none_follows(self, window: "Window") -> None:
        """A frame that is sound by itself, but did not let the scan go on, is damage."""
        frame = await self._live.frame_at(window, self._live.end)
        if frame is not None:
            where = f"{self._live.name}: offset {self._live.end}: seq {self.seq + 1}"
            if not frame.kind:
                raise JournalDamaged(f"{where}: its record cannot be read: a kind that this till does not know")
            raise JournalDamaged(f"{where}: a sound frame, seq {frame.seq}, that does not follow the one before it")

    async def _fold(self, window: "Window", offset: int, marked: bool) -> None:
        """Bring the rollup from its snapshot to the end. marked: a newer snapshot than the segment's first stands at offset."""
        live, start = self._live, self._start
        if marked:
            frame = await live.frame_at(window, offset)
            if frame is not None:
                start = checkpoint.read(frame, live.name, live.number, offset)
                offset += frame.size
        where = f"{live.name}: offset {offset}"
        try:
            self._rollup.restore(start.rollup)
            seq = start.seq
            while offset < live.end:
                where = f"{live.name}: offset {offset}: seq {seq}"
                head = read_head(await window.at(offset, SECTOR))
                if head is None:
                    raise ValueError("it was there a moment ago")
                size = frame_bytes(head.length)
                record = json.loads(bytes((await window.at(offset, size))[HEAD_BYTES : HEAD_BYTES + head.length]))
                if (record["kind"], record["seq"], record["no"]) != (NAMES[head.kind], head.seq, head.no):
                    raise ValueError("head and payload differ")
                self._rollup.fold(record)
                offset += size
                seq += 1
        except UNREADABLE as fault:
            raise JournalDamaged(f"{where}: its record cannot be read: {fault!r}") from None
