"""python -m sim.swarm: many tills sell at once; what the fleet has of it, and how fast, as a table, a chart and JSON."""

import argparse
import asyncio
import json
import random
import shutil
import sys
import tempfile
import time
from pathlib import Path

from firmware import config
from fleet.ledger import Ledger
from hal.files import ConfigFiles
from hal.ports.board import Log
from hal.worker import Thread
from sim.setup import CONFIG
from sim.swarm.chart import svg
from sim.swarm.score import Judged, Score
from sim.swarm.till import Till
from sim.swarm.yard import KILLS, Yard

BOOTS = 20  # tills that come up at the same moment
WRONG, ENVIRONMENT, INTERRUPTED = 1, 5, 130


class Few(Log):
    """What tills say, counted and not printed: 200 of them say a lot."""

    def say(self, who: str, text: str) -> None:
        """Nothing."""


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m sim.swarm", description="Many light tills, one fleet.")
    parser.add_argument("--terminals", type=int, default=200, metavar="N")
    parser.add_argument("--rate", type=float, default=100.0, metavar="R", help="sales a second, of all together")
    parser.add_argument("--seconds", type=float, default=30.0, help="of selling")
    parser.add_argument("--drain", type=float, default=60.0, help="seconds that the last sales may take")
    parser.add_argument("--brokers", choices=("one", "three"), default="one")
    parser.add_argument("--database", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--collectors", type=int, default=1)
    parser.add_argument("--kill", action="append", choices=KILLS, default=[], help="kill -9, in turn, while they sell")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--chart", type=Path, default=Path("out/swarm.svg"), metavar="FILE")
    parser.add_argument("--json", action="store_true", help="the last line is one JSON object")
    told = parser.parse_args()
    if not 1 <= told.terminals <= 9999 or told.rate <= 0 or told.seconds <= 0 or told.collectors < 1:
        parser.error("terminals 1..9999, a rate and seconds above 0, and a collector at least")
    return told


async def swarm(told: argparse.Namespace, folder: Path) -> tuple[Score, Judged, float]:
    """Raises OSError where the other end does not come up."""
    score, judged = Score(), Judged()
    yard, worker = Yard(folder, told.brokers, told.database, told.collectors), Thread()
    settings = await config.load(ConfigFiles(CONFIG, "market"), Few())

    def acked(till: Till, before: int, now: int) -> None:
        for nth in range(before, now):
            score.known[till.name, nth] = time.monotonic()

    await_kills: asyncio.Task[None] | None = None
    tills: list[Till] = []
    try:
        say(f"starting: {engines(told)}")
        await yard.start()
        tills = [
            Till(f"SWARM-{i:04d}", told.seed * 10_000 + i, folder, yard.brokers, settings, worker, Few(), acked)
            for i in range(told.terminals)
        ]
        for i in range(0, len(tills), BOOTS):
            await asyncio.gather(*(till.boot() for till in tills[i : i + BOOTS]))
        await until(lambda: all(till.courier.online for till in tills), told.drain)
        say(f"{sum(till.courier.online for till in tills)} tills are online; selling for {told.seconds:g} s")
        await_kills = asyncio.create_task(kills(told, yard, score))
        await sell(told, tills, score)
        await await_kills
        await until(lambda: len(score.known) == len(score.sold), told.drain)
        ended = time.monotonic()
        for till in tills:
            await till.stop()
        ledger = Ledger(yard.db())
        for till in tills:
            judged.till(ledger, till.name, await till.payloads(), till.desk.acked["to"])
        ledger.close()
        return score, judged, ended
    finally:
        if await_kills:
            await_kills.cancel()
        await yard.stop()
        worker.close()


def engines(told: argparse.Namespace) -> str:
    """The other end, in words."""
    brokers = "three brokers" if told.brokers == "three" else "one broker"
    collectors = "one collector" if told.collectors == 1 else f"{told.collectors} collectors"
    return f"{brokers}, {collectors}, {'PostgreSQL' if told.database == 'postgres' else 'SQLite'}"


async def sell(told: argparse.Namespace, tills: list[Till], score: Score) -> None:
    """Customers come as they like: the waits between two of them are drawn, their mean is the rate."""
    chance, loop = random.Random(told.seed), asyncio.get_running_loop()
    end = at = loop.time()
    end += told.seconds
    busy: set[asyncio.Task[None]] = set()
    counts = dict.fromkeys((till.name for till in tills), 0)
    locks = {till.name: asyncio.Lock() for till in tills}

    async def one(till: Till) -> None:
        async with locks[till.name]:  # a till has one counter
            await till.sell()
            score.sold[till.name, counts[till.name]] = time.monotonic()
            counts[till.name] += 1

    while (at := at + chance.expovariate(told.rate)) < end:
        await asyncio.sleep(max(0.0, at - loop.time()))
        task = loop.create_task(one(chance.choice(tills)))
        busy.add(task)
        task.add_done_callback(busy.discard)
    await asyncio.gather(*busy)


async def kills(told: argparse.Namespace, yard: Yard, score: Score) -> None:
    """Evenly over the time of selling."""
    for what in told.kill:
        await asyncio.sleep(told.seconds / (len(told.kill) + 1))
        score.killed.append((time.monotonic(), what))
        say(f"kill -9 {what}")
        await yard.kill(what)


async def until(done: "object", seconds: float) -> bool:
    """Looked at ten times a second: real processes ring no bell here."""
    assert callable(done)
    end = time.monotonic() + seconds
    while not done() and time.monotonic() < end:  # noqa: ASYNC110
        await asyncio.sleep(0.1)
    return bool(done())


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def report(told: argparse.Namespace, score: Score, judged: Judged, ended: float) -> int:
    row = score.as_json(judged)
    row |= {"terminals": told.terminals, "rate": told.rate, "pauses_s": [[what, round(s, 2)] for what, s in score.pauses(ended)]}
    for name in ("sent", "acknowledged", "lost", "doubled", "altered"):
        print(f"{name:<14} {row[name]:>9,}")
    print(f"sale to ledger p50 {row['p50_ms']} ms, p99 {row['p99_ms']} ms, longest {row['max_ms']} ms")
    for what, pause in score.pauses(ended):
        print(f"kill -9 {what}: the longest silence after it {pause:.2f} s")
    if told.chart:
        told.chart.parent.mkdir(parents=True, exist_ok=True)
        title = f"{told.terminals} tills, {told.rate:g} sales a second; {engines(told)}"
        told.chart.write_text(svg(score, title), encoding="utf-8")
        print(f"chart: {told.chart}")
    if told.json:
        print(json.dumps(row))
    return 0 if judged.clean and row["sent"] == row["acknowledged"] else WRONG


def main() -> int:
    told = options()
    folder = Path(tempfile.mkdtemp(prefix="barrow-swarm-"))
    folder.chmod(0o711)  # PostgreSQL runs as a user of its own, and must come through
    try:
        return report(told, *asyncio.run(swarm(told, folder)))
    except OSError as fault:
        print(f"the other end did not come up: {fault}", file=sys.stderr)
        return ENVIRONMENT
    except KeyboardInterrupt:
        return INTERRUPTED
    finally:
        shutil.rmtree(folder, ignore_errors=True)


sys.exit(main())
