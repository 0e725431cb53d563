"""The journal: the one truth of what was sold. append returns when the frame is durable, and not before.

Segments are files full of zeros, made and synced ahead of need. main's go by retire, when the fleet has them and they are
old enough; those of a rollup without history (the desk) once the next checkpoint is durable. What a fault leaves in doubt is
settled here: in a fresh segment, else by reading what is there, at the latest before the next frame is taken."""

import asyncio
import json

from firmware.journal.checkpoint import Checkpoint
from firmware.journal.codec import GENESIS, canonical, chain, pack
from firmware.journal.mend import Mender
from firmware.journal.mirror import Mirror
from firmware.journal.query import Query
from firmware.journal.recovery import Recovery, Replay, newest
from firmware.journal.segment import Segment
from firmware.journal.shelf import Shelf
from hal.ports.faults import Fault, JournalDamaged, StoreBroken, StoreFull

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from firmware.journal.codec import Frame
    from firmware.journal.desk import Desk
    from firmware.journal.rollup import Rollup
    from hal.ports.board import Keystore, Log, Store

SEGMENT_BYTES = 4 << 20
MARK_BYTES = 1 << 20  # of frames between two checkpoints: what a boot may have to fold
UNREAD = "not recovered yet"


class InDoubt(StoreBroken):
    """Nobody knows yet whether this frame is there: the journal cannot be read either. It is settled before the next one."""


class Journal:
    """seq: of the last durable frame, 0 before the first. head: the link after it, 32 zero bytes before the first.

    prefix: names its files, prefix-00000001.seg. rollup: folds each durable frame. keystore: seals the checkpoints.
    Nothing is appended before recover."""

    def __init__(
        self,
        store: "Store",
        prefix: str,
        rollup: "Rollup | Desk",
        log: "Log",
        segment_bytes: int = SEGMENT_BYTES,
        keystore: "Keystore | None" = None,
    ):
        self.seq = 0
        self.head = GENESIS
        self._prefix = prefix
        self._rollup = rollup
        self._log = log
        self._segment_bytes = segment_bytes
        self._keystore = keystore
        self._mender = Mender(store, prefix, rollup.history, log) if isinstance(store, Mirror) else None
        self._shelf = Shelf(store, prefix, self._mender)
        self._live = Segment(store, "", 0, 0, 0)
        self._spare: Segment | None = None  # blank, for the time when the live one is full
        self._other_copies = False  # the live segment was begun with more copies than there are now, or fewer
        self._mark_at = 0  # offset in the live segment from which on the next checkpoint is due
        self._look_ahead_at = 0  # bytes left in the live segment when the next try to make a spare is due
        self._closed = UNREAD  # why nothing may be appended; "" when all is well
        self._doubt = ("", b"")  # of which frame nobody knows whether it is there, in words, and the link after it
        self._writing = asyncio.Lock()
        self._reading = asyncio.Lock()  # the shelf has one buffer

    async def recover(self) -> Recovery:
        """Find the end, replay the live segment into the rollup, cut a torn tail. Run it again to settle a doubt.

        Raises JournalDamaged, StoreBroken, and StoreFull where there is no journal and no room for one; the rollup then
        stays what it was."""
        async with self._writing:
            return await self._recover()

    async def append(self, kind: str, no: int, body: "dict[str, Any]") -> int:
        """Make this frame durable, fold it, and return its seq. body gets kind, seq and no, the sale number (0: none).

        Raises StoreFull: nothing was written. InDoubt: nobody knows, until recover has run or the next frame is taken.
        Any other StoreBroken: it is not there."""
        async with self._writing:
            if self._closed:
                await self._reopen()
            record = dict(body)
            record["kind"], record["seq"], record["no"] = kind, self.seq + 1, no
            payload = canonical(record)
            link = chain(self.head, payload)
            try:
                await self._commit(pack(kind, self.seq + 1, no, payload, link))
            except StoreBroken as fault:
                return await self._outcome(f"seq {self.seq + 1}, {kind}", link, fault)
            self.seq += 1
            self.head = link
            self._rollup.fold(json.loads(payload))  # what a replay would fold, and nothing that the caller still holds
            await self._mark()
            await self._look_ahead()
            return self.seq

    def closed(self) -> bool:
        """A frame before is in doubt: recover settles it, or the next append, which is refused where that cannot be done."""
        return self._closed != ""

    async def rest(self) -> None:
        """What is under way is done when this returns, and nothing is written any more: the till is to be switched off."""
        await self._writing.acquire()

    def query(self) -> Query:
        """For questions beside all else that goes on; good until the next recovery."""
        return Query(self._shelf.beside(), lambda: self.seq)

    async def payloads(self, first_seq: int, max_count: int, max_bytes: int) -> "list[bytes]":
        """Stored payloads from first_seq on, at most max_count; the first at any size, then up to max_bytes in all.

        Raises JournalDamaged where a frame that must be there is not, ValueError for a seq below 1."""
        if first_seq < 1:
            raise ValueError(f"{self._prefix}: no seq {first_seq}")
        stop = min(self.seq, first_seq + max_count - 1)
        frames: list[Frame] = []
        async with self._reading:
            more = True
            while more and first_seq + len(frames) <= stop:
                before = len(frames)
                await self._shelf.gather(self._live, first_seq + before, stop, max_bytes, frames)
                more = len(frames) > before
        return [frame.payload for frame in frames]

    async def hash_at(self, seq: int) -> bytes:
        """The link after frame seq; GENESIS for 0. Raises ValueError for a seq that is not here, JournalDamaged."""
        if seq == 0:
            return GENESIS
        if not 0 < seq <= self.seq:
            raise ValueError(f"{self._prefix}: no seq {seq}, the last is {self.seq}")
        found: list[Frame] = []
        async with self._reading:
            await self._shelf.gather(self._live, seq, seq, 0, found)
        return found[0].link

    async def first(self) -> int:
        """Seq of the oldest frame that is kept. Raises JournalDamaged, StoreBroken."""
        async with self._reading:
            return await self._shelf.first_seq(self._shelf.numbers[0])

    async def retire(self, acked: int, before_s: int) -> int:
        """Remove the oldest segments that the fleet has whole, and whose sales are all older than before_s, UTC seconds.

        acked: the last seq that the fleet has; that frame itself stays. How many went. Raises StoreBroken, JournalDamaged."""
        gone = 0
        async with self._writing, self._reading:
            while len(self._shelf.numbers) > 1:
                behind = await self._shelf.first_seq(self._shelf.numbers[1])
                if behind > acked or not await self._older(behind, before_s):
                    break
                self._log.say("jrn", f"{self._shelf.name(self._shelf.numbers[0])}: retired, the fleet has all before {behind}")
                await self._shelf.drop_oldest()
                gone += 1
        return gone

    async def _older(self, seq: int, before_s: int) -> bool:
        """Whether the first sale from here on, with a time that somebody vouched for, was before then."""
        frames: list[Frame] = []
        await self._shelf.gather(self._live, seq, min(self.seq, seq + 63), 1 << 16, frames)
        for frame in frames:
            record = json.loads(frame.payload)
            if frame.kind == "sale" and record.get("trusted"):
                return bool(record["at"] < before_s)
        return False

    async def _recover(self) -> Recovery:
        async with self._reading:
            self._closed = "recovery failed"
            if self._mender is not None:
                await self._mender.run()
            await self._shelf.look()
            found = await newest(self._shelf, self._log)
            self._spare = found.spare
            if found.live is None or found.checkpoint is None:
                return await self._begin()
            self._live = found.live
            rollup = self._rollup.blank()  # others read the one in use while this one is folded
            replay = Replay(found.live, found.checkpoint, rollup, self._log)
            recovery = await replay.run(self._shelf.stream(found.live))
            self._rollup.restore(rollup.snapshot())
            self.seq, self.head = replay.seq, replay.head
            recovery.healed = self._mender.healed if self._mender is not None else 0
            recovery.ours = self._keystore is None or found.checkpoint.ours(self._prefix, self._keystore)
            if not recovery.ours:
                self._log.say("jrn", f"ALARM: {self._live.name}: its checkpoint was not sealed with this till's key")
            self._look_ahead_at = self._live.size // 4
            self._mark_at = replay.folded_from + MARK_BYTES
            self._closed = ""
            self._other_copies = found.checkpoint.copies not in (0, self._copies())
            self._settled()
            await self._retire()
            await self._look_ahead()
            return recovery

    def _settled(self) -> None:
        """Say what became of the frame that was in doubt."""
        words, link = self._doubt
        if words:
            outcome = "durable" if self.head == link else "not there"
            self._log.say("jrn", f"{self._prefix}: {words}, was in doubt: it is {outcome}")
            self._doubt = ("", b"")

    async def _reopen(self) -> None:
        """A doubt has closed the journal: read what is there, once, and go on from that. Nothing is synced that was not
        written anew. Raises StoreBroken."""
        why = self._closed
        if why == UNREAD:
            raise StoreBroken(f"{self._prefix}: {why}")
        try:
            await self._recover()
        except (StoreBroken, StoreFull, JournalDamaged) as fault:
            self._closed = why
            self._log.say("jrn", f"{self._prefix}: it cannot be settled yet: {fault}")
            raise StoreBroken(f"{self._prefix}: nothing is taken: {why}") from None

    async def _outcome(self, words: str, link: bytes, fault: StoreBroken) -> int:
        """Of a frame whose write failed, in two segments or in one: its seq, if it is there all the same. Raises
        StoreBroken if it is not, and InDoubt."""
        if self._closed:
            self._doubt = (words, link)
            try:
                await self._reopen()
            except StoreBroken:
                raise InDoubt(str(fault)) from None
        if self.head != link:
            raise StoreBroken(f"{fault}; it is not there", fault.full)
        return self.seq

    async def _begin(self) -> Recovery:
        self.seq, self.head = 0, GENESIS
        self._rollup.restore({})
        await self._roll()
        return Recovery(0, 0, "", True)

    async def _commit(self, frame: bytes) -> None:
        if self._other_copies:
            await self._turn_over()
        if len(frame) > self._live.left:
            await self._roll()
        if len(frame) > self._live.left:
            raise ValueError(f"{self._prefix}: a frame of {len(frame)} bytes is longer than a segment")
        try:
            await self._live.write(frame)
        except (StoreBroken, StoreFull) as fault:
            await self._settle(frame, fault)

    async def _turn_over(self) -> None:
        """A copy that left, or came back, may hold a frame that was in doubt: a fresh segment makes it worthless."""
        try:
            await self._roll()
        except StoreFull as fault:
            self._log.say("jrn", f"{self._live.name}: goes on, there is no room for a fresh segment: {fault}")
        self._other_copies = False

    async def _settle(self, frame: bytes, fault: Fault) -> None:
        """The frame may be there, whole or torn, or not. No sync is tried twice: a failed one has lost what it was to
        write, and the next says OK (reliability.md, 2d). A fresh segment whose checkpoint goes on from the frame before
        makes those bytes worthless, whatever they are; what is durable there is the outcome."""
        doubt = f"seq {self.seq + 1} is in doubt: {fault}"
        self._closed = doubt
        self._log.say("jrn", f"{self._live.name}: {doubt}; settling in a fresh segment")
        try:
            await self._roll()
            await self._live.write(frame)
        except Fault as second:
            self._closed = f"{doubt}; then {second}"
            full = isinstance(fault, StoreFull) and isinstance(second, StoreFull)
            raise StoreBroken(f"{self._prefix}: {self._closed}", full) from None
        self._log.say("jrn", f"{self._live.name}: seq {self.seq + 1} is settled, and durable")

    async def _roll(self) -> None:
        """Go on in a fresh segment. Raises StoreFull before anything is written; after StoreBroken the journal is closed."""
        fresh = self._spare or await self._shelf.make(self._segment_bytes)
        try:
            await fresh.write(self._checkpoint(fresh.number))
        except (StoreBroken, StoreFull) as fault:
            self._closed = f"{fresh.name}: its checkpoint is in doubt: {fault}"
            raise StoreBroken(f"{self._prefix}: {self._closed}") from None
        self._closed = ""
        self._live, self._spare = fresh, None
        self._shelf.numbers.append(fresh.number)
        self._look_ahead_at = fresh.size // 4
        self._mark_at = fresh.end + MARK_BYTES
        await self._retire()

    def _checkpoint(self, number: int) -> bytes:
        checkpoint = Checkpoint(number, self.seq + 1, self.head, self._rollup.snapshot(), self._copies())
        return checkpoint.frame(self._prefix, self._keystore)

    def _copies(self) -> int:
        """Of every frame that is written now."""
        return len(self._mender.copies) if self._mender is not None else 1

    async def _mark(self) -> None:
        """Another checkpoint in the live segment, once a boot would have much to fold. The frame before it is durable, so a
        fault here is nobody's doubt but the next frame's: that goes to a fresh segment."""
        if self._live.end < self._mark_at:
            return
        frame = self._checkpoint(self._live.number)
        self._mark_at = self._live.end + max(MARK_BYTES, 4 * len(frame))
        if 2 * len(frame) > self._live.left:
            return
        try:
            await self._live.write(frame)
        except (StoreBroken, StoreFull) as fault:
            self._closed = f"a checkpoint at offset {self._live.end} is in doubt: {fault}"
            self._log.say("jrn", f"{self._live.name}: {self._closed}")
            try:
                await self._roll()
            except Fault as second:
                self._log.say("jrn", f"{self._prefix}: it is settled before the next frame: {second}")

    async def _look_ahead(self) -> None:
        """Make the next segment while a quarter is left, so that a full disk never strikes inside a sale.

        It is done before append returns: PAID is late by one zero-fill in some 2,000 sales, and no task is about."""
        if self._spare is not None or self._live.left > self._look_ahead_at:
            return
        try:
            self._spare = await self._shelf.make(self._segment_bytes)
        except (StoreFull, StoreBroken) as fault:
            self._look_ahead_at = self._live.left - self._live.size // 32
            self._log.say("jrn", f"{self._live.name}: {self._live.left} bytes left, and no next segment: {fault}")

    async def _retire(self) -> None:
        """Without history all before the live checkpoint can go: that is durable, and says the same."""
        while not self._rollup.history and len(self._shelf.numbers) > 1:
            try:
                await self._shelf.drop_oldest()
            except StoreBroken as fault:
                self._log.say("jrn", f"an old segment stays until the next boot: {fault}")
