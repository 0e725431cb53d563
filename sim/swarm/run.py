"""One run of a swarm: everything comes up, the tills sell, something is killed, the rest arrives, and then it is judged."""

import asyncio
import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from firmware import config
from fleet.ledger import Ledger
from hal.files import ConfigFiles
from hal.ports.board import Log
from hal.worker import Thread
from sim.setup import CONFIG
from sim.swarm.score import Judged, Score
from sim.swarm.till import Till
from sim.swarm.yard import Yard

BOOTS = 20  # tills that come up at the same moment
GLANCE_S = 0.1  # real processes ring no bell here


class Plan(NamedTuple):
    """rate: sales a second, of all together. seconds: of selling. drain: seconds that the last sales may take.
    kills: what is killed, evenly over the time of selling (yard.KILLS)."""

    terminals: int
    rate: float
    seconds: float
    drain: float = 60.0
    kills: tuple[str, ...] = ()
    seed: int = 1


class Outcome(NamedTuple):
    """ended: time.monotonic() when the last word had come."""

    score: Score
    judged: Judged
    ended: float

    @property
    def good(self) -> bool:
        return self.judged.clean and 0 < len(self.score.sold) == len(self.score.known)


class Few(Log):
    """What tills say, counted and not printed: 200 of them say a lot."""

    def say(self, who: str, text: str) -> None:
        """Nothing."""


async def swarm(plan: Plan, yard: Yard, folder: Path, say: Callable[[str], None]) -> Outcome:
    """Raises OSError where the other end does not come up."""
    score, judged, worker = Score(), Judged(), Thread()
    settings = await config.load(ConfigFiles(CONFIG, "market"), Few())

    def acked(till: Till, before: int, now: int) -> None:
        for nth in range(before, now):
            score.known[till.name, nth] = time.monotonic()

    killing: asyncio.Task[None] | None = None
    tills: list[Till] = []
    try:
        await yard.start()
        tills = [
            Till(f"SWARM-{i:04d}", plan.seed * 10_000 + i, folder, yard.brokers, settings, worker, Few(), acked)
            for i in range(plan.terminals)
        ]
        for i in range(0, len(tills), BOOTS):
            await asyncio.gather(*(till.boot() for till in tills[i : i + BOOTS]))
        await until(lambda: all(till.courier.online for till in tills), plan.drain)
        say(f"{sum(till.courier.online for till in tills)} tills are online; selling for {plan.seconds:g} s")
        killing = asyncio.create_task(kills(plan, yard, score, say))
        await sell(plan, tills, score)
        await killing
        await until(lambda: len(score.known) == len(score.sold), plan.drain)
        ended = time.monotonic()
        for till in tills:
            await till.stop()
        ledger = Ledger(yard.db())
        for till in tills:
            judged.till(ledger, till.name, await till.payloads(), till.desk.acked["to"])
        ledger.close()
        return Outcome(score, judged, ended)
    finally:
        if killing:
            killing.cancel()
        await yard.stop()
        worker.close()


async def sell(plan: Plan, tills: list[Till], score: Score) -> None:
    """Customers come as they like: the waits between two of them are drawn, their mean is the rate."""
    chance, loop = random.Random(plan.seed), asyncio.get_running_loop()
    end = at = loop.time()
    end += plan.seconds
    busy: set[asyncio.Task[None]] = set()
    counts = dict.fromkeys((till.name for till in tills), 0)
    locks = {till.name: asyncio.Lock() for till in tills}

    async def one(till: Till) -> None:
        async with locks[till.name]:  # a till has one counter
            await till.sell()
            score.sold[till.name, counts[till.name]] = time.monotonic()
            counts[till.name] += 1

    while (at := at + chance.expovariate(plan.rate)) < end:
        await asyncio.sleep(max(0.0, at - loop.time()))
        task = loop.create_task(one(chance.choice(tills)))
        busy.add(task)
        task.add_done_callback(busy.discard)
    await asyncio.gather(*busy)


async def kills(plan: Plan, yard: Yard, score: Score, say: Callable[[str], None]) -> None:
    """Evenly over the time of selling."""
    for what in plan.kills:
        await asyncio.sleep(plan.seconds / (len(plan.kills) + 1))
        score.killed.append((time.monotonic(), what))
        say(f"kill -9 {what}")
        await yard.kill(what)


async def until(done: Callable[[], bool], seconds: float) -> bool:
    """Whether it came to be in time."""
    end = time.monotonic() + seconds
    while not done() and time.monotonic() < end:  # noqa: ASYNC110
        await asyncio.sleep(GLANCE_S)
    return done()
