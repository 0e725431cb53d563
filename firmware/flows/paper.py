"""The print task: slips in the order they were asked for, block by block, with a look at the printer between blocks.

A slip that cannot go on waits, alone, and goes on by itself; keys, sales and the drawer never wait for it. A slip is done
when the status after its last block is good or, from a printer that never answers, when its last byte is sent. What was
printed or skipped is journaled as a `print` frame, which wakes no link: it rides with the next batch.

A roll that is nearly used up stops nothing. It is said as long as it is so; while no slip asks the printer anyway, it is
asked once a minute, so that a new roll is seen."""

import asyncio

from firmware.sale import proof, receipt
from hal.ports.board import Printer
from hal.ports.faults import JournalDamaged, PrinterGone, StoreBroken, StoreFull
from hal.ports.slip import Cut

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from firmware.journal.journal import Journal
    from firmware.journal.rollup import Rollup
    from firmware.shop import Shop
    from hal.ports.board import Board, Element
    from hal.ports.slip import Slip

AGAIN_S = 2  # between two questions while a slip waits (script.md, "Paper")
NEW_ROLL_S = 60  # between two questions while the roll is nearly used up
GONE = "gone"  # the port took no block; what the printer itself would say is not known
JOBS_MAX = 500  # a busy day without paper
GOOD = (Printer.OK, Printer.NEAR_END)
STOPS = (Printer.OUT, Printer.COVER, Printer.ERROR, GONE)


class Waiting:
    """no: of the slip that waits. why: Printer.OUT, COVER or ERROR. slip: (no, copy), to know it again.
    told: the printer itself said why; False when its port took nothing."""

    def __init__(self, no: int, copy: int, word: str):
        self.no = no
        self.slip = (no, copy)
        self.told = word != GONE
        self.why = word if self.told else Printer.ERROR


class Job:
    """One slip to come: a sale's record, which copy of it, and whether it is to be printed or only put on record as skipped.
    slip: one that is no sale's, whose record says "no": 0, and of which nothing is journaled."""

    def __init__(self, record: "dict[str, Any]", copy: int, wanted: bool, slip: "Slip | None" = None):
        self.slip = slip
        self.no: int = record["no"]
        self.record = record
        self.copy = copy
        self.wanted = wanted


class Paper:
    """waiting: the slip that cannot go on, and why; None while all is well. A new object at each change.
    near_end: the printer said so, and has said neither since that there is enough nor that there is none.

    changed: called after each change of these, for a screen that may want to say so."""

    def __init__(self, board: "Board", shop: "Shop", journal: "Journal", rollup: "Rollup", changed: "Callable[[], None]"):
        self.waiting: Waiting | None = None
        self.near_end = False
        self._board = board
        self._shop = shop
        self._journal = journal
        self._rollup = rollup
        self._printer = board.printer
        self._changed = changed
        self._jobs: list[Job] = []
        self._asked = asyncio.Event()  # there is a job
        self._skip = asyncio.Event()  # the job in hand is not wanted any more
        self._hanging = False  # the beginning of an unfinished slip hangs in the printer
        self._resting = asyncio.Event()  # no slip moves: none is to come, or the first waits
        self._resting.set()

    def submit(self, record: "dict[str, Any]") -> None:
        """Print a sale's slip: its first copy if none came out or is to come, else the next duplicate."""
        self._queue(Job(record, self._next_copy(record["no"]), True))

    def submit_slip(self, slip: "Slip") -> None:
        """Print what is no sale's."""
        self._queue(Job({"no": 0}, 0, True, slip))

    def forget(self, record: "dict[str, Any]") -> None:
        """The first copy of this sale is not wanted: put that on record."""
        self._queue(Job(record, 0, False))

    def skip(self) -> None:
        """Give up the slip that waits. Nothing happens when none does."""
        if self.waiting is not None:
            self._skip.set()

    async def rest(self) -> None:
        """Returns when no slip moves: all are out and on record, or the one in hand cannot go on."""
        await self._resting.wait()

    async def run(self) -> None:
        """Print for ever. Cannot fail: what the printer does is waited out, what the store does is logged."""
        # the power went before a slip was done: how much of it hangs there, nobody knows
        self._hanging = self._rollup.slip_due is not None
        # asked before any slip: the lamp is right from the start, and a driver loads what its first slip needs
        self._light(await self._printer.status())
        while True:
            await self._next()
            while self._jobs:
                job = self._jobs[0]
                done = job.wanted and await self._print(job)
                await self._record(job, done)
                self._jobs.pop(0)
            self._asked.clear()
            self._resting.set()

    async def _next(self) -> None:
        """Until there is a job."""
        while not self._asked.is_set():
            if not self.near_end:
                await self._asked.wait()
                return
            try:
                await asyncio.wait_for(self._asked.wait(), NEW_ROLL_S)
            except asyncio.TimeoutError:
                self._light(await self._printer.status())

    def _queue(self, job: Job) -> None:
        if len(self._jobs) == JOBS_MAX:
            self._board.log.say("prn", f"slip {job.no} is refused: {JOBS_MAX} are still to come")
            return
        self._jobs.append(job)
        self._asked.set()
        if self.waiting is None:
            self._resting.clear()

    def _next_copy(self, no: int) -> int:
        to_come = [job.copy + 1 for job in self._jobs if job.no == no and job.wanted]
        return max(to_come + [self._rollup.next_copy(no)])

    async def _print(self, job: Job) -> bool:
        """True when the slip is done, False when it was skipped."""
        blocks = await self._compose(job)
        self._skip.clear()
        done = 0
        word = await self._printer.status()
        while done < len(blocks) and not self._skip.is_set():
            if self._forbids(word):
                self._wait_for(job, word)
                await self._pause()
                word = await self._printer.status()
                if word in GOOD:
                    self._go_on(word)
                continue
            word = await self._send(blocks[done])
            if not self._forbids(word):
                self._go_on(word)
                done += 1  # otherwise the end of the paper may have cut this block short: it is printed again
        self._go_on(word)
        return done == len(blocks)

    async def _compose(self, job: Job) -> "list[list[Element]]":
        # what hangs there is torn off first, or the customer gets the half of someone else's slip
        first: list[list[Element]] = [[Cut()]] if self._hanging else []
        if job.slip is not None:
            return first + job.slip.blocks
        shop, clock = self._shop, self._board.clock
        printed_s = clock.utc_s() + clock.offset_s() if job.copy and clock.trusted() else None
        proved = await self._prove(job.record)
        width, simulated, version = self._printer.columns, self._board.simulated, self._board.version
        slip = receipt.slip(job.record, shop.settings, shop.words(), job.copy, simulated, printed_s, proved, width, version)
        return first + slip.blocks

    async def _prove(self, record: "dict[str, Any]") -> str:
        """The signed proof of a sale. A slip without one is better than none."""
        try:
            link = await self._journal.hash_at(record["seq"])
        except (JournalDamaged, StoreBroken) as fault:
            self._board.log.say("prn", f"slip {record['no']} goes without its proof: {fault}")
            return ""
        return proof.text(self._board.keystore, self._board.terminal, record, link)

    async def _send(self, block: "list[Element]") -> str:
        """The status after the block, or GONE."""
        self._hanging = not (block and isinstance(block[-1], Cut))
        try:
            await self._printer.print(block)
        except PrinterGone as fault:
            if self.waiting is None:
                self._board.log.say("prn", str(fault))
            return GONE
        return await self._printer.status()

    def _forbids(self, word: str) -> bool:
        """A printer that has told why it stopped must take that back; one that never answers is printed on."""
        if word == Printer.UNKNOWN and self.waiting is not None:
            return self.waiting.told
        return word in STOPS

    def _wait_for(self, job: Job, word: str) -> None:
        waiting = Waiting(job.no, job.copy, word)
        if word == Printer.UNKNOWN or (self.waiting is not None and self.waiting.why == waiting.why):
            return
        self._light(word)
        self.waiting = waiting
        self._resting.set()
        self._board.log.say("prn", f"slip {job.no} waits: {word}")
        self._changed()

    def _go_on(self, word: str) -> None:
        if word not in STOPS:
            self._light(word)
        if self.waiting is not None:
            self.waiting = None
            self._resting.clear()
            self._changed()

    def _light(self, word: str) -> None:
        """The lamp is lit while there is paper enough."""
        self._board.light.set("paper", word == Printer.OK)
        near_end = word == Printer.NEAR_END or (self.near_end and word not in (Printer.OK, Printer.OUT))
        if near_end != self.near_end:
            self.near_end = near_end
            self._changed()

    async def _pause(self) -> None:
        try:
            await asyncio.wait_for(self._skip.wait(), AGAIN_S)
        except asyncio.TimeoutError:
            return

    async def _record(self, job: Job, done: bool) -> None:
        if job.slip is not None:
            return
        try:
            await self._journal.append("print", job.no, {"copy": job.copy, "done": done})
        except (StoreFull, StoreBroken) as fault:
            self._board.log.say("prn", f"slip {job.no} is not on record: {fault}")
