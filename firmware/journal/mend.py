"""Bringing two copies of a journal together, frame by frame: the best of both, the worse is healed, and that is said.

Only the newest segments can differ: a checkpoint is written to both copies after all before it is durable on both. So a boot
looks at the newest segment whose checkpoint stands on both, at those after it, and at what one copy lacks altogether."""

from firmware.journal import checkpoint
from firmware.journal.codec import chain, pack
from firmware.journal.segment import Segment, Tail, Window, name_of, numbers_of
from hal.ports.faults import JournalDamaged, StoreBroken, StoreFull

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import Any

    from firmware.journal.codec import Frame
    from firmware.journal.mirror import Mirror
    from hal.ports.board import Log, Store

BLOCK = 1 << 14  # bytes of each copy that are compared at once
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


class Mender:
    """Of one journal. healed: how many frames it has written to a copy that lacked them. history: what the rollup says;
    without it nothing before the newest checkpoint is needed."""

    def __init__(self, mirror: "Mirror", prefix: str, history: bool, log: "Log"):
        self.healed = 0
        self._mirror = mirror
        self._prefix = prefix
        self._history = history
        self._log = log

    @property
    def copies(self) -> "list[Store]":
        """Those in use."""
        return self._mirror.copies

    async def run(self) -> None:
        """Before anything else is read. Raises JournalDamaged where no copy has what must be there."""
        self.healed = 0
        self._mirror.join()
        have: list[list[int]] = []
        for copy in self._mirror.copies:
            try:
                have.append(numbers_of(self._prefix, await copy.names()))
            except StoreBroken as fault:
                self._mirror.lose(copy, fault)
        if len(have) < 2:
            return
        both = [number for number in have[0] if number in have[1]]
        start = await self._begun_on_both(both)
        numbers = sorted(set(have[0] + have[1]))
        if not self._history:
            start = await self._drop_before_newest(numbers, have)
            numbers = [number for number in numbers if number >= start]
        for i, number in enumerate(numbers):
            if number >= start or number not in both:
                lacking = [copy for copy, mine in zip(self._mirror.copies, have) if number not in mine]
                until = await self._first_seq(numbers[i + 1]) if i + 1 < len(numbers) else 0
                if not await self._made(number, lacking):
                    return
                try:
                    await self._bring(number, until)
                except JournalDamaged as fault:
                    if not (until and lacking and both and number < both[0]):
                        raise
                    await self._leave(number, lacking, fault)

    async def segment(self, number: int, until: int) -> bool:
        """Make both copies of a segment the same, up to frame `until`, not included; 0: to the end, which is the journal's.
        False when there is only one copy. Raises JournalDamaged."""
        copies = self._mirror.copies
        if len(copies) < 2:
            return False
        name = name_of(self._prefix, number)
        try:
            sizes = [await copies[0].size(name), await copies[1].size(name)]
            if sizes[0] == sizes[1] and await self._same(copies, name, sizes[0]):
                return True
        except StoreBroken as fault:
            self._log.say("jrn", f"{name}: the copies cannot be compared whole: {fault}")
            sizes = [await copies[0].size(name)] * 2
        sides = [Side(copies[0], name, number, sizes[0]), Side(copies[1], name, number, sizes[1])]
        await Merge(self._mirror, sides, until, self._log).run()
        self.healed += sum([len(side.healed) for side in sides])
        if sizes[0] != sizes[1] and len(self._mirror.copies) == 2:
            # the longer one has now all that the shorter had: a file that was cut short is made anew, and filled
            await self._anew(name, copies[0] if sizes[0] < sizes[1] else copies[1], max(sizes))
            return await self.segment(number, until)
        return True

    async def _bring(self, number: int, until: int) -> None:
        """Together, and not apart from the next segment, which begins at frame `until`; 0 for none, or a blank one."""
        if until and not await self._first_seq(number):
            raise JournalDamaged(f"{name_of(self._prefix, number)}: offset 0: no sound checkpoint on either copy")
        await self.segment(number, until)
        if until:
            await self._none_goes_on(number, until)

    async def _leave(self, number: int, lacking: "list[Store]", fault: JournalDamaged) -> None:
        """A segment that is older than all that both have, and rotten where it is: the power went as it retired, and the other
        copy is rid of it. It is not brought back, and what of it is sound stays where it is."""
        self._log.say("jrn", f"ALARM: an old segment stands on one copy only, and is damaged there: {fault}")
        for copy in lacking:
            await self._remove(copy, name_of(self._prefix, number))

    async def _none_goes_on(self, number: int, until: int) -> None:
        """Behind a segment that was closed before frame `until` may stand the one frame that was in doubt then. A second was
        acknowledged while the other copy was out, and went on by itself."""
        for copy in self._mirror.copies:
            try:
                goes_on = await self._goes_on(copy, number, until)
            except StoreBroken as fault:
                self._mirror.lose(copy, fault)
                return
            if goes_on:
                where = f"{name_of(self._prefix, number)}: seq {until}"
                raise JournalDamaged(f"{where}: the copies went apart, one in this segment and one in the next")

    async def _goes_on(self, copy: "Store", number: int, seq: int) -> bool:
        """Whether frame `seq` and one that follows it stand in this segment."""
        name = name_of(self._prefix, number)
        side = Side(copy, name, number, await copy.size(name))
        side.segment.end = side.segment.size
        offset = await side.segment.find(side.window, seq)
        one = await side.frame(offset)
        two = await side.frame(offset + one.size) if one is not None and one.seq == seq else None
        return one is not None and two is not None and two.link == chain(one.link, two.payload)

    async def _anew(self, name: str, copy: "Store", size: int) -> None:
        self._log.say("jrn", f"{name}: one copy of the file was cut short, and is made again")
        try:
            await copy.remove(name)
            await copy.create(name, size)
        except (StoreBroken, StoreFull) as fault:
            self._mirror.lose(copy, fault)

    async def _made(self, number: int, lacking: "list[Store]") -> bool:
        """Each copy has this segment, if only as zeros. False when one copy is left."""
        name = name_of(self._prefix, number)
        for copy in lacking:
            one, two = self._mirror.copies
            other = two if copy is one else one
            try:
                await copy.create(name, await other.size(name))
            except (StoreBroken, StoreFull) as fault:
                self._mirror.lose(copy, fault)
        return len(self._mirror.copies) == 2

    async def _begun_on_both(self, numbers: "list[int]") -> int:
        """The newest segment that has a sound first frame on both copies, 0 when none has."""
        for number in reversed(numbers):
            name = name_of(self._prefix, number)
            begun = True
            for copy in self._mirror.copies:
                begun = begun and await Side(copy, name, number, 1 << 62).frame(0) is not None
            if begun:
                return number
        return 0

    async def _drop_before_newest(self, numbers: "list[int]", have: "list[list[int]]") -> int:
        """The newest segment that has a sound checkpoint on either copy. Those before it that only one copy has were on
        their way out when the power went: they go, and nobody reads them again."""
        newest = 0
        for number in numbers:
            if await self._first_seq(number):
                newest = number
        for copy, mine in zip(self._mirror.copies, have):
            for number in mine:
                if number < newest and not (number in have[0] and number in have[1]):
                    await self._remove(copy, name_of(self._prefix, number))
        return newest

    async def _remove(self, copy: "Store", name: str) -> None:
        try:
            await copy.remove(name)
        except StoreBroken as fault:
            self._log.say("jrn", f"{name}: stays on one copy until the next boot: {fault}")

    async def _first_seq(self, number: int) -> int:
        """Of the first frame in this segment, as its checkpoint says; 0 for a blank one."""
        name = name_of(self._prefix, number)
        for copy in self._mirror.copies:
            if name in await copy.names():
                frame = await Side(copy, name, number, 1 << 62).frame(0)
                if frame is not None:
                    return frame.seq
        return 0

    async def _same(self, copies: "list[Store]", name: str, size: int) -> bool:
        """Byte for byte."""
        one, other = bytearray(BLOCK), bytearray(BLOCK)
        for offset in range(0, size, BLOCK):
            if await copies[0].read_into(name, offset, one) != await copies[1].read_into(name, offset, other) or one != other:
                return False
        return True


class Merge:
    """A walk over both copies of one segment at once."""

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

    async def run(self) -> None:
        """To the end. What no copy has is looked past, so that all of it can be named."""
        while not self._done() and (await self._step() or await self._skip()):
            continue
        await self._finish()
        if self._gone:
            raise JournalDamaged(f"{self._name}: not sound on either copy: {', '.join(self._gone)}")

    def _done(self) -> bool:
        return self._until > 0 and self._seq + 1 >= self._until and self._end > 0

    async def _step(self) -> bool:
        """One frame, if a copy has the right one. Heals the other."""
        right = [await self._right(self._sides[0]), await self._right(self._sides[1])]
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
