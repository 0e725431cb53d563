"""The power goes while old segments retire: what the fleet has not got, and what is younger than the horizon, stays; what went
leaves no hole, and the counters still know it. On one copy, and on two."""

import itertools
import json
import random
from collections.abc import Callable, Iterator
from typing import Any
from unittest.mock import patch

from firmware.journal.journal import Journal
from firmware.journal.rollup import Rollup
from firmware.journal.shelf import Shelf
from hal.ports.faults import Fault
from tests.crash import stand
from tests.crash.campaign import ALTERED, DOUBLED, LOST, Campaign, Job, Tally, Wrong
from tests.crash.disk_states import Image, images, stored
from tests.crash.harness import drive
from tests.crash.medium import Medium, Plug, PowerCut

ROUNDS = 3
AGE_S = 3600  # between two sales
SEEDS = 10  # a job
CONTROL_SEEDS = 200
SEGMENT = 8192  # some ten sales


def body(no: int) -> dict[str, Any]:
    """One an hour, so that its age is its number."""
    return {"at": no * AGE_S, "lines": [], "pad": "x" * (no % 3 * 150), "receipt": "never", "total": 100, "trusted": True}


def payload(no: int) -> bytes:
    return stored({**body(no), "kind": "sale", "no": no, "seq": no})


class Truth:
    """acked: how many appends came back. flying: one more was under way. fleet: the highest seq that retire was told the fleet
    has; young: the first sale within the horizon."""

    def __init__(self) -> None:
        self.acked = self.fleet = self.young = 0
        self.flying = False

    @property
    def must(self) -> int:
        """The first number that must be there: the last one that the fleet has, or the first within the horizon."""
        return max(1, min(self.fleet, self.young))


class Till:
    """One boot."""

    def __init__(self, disks: "list[Medium]") -> None:
        self.rollup = Rollup()
        self.journal: Journal = stand.journal(disks, "main", self.rollup, SEGMENT)

    def check(self, truth: Truth) -> int:
        """How many sales there were, in all. Raises Wrong."""
        count, first = int(self.journal.seq), int(drive(self.journal.first()))
        if count < truth.acked:
            raise Wrong(LOST, f"{count} of {truth.acked} are there")
        if count > truth.acked + truth.flying or self.rollup.sales != count:
            raise Wrong(DOUBLED, f"{count} are there, {self.rollup.sales} counted, and {truth.acked} were acknowledged")
        if first > truth.must:
            raise Wrong(LOST, f"{first} is the oldest; the fleet has {truth.fleet}, and the horizon is sale {truth.young}")
        found = drive(self.journal.payloads(first, count, 1 << 30))
        if found != [payload(no) for no in range(first, count + 1)]:
            numbers = [json.loads(each)["no"] for each in found]
            raise Wrong(ALTERED, f"from {first} to {count} there are {numbers}")
        if self.rollup.totals.period("")["total"] != 100 * count:
            raise Wrong(ALTERED, "the totals have forgotten what went")
        return count


def day_until_cut(image: Image, truth: Truth, chance: random.Random, plug: Plug) -> "list[Medium]":
    """Boot, sell, let the old ones go, sell on, until the power goes. truth is kept as it is then."""
    disks = [Medium(files, plug) for files in image]
    try:
        till = Till(disks)
        drive(till.journal.recover())
        truth.acked, truth.flying = till.check(truth), False
        for _ in range(3):
            for _ in range(chance.randrange(12)):
                truth.flying = True
                drive(till.journal.append("sale", truth.acked + 1, body(truth.acked + 1)))
                truth.acked, truth.flying = truth.acked + 1, False
            fleet, young = chance.randrange(truth.acked + 1), chance.randrange(truth.acked + 2)
            truth.fleet, truth.young = max(fleet, truth.fleet), max(young, truth.young)
            if chance.random() < 0.5:
                plug.cut_at = plug.calls + chance.randrange(6 * len(disks))  # as they go, or soon after
            drive(till.journal.retire(truth.fleet, truth.young * AGE_S))
    except PowerCut:
        return disks
    except (Fault, KeyError) as fault:
        raise Wrong(LOST, f"it cannot go on: {fault!r}") from None
    return disks


def examine(image: Image, truth: Truth) -> None:
    """Boot on this, look, sell one, boot again. Raises Wrong."""
    disks = [Medium(files) for files in image]
    try:
        till = Till(disks)
        drive(till.journal.recover())
        count = till.check(truth)
        drive(till.journal.append("sale", count + 1, body(count + 1)))
        again, after = Till(disks), Truth()
        drive(again.journal.recover())
        after.acked, after.fleet, after.young = count + 1, truth.fleet, truth.young
        again.check(after)
    except Fault as fault:
        raise Wrong(LOST, f"{type(fault).__name__}: {fault}") from None


def three_days(seed: int) -> "tuple[int, int]":
    """How many states were looked at, and how many segments had gone. Raises Wrong."""
    chance = random.Random(seed)
    copies, truth, tried = 1 + seed % 2, Truth(), 0
    image: Image = [{} for _ in range(copies)]
    rots = chance.randrange(copies)  # the same one for ever: what both have lost, nobody has
    for _ in range(ROUNDS):
        plug = Plug(chance.randrange(20, 90) * copies)
        disks = day_until_cut(image, truth, chance, plug)
        after = list(images(disks, rots, chance))
        for each in after:
            examine(each, truth)
        tried += len(after)
        image = chance.choice(after)
    return tried, int(min((name[5:13] for name in image[0]), default="1")) - 1


# -- planted defects


def asks_nobody(retire: Any) -> Callable[..., Any]:
    async def retired(self: Any, acked: int, before_s: int) -> int:
        return int(await retire(self, self.seq, before_s))

    return retired


async def calls_all_old(self: Any, seq: int, before_s: int) -> bool:
    return True


async def drops_the_second_oldest(self: Any) -> None:
    await self._store.remove(self.name(self.numbers.pop(1)))


async def drops_one_more(self: Any) -> None:
    await DROP(self)
    if len(self.numbers) > 1:
        await DROP(self)


DROP = Shelf.drop_oldest
MUTANTS: "dict[str, tuple[Any, str, Any]]" = {
    "asks the fleet nothing": (Journal, "retire", asks_nobody(Journal.retire)),
    "calls every segment old": (Journal, "_older", calls_all_old),
    "leaves the oldest and drops the next": (Shelf, "drop_oldest", drops_the_second_oldest),
    "drops one segment too many": (Shelf, "drop_oldest", drops_one_more),
}


class RetireCuts(Campaign):
    """Cuts while segments retire."""

    name = "retire_cuts"
    unit = "states"
    size = 30_000
    slice = 400
    minutes = 1

    def jobs(self, size: int, seed: int) -> Iterator[Job]:
        return ((start, SEEDS) for start in itertools.count(seed * 1_000_000, SEEDS))

    def work(self, job: Job) -> Tally:
        start, count = job
        tally = Tally()
        for seed in range(start, start + count):
            try:
                tried, gone = three_days(seed)
                tally.add(Tally(tried=tried, facts={"segments_retired": gone}))
            except Wrong as wrong:
                tally.blame(wrong, f"seed {seed}")
        return tally

    def controls(self) -> list[str]:
        return list(MUTANTS)

    def caught(self, control: str) -> bool:
        with patch.object(*MUTANTS[control]):
            return any(self.work((start, 1)).findings for start in range(CONTROL_SEEDS))
