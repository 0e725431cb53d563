"""Whole days of the whole till: the real firmware on virtual chips in virtual time, troubles from a seed, a witness outside.

A day that goes wrong shrinks to the few lines that do it, and is left in out/ as a script. One seed, one trace: a day is lived
again in another process now and then, and must be the same to the last frame."""

import asyncio
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import patch

from firmware.journal.journal import Journal
from fleet.ledger import Ledger
from sim.clock import Stuck, VirtualLoop
from sim.ends import InLoop
from sim.golden import Golden
from sim.script.acts import act
from sim.script.knobs import PowerOn
from sim.script.outcomes import Missed, TooLong
from sim.script.pace import Virtual
from sim.script.play import death
from sim.script.tokens import Words
from sim.setup import CONFIG, Setup
from sim.world import World
from tests.crash import day_marks
from tests.crash.campaign import ALTERED, LOST, Campaign, Job, Tally, Wrong
from tests.crash.day_marks import Diary
from tests.crash.day_plan import Plan
from tests.crash.day_troubles import BLOWS, SPELLS
from tests.crash.day_witness import Witness
from tests.crash.shrink import shrink

ROOT = Path(__file__).parents[2]
OUT = ROOT / "out"
QUIET = OUT / "profiles" / "quiet"
EVENING_MS = 3_600_000  # for the last sync
AGAIN = 25  # of so many days one is lived twice
CONTROL_DAYS = 4
SHORT = 25  # customers
ARMED = 3  # cuts that may still strike as it boots: one at a frame, one at a sync, and then none


class Lived(NamedTuple):
    """sales: how many; trace: hash of everything."""

    sales: int
    trace: str


def setup(plan: Plan) -> Setup:
    """The market; where no slips are printed, the same with one word changed."""
    if plan.loud:
        return Setup(lang=plan.lang, seed=plan.seed)
    if not QUIET.exists():
        half = QUIET.with_name(f"quiet.{time.monotonic_ns()}")
        shutil.copytree(CONFIG / "profiles" / "market", half)
        merchant = half / "merchant.json"
        merchant.write_text(merchant.read_text(encoding="utf-8").replace('"auto"', '"never"'), encoding="utf-8")
        try:
            half.rename(QUIET)
        except OSError:  # another worker was first
            shutil.rmtree(half)
    return Setup(profile=str(QUIET), lang=plan.lang, seed=plan.seed)


def live(lines: "list[str]", start_from: Setup, diary: "Diary | None" = None) -> Lived:
    """Live these lines and the evening after them. diary: of who looks on. Raises Wrong."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(_live(lines, start_from, diary))


async def _live(lines: "list[str]", start_from: Setup, diary: "Diary | None") -> Lived:
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualLoop)
    ends = InLoop(Ledger(Path(":memory:")))
    world = World(start_from, ends, Golden(OUT / "none"), echo=None)
    pace, witness = Virtual(loop), Witness(world)
    await ends.start()
    if diary is not None:
        diary.watch(world)
    try:
        await PowerOn().run(world, pace)
        for number, line in enumerate(lines, 1):
            with suppress(Missed):  # nothing was sold yet that could rot
                await act(Words("day", number, line)).run(world, pace)
            if died := death(world):
                raise Wrong(LOST, f"the firmware died at {line!r}: {died}")
        for _ in range(ARMED):
            await PowerOn().run(world, pace)
        if not await pace.until(lambda: world.queued() == 0, EVENING_MS):
            raise Wrong(LOST, f"{world.queued()} sales are not at the fleet an hour after the last trouble ended")
        return Lived(witness.judge(), witness.trace.hexdigest())
    except (TooLong, Stuck) as fault:
        raise Wrong(LOST, f"the till stands still: {fault}") from None
    finally:
        await world.close()


def failing(lines: "list[str]", start_from: Setup) -> "Wrong | None":
    try:
        live(lines, start_from)
    except Wrong as wrong:
        return wrong
    return None


def alike(one: Wrong, other: Wrong) -> bool:
    """The same words, whatever the numbers in them."""
    return one.how == other.how and re.sub(r"\d+", "", one.text) == re.sub(r"\d+", "", other.text)


@cache  # of days without a trouble each mark wants the same few
def diary_of(seed: int, only: str) -> Diary:
    """A day with this trouble alone, or with none."""
    plan, diary = Plan(seed, day_marks.CUSTOMERS, only), Diary()
    live(plan.lines, setup(plan), diary)
    return diary


def keep(plan: Plan, wrong: Wrong) -> Path:
    """Shrink the day and write it to out/ as a script."""
    start_from = setup(plan)
    lines = shrink(plan.lines, lambda some: (now := failing(some, start_from)) is not None and alike(now, wrong))
    profile = start_from.profile if "/" not in start_from.profile else Path(start_from.profile).relative_to(ROOT)
    head = f"# Day {plan.seed}: {wrong.how}: {wrong.text}\nuse {profile} lang={plan.lang} seed={plan.seed}\n"
    path = OUT / f"till-day-{plan.seed}.sale"
    OUT.mkdir(exist_ok=True)
    path.write_text(head + "\n".join(lines) + "\n", encoding="utf-8")
    return path


def trace_elsewhere(seed: int) -> str:
    """The same day in a fresh process, with another order of its sets and dicts' hashes."""
    args = [sys.executable, "-m", "tests.crash.till_days", str(seed)]
    done = subprocess.run(args, cwd=ROOT, capture_output=True, text=True, timeout=120, env={"PYTHONHASHSEED": str(seed % 4000)})
    return done.stdout.strip() or done.stderr[-200:]


async def append_later(self: Any, kind: str, no: int, body: "dict[str, Any]") -> int:
    """PAID is shown while the frame is on its way."""
    if kind != "sale":
        return int(await APPEND(self, kind, no, body))

    async def later() -> None:
        await asyncio.sleep(1)
        await APPEND(self, kind, no, body)

    asyncio.create_task(later())
    return self.seq + 1


def recover_and_sell_again(recover: Any) -> Any:
    async def recovered(self: Any) -> Any:
        found = await recover(self)
        last = getattr(self._rollup, "last_sale", None)
        if last is not None:
            await APPEND(self, "sale", last["no"], {k: v for k, v in last.items() if k not in ("kind", "no", "seq")})
        return found

    return recovered


async def append_rounded(self: Any, kind: str, no: int, body: "dict[str, Any]") -> int:
    if kind == "sale" and no % 7 == 0:
        body = {**body, "total": body["total"] + 1}
    return int(await APPEND(self, kind, no, body))


APPEND = Journal.append
MARK = "what it does is seen: "
MUTANTS = {
    "PAID is shown before the sync": ("append", append_later),
    "a boot sells the last sale again": ("recover", recover_and_sell_again(Journal.recover)),
    "a total is off by one": ("append", append_rounded),
}


class TillDays(Campaign):
    """Days until the sales are reached."""

    name = "till_days"
    unit = "sales"
    size = 100_000
    slice = 100
    minutes = 15

    def jobs(self, size: int, seed: int) -> Iterator[Job]:
        day = seed * 1_000_000
        while True:
            yield day, size < 1000
            day += 1

    def work(self, job: Job) -> Tally:
        day, short = job
        plan, tally = Plan(day, SHORT if short else 100), Tally()
        try:
            lived = live(plan.lines, setup(plan))
            tally.tried = lived.sales
            tally.facts = {"days": 1}
            if day % AGAIN == 0 and not short:
                tally.facts["days_lived_twice"] = 1
                if trace_elsewhere(day) != lived.trace:  # nothing to shrink: here it went well
                    tally.blame(Wrong(ALTERED, "lived again in another process the day is another one"), f"day {day}")
        except Wrong as wrong:
            tally.tried = max(1, tally.tried)
            tally.blame(wrong, f"day {day}, {keep(plan, wrong)}")
        return tally

    def controls(self) -> list[str]:
        return [*MUTANTS, *(MARK + name for name in (*SPELLS, *BLOWS))]

    def caught(self, control: str) -> bool:
        if control.startswith(MARK):
            return day_marks.leaves_its_mark(control.removeprefix(MARK), diary_of)
        with patch.object(Journal, *MUTANTS[control]):
            plans = (Plan(day, SHORT, "cut in a sale") for day in range(CONTROL_DAYS))
            return any(failing(plan.lines, setup(plan)) is not None for plan in plans)


if __name__ == "__main__":
    the_day = Plan(int(sys.argv[1]))
    print(live(the_day.lines, setup(the_day)).trace)
