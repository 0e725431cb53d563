"""One segment on two copies: whether each has begun it, what both say, and how they become the same."""

from firmware.journal.merge import Merge, Side
from firmware.journal.segment import name_of
from hal.ports.faults import JournalDamaged, StoreBroken, StoreFull

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.journal.mirror import Mirror
    from hal.ports.board import Log, Store

BLOCK = 1 << 14  # bytes of each copy that are compared at once
WHATEVER = 1 << 62  # the size of a file whose first frame alone is asked for


class Pair:
    """number: of the segment. A copy that fails here is lost to the mirror, and what is asked goes on with the other."""

    def __init__(self, mirror: "Mirror", prefix: str, number: int, log: "Log"):
        self.name = name_of(prefix, number)
        self._number = number
        self._mirror = mirror
        self._log = log

    async def begun(self) -> bool:
        """Has every copy a sound first frame?"""
        for copy in self._mirror.copies:
            if await self._side(copy, WHATEVER).frame(0) is None:
                return False
        return True

    async def first_seq(self) -> int:
        """Of the first frame in it, as its checkpoint says; 0 for a blank one."""
        for copy in self._mirror.copies:
            if self.name in await copy.names():
                frame = await self._side(copy, WHATEVER).frame(0)
                if frame is not None:
                    return frame.seq
        return 0

    async def make(self, lacking: "Store") -> None:
        """On the copy that has not got it, if only as zeros."""
        one, two = self._mirror.copies
        try:
            await lacking.create(self.name, await (two if lacking is one else one).size(self.name))
        except (StoreBroken, StoreFull) as fault:
            self._mirror.lose(lacking, fault)

    async def remove(self, copy: "Store") -> None:
        """From one copy; one that cannot be removed is left to the next boot."""
        try:
            await copy.remove(self.name)
        except StoreBroken as fault:
            self._log.say("jrn", f"{self.name}: stays on one copy until the next boot: {fault}")

    async def heal(self, until: int) -> int:
        """Make both the same, up to frame `until`, not included; 0: to the end, which is the journal's. How many frames a copy
        was given. Raises JournalDamaged."""
        one, two = self._mirror.copies
        try:
            sizes = [await one.size(self.name), await two.size(self.name)]
            if sizes[0] == sizes[1] and await self._same(sizes[0]):
                return 0
        except StoreBroken as fault:
            self._log.say("jrn", f"{self.name}: the copies cannot be compared whole: {fault}")
            sizes = [await one.size(self.name)] * 2
        sides = [self._side(one, sizes[0]), self._side(two, sizes[1])]
        healed = await Merge(self._mirror, sides, until, self._log).run()
        if sizes[0] != sizes[1] and len(self._mirror.copies) == 2:
            # the longer one has now all that the shorter had: a file that was cut short is made anew, and filled
            await self._anew(one if sizes[0] < sizes[1] else two, max(sizes))
            healed += await self.heal(until) if len(self._mirror.copies) == 2 else 0
        return healed

    async def refuse_more(self, until: int) -> None:
        """Behind a segment that was closed before frame `until` may stand the one frame that was in doubt then. A second was
        acknowledged while the other copy was out, and went on by itself. Raises JournalDamaged where there is one."""
        for copy in self._mirror.copies:
            try:
                goes_on = await self._side(copy, await copy.size(self.name)).goes_on(until)
            except StoreBroken as fault:
                self._mirror.lose(copy, fault)
                return
            if goes_on:
                raise JournalDamaged(f"{self.name}: seq {until}: the copies went apart, one in this segment and one in the next")

    async def _anew(self, copy: "Store", size: int) -> None:
        self._log.say("jrn", f"{self.name}: one copy of the file was cut short, and is made again")
        try:
            await copy.remove(self.name)
            await copy.create(self.name, size)
        except (StoreBroken, StoreFull) as fault:
            self._mirror.lose(copy, fault)

    async def _same(self, size: int) -> bool:
        """Byte for byte."""
        one, two = self._mirror.copies
        this, that = bytearray(BLOCK), bytearray(BLOCK)
        for offset in range(0, size, BLOCK):
            if await one.read_into(self.name, offset, this) != await two.read_into(self.name, offset, that) or this != that:
                return False
        return True

    def _side(self, copy: "Store", size: int) -> Side:
        return Side(copy, self.name, self._number, size)
