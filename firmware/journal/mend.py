"""Bringing two copies of a journal together, segment by segment: the best of both, the worse is healed, and that is said.

Only the newest segments can differ: a checkpoint is written to both copies after all before it is durable on both. So a boot
looks at the newest segment whose checkpoint stands on both, at those after it, and at what one copy lacks altogether."""

import asyncio

from firmware.journal.pair import Pair
from firmware.journal.segment import numbers_of
from hal.ports.faults import JournalDamaged, StoreBroken

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.journal.mirror import Mirror
    from hal.ports.board import Log, Store


class Survey:
    """Which segments stand where, by number, ascending. each: on the one copy, and on the other. all: on any. both: on both."""

    def __init__(self, each: "list[list[int]]"):
        self.each = each
        self.all = sorted(set(each[0] + each[1]))
        self.both = [number for number in each[0] if number in each[1]]

    def older(self, number: int) -> bool:
        """Is it older than all that both have?"""
        return bool(self.both) and number < self.both[0]


class Mender:
    """Of one journal. healed: how many frames it has written to a copy that lacked them. history: what the rollup says;
    without it nothing before the newest checkpoint is needed."""

    def __init__(self, mirror: "Mirror", prefix: str, history: bool, log: "Log"):
        self.healed = 0
        self._mirror = mirror
        self._prefix = prefix
        self._history = history
        self._log = log
        self._turn = asyncio.Lock()  # readers of their own may meet the same rot at once

    @property
    def copies(self) -> "list[Store]":
        """Those in use."""
        return self._mirror.copies

    async def run(self) -> None:
        """Before anything else is read. Raises JournalDamaged where no copy has what must be there."""
        self.healed = 0
        self._mirror.join()
        found = await self._look()
        if len(found) < 2:
            return
        survey = Survey(found)
        numbers = survey.all
        if self._history:
            start = await self._begun_on_both(survey.both)
        else:
            start = await self._begun_on_either(numbers)
            await self._drop_before(start, survey)
            numbers = [number for number in numbers if number >= start]
        for number, behind in zip(numbers, numbers[1:] + [0]):
            if len(self.copies) == 2 and (number >= start or number not in survey.both):
                await self._bring(number, behind, survey)

    async def segment(self, number: int, until: int) -> bool:
        """Make both copies of a segment the same, up to frame `until`, not included; 0: to the end, which is the journal's.
        False when there is only one copy. Raises JournalDamaged."""
        async with self._turn:
            if len(self.copies) < 2:
                return False
            self.healed += await self._pair(number).heal(until)
            return True

    async def _look(self) -> "list[list[int]]":
        """The numbers on each copy that can be read."""
        found = []
        for copy in self.copies:
            try:
                found.append(numbers_of(self._prefix, await copy.names()))
            except StoreBroken as fault:
                self._mirror.lose(copy, fault)
        return found

    async def _begun_on_both(self, numbers: "list[int]") -> int:
        """The newest segment that has a sound first frame on both copies, 0 when none has."""
        for number in reversed(numbers):
            if await self._pair(number).begun():
                return number
        return 0

    async def _begun_on_either(self, numbers: "list[int]") -> int:
        """The newest segment that has one on a copy at least, 0 when none has."""
        for number in reversed(numbers):
            if await self._pair(number).first_seq():
                return number
        return 0

    async def _drop_before(self, newest: int, survey: Survey) -> None:
        """What only one copy has of the segments before the newest was on its way out when the power went: it goes, and
        nobody reads it again."""
        for copy, mine in zip(self.copies, survey.each):
            for number in mine:
                if number < newest and number not in survey.both:
                    await self._pair(number).remove(copy)

    async def _bring(self, number: int, behind: int, survey: Survey) -> None:
        """One segment together. behind: the number of the next one, 0 for none."""
        pair = self._pair(number)
        until = await self._pair(behind).first_seq() if behind else 0
        lacking = [copy for copy, mine in zip(self.copies, survey.each) if number not in mine]
        for copy in lacking:
            await pair.make(copy)
        if len(self.copies) < 2:
            return
        try:
            await self._together(number, until)
        except JournalDamaged as fault:
            if not (until and lacking and survey.older(number)):
                raise
            # the power went as it retired: the other copy is rid of it, and it is rotten where it is. It is not brought back
            self._log.say("jrn", f"ALARM: an old segment stands on one copy only, and is damaged there: {fault}")
            await pair.remove(lacking[0])

    async def _together(self, number: int, until: int) -> None:
        """And not apart from the next segment, which begins at frame `until`; 0 for none, or a blank one."""
        pair = self._pair(number)
        if until and not await pair.first_seq():
            raise JournalDamaged(f"{pair.name}: offset 0: no sound checkpoint on either copy")
        await self.segment(number, until)
        if until:
            await pair.refuse_more(until)

    def _pair(self, number: int) -> Pair:
        return Pair(self._mirror, self._prefix, number, self._log)
