"""The collector: takes batches off one broker or several, has the clerk book them, and gives away what the ledger says.

What has come while the ledger was busy is booked together, up to GROUP messages in one transaction. Only after COMMIT are
the tills answered, and the broker after them."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from fleet.clerk import Clerk, Message
from fleet.db import DbDown
from fleet.intake import FIRST_PAUSE_S, LONGEST_PAUSE_S, Buffer, Dial, End, Intake
from fleet.ledger import Ledger

GROUP = 64  # messages of one transaction


async def inline(work: Callable[[], Any]) -> Any:
    """Do it here and now, in the loop: for virtual time, and for a ledger in memory."""
    return work()


class Collector:
    """now: UTC seconds. log: one line about what was refused, without its content. name: this collector's, on the broker.
    sign: with the fleet's document key, for what tills are told; None where there is none. watch_s: between two looks for
    what another process has pushed; 0 is never. shared: other collectors take their share of what comes.
    work: where the ledger's work is done, one piece at a time."""

    mind = Clerk  # a test brings another

    def __init__(
        self,
        ledger: Ledger,
        now: Callable[[], int],
        log: Callable[[str], None] = lambda line: None,
        name: str = "collector",
        sign: Callable[[bytes], bytes] | None = None,
        watch_s: float = 0,
        shared: bool = False,
        work: Callable[[Callable[[], Any]], Awaitable[Any]] = inline,
    ) -> None:
        self.ledger = ledger
        self.log = log
        self.watch_s = watch_s
        self.work = work
        self.clerk = self.mind(ledger, now, log, sign)
        self.answers, self.documents, self.refusals = self.clerk.answers, self.clerk.documents, self.clerk.refusals
        self.intake = Intake(name, shared, log)

    @property
    def refused(self) -> int:
        """Messages that were not fit to be read."""
        return self.clerk.refused

    def handle(self, topic: str, payload: bytes) -> list[Message]:
        """What to publish in answer to one message. It never raises; without an answer the till sends again."""
        try:
            return self.clerk.handle([(topic, payload)])[0]
        except DbDown as fault:
            self._say_down(fault)
            return []

    def announce(self) -> None:
        """Tell the tills that something new is out for; one that is away hears of it in its next welcome."""
        self.intake.tell(self.clerk.news())

    async def run(self, dial: Dial, ready: Callable[[], None] = lambda: None) -> None:
        """Collect from one broker, for ever."""
        await self.run_all([End(dial, ready)])

    async def run_all(self, ends: "Sequence[End | Buffer]") -> None:
        """Collect from all of them at once, for ever, over connection after connection."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._book())
            if self.watch_s:
                tasks.create_task(self._watch())
            for end in ends:
                tasks.create_task(self.intake.attend(end))

    async def _book(self) -> None:
        """For ever: one transaction after another."""
        pause = FIRST_PAUSE_S
        while True:
            group = await self.intake.group(GROUP)
            try:
                answers = await self._handled([(delivery.topic, delivery.payload) for delivery in group])
            except DbDown as fault:
                self._say_down(fault)
                await self._away(pause)
                pause = min(pause * 2, LONGEST_PAUSE_S)
                continue
            pause = FIRST_PAUSE_S
            for delivery, told in zip(group, answers):
                delivery.client.say(told)
                delivery.client.done(delivery)
            self.intake.taken()

    async def _handled(self, messages: list[Message]) -> list[list[Message]]:
        """Tried twice: a deadlock, or a server that changed places, is over by then. Raises DbDown."""
        try:
            answers: list[list[Message]] = await self.work(lambda: self.clerk.handle(messages))
        except DbDown:
            answers = await self.work(lambda: self.clerk.handle(messages))
        return answers

    async def _away(self, pause: float) -> None:
        """Until the ledger answers."""
        self.intake.leave("the ledger is down")
        while True:
            await asyncio.sleep(pause)
            try:
                await self.work(self.ledger.probe)
                break
            except DbDown as fault:
                self._say_down(fault)
            pause = min(pause * 2, LONGEST_PAUSE_S)
        self.intake.back()

    def _say_down(self, fault: DbDown) -> None:
        self.log(f"the ledger failed, nothing is acknowledged: {fault}")

    async def _watch(self) -> None:
        """Who pushes writes into the ledger, which rings no bell: so it is looked at."""
        while True:
            if self.intake.clients:
                await self.work(self.clerk.gather)
                self.intake.tell(await self.work(self.clerk.news))
            await asyncio.sleep(self.watch_s)
