"""What a boot finds on the disk: the live segment, the end of it, and what was being written when the power went.

Two verdicts, never mixed: a torn tail is cut and told to the byte; a frame that is not sound with sound ones behind it is
damage, which is never cut and stops here by JournalDamaged."""

import json

from firmware.journal import checkpoint
from firmware.journal.codec import NAMES, chain
from hal.ports.faults import JournalDamaged

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.journal.checkpoint import Checkpoint
    from firmware.journal.codec import Frame
    from firmware.journal.desk import Desk
    from firmware.journal.rollup import Rollup
    from firmware.journal.segment import Segment, Window
    from firmware.journal.shelf import Shelf
    from hal.ports.board import Log

# what a record that is whole but not of our making raises; RuntimeError: nested too deep
UNREADABLE = (ValueError, KeyError, TypeError, AttributeError, RuntimeError)


class Recovery:
    """What recover found. frames: replayed from the live segment. dropped: bytes of a torn tail, cut off; kind: of what,
    "" where its head was torn too. fresh: there was no journal, one was begun. healed: frames that one copy lacked."""

    def __init__(self, frames: int, dropped: int, kind: str, fresh: bool):
        self.healed = 0
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


async def newest(shelf: "Shelf", log: "Log") -> Newest:
    """Look at the newest segment. It may be without a checkpoint: made ahead of need, or a roll that the cut stopped
    before anything else was written to it; then it is made blank, taken off the shelf's list, and the one below is live."""
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
        if tail.size:
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
        self._rollup = rollup
        self._log = log
        try:
            rollup.restore(start.rollup)
        except UNREADABLE as fault:
            raise JournalDamaged(f"{live.name}: offset 0: its rollup cannot be read: {fault!r}") from None

    async def run(self, window: "Window") -> Recovery:
        """Fold every sound frame, then cut what is torn. The segment's `end` is the end when it returns."""
        live, frames = self._live, 0
        frame = await live.frame_at(window, live.end)
        while frame is not None:
            self._fold(frame)
            live.end += frame.size
            frames += 1
            frame = await live.frame_at(window, live.end)
        tail = live.torn(await live.tail(window), f"seq {self.seq + 1}")
        if not tail.size:
            return Recovery(frames, 0, "", False)
        kind = NAMES.get(tail.head.kind, "") if tail.head else ""
        what = kind or "nothing that can be read"
        self._log.say("jrn", f"{live.name}: offset {live.end}: a torn tail of {tail.size} bytes is cut: {what}")
        await live.wipe(tail.size)
        return Recovery(frames, tail.size, kind, False)

    def _fold(self, frame: "Frame") -> None:
        where = f"{self._live.name}: offset {self._live.end}: seq {self.seq + 1}"
        link = chain(self.head, frame.payload)
        if frame.seq != self.seq + 1 or frame.link != link:
            raise JournalDamaged(f"{where}: a sound frame, seq {frame.seq}, that does not follow the one before it")
        try:
            record = json.loads(frame.payload)
            if (record["kind"], record["seq"], record["no"]) != (frame.kind, frame.seq, frame.no):
                raise ValueError("head and payload differ")
            self._rollup.fold(record)
        except UNREADABLE as fault:
            raise JournalDamaged(f"{where}: its record cannot be read: {fault!r}") from None
        self.seq = frame.seq
        self.head = link
