"""A medium that fails at its nth call, for every n until no call is left; in the model, and by strace under the real disk.

A cashier stands at the till: a sale in doubt is settled by looking, one that was refused is tried again. At the end each sale
is there once. A slow card is a fault too: nothing may be acknowledged before it is durable, however long that takes."""

import asyncio
import itertools
import random
import shutil
from collections.abc import Callable, Iterator
from typing import Any, TypeVar
from unittest.mock import patch

from firmware.journal.journal import Journal
from firmware.journal.rollup import Rollup
from firmware.journal.segment import Segment
from hal.ports.faults import JournalDamaged, StoreBroken, StoreFull
from sim.clock import run
from tests.crash import stand
from tests.crash.campaign import LOST, TOLD, Campaign, Job, Tally, Wrong
from tests.crash.disk_mutants import acks_before_sync
from tests.crash.disk_states import Sold, Till, body
from tests.crash.doubts import MUTANTS as STANDING
from tests.crash.doubts import a_clerk_s_day
from tests.crash.failing import KINDS, Failing
from tests.crash.kills import SALES, Folder, Life, check
from tests.crash.medium import Medium
from tests.crash.reader import read

T = TypeVar("T")
DAY = 12  # sales of the model: two rolls
SLOW_S = 60
BOOTS = 6  # a cashier who switches it off and on so often gives up
CONTROL_SEEDS = 12


class Cashier:
    """Sells 1..DAY on a till whose disks fail. acked: what the till said is sold."""

    def __init__(self, disks: "list[Any]") -> None:
        self.disks = disks
        self.acked = 0
        self.till = self.boot()

    def boot(self) -> Till:
        """Again and again, with the power off between."""
        for _ in range(BOOTS):
            till = Till("main", self.disks)
            try:
                till.boot()
                return till
            except (StoreBroken, StoreFull):
                self.disks = [disk.power_cycle() for disk in self.disks]
        raise Wrong(LOST, f"no boot in {BOOTS}")

    def sell(self) -> None:
        """One sale, until it is known to be sold."""
        no = self.acked + 1
        for tries in range(BOOTS):
            try:
                self.till.sell(no)
                self.acked = no
                return
            except StoreFull:
                self.till = self.switched_off_and_on()  # when he has made room
            except StoreBroken:
                self.till = self.switched_off_and_on() if tries else self.settled()
            self.acked = self.till.check(Sold(self.acked, True))
            if self.acked == no:
                return
        raise Wrong(LOST, f"sale {no} cannot be made in {BOOTS} tries")

    def settled(self) -> Till:
        """In doubt: the same till looks again; if it cannot, it is switched off and on."""
        try:
            self.till.boot()
            return self.till
        except (StoreBroken, StoreFull):
            return self.switched_off_and_on()

    def switched_off_and_on(self) -> Till:
        self.disks = [disk.power_cycle() for disk in self.disks]
        return self.boot()


def a_day(kind: str, at: int, seed: int) -> bool:
    """One day with this fault; the second copy, where there is one, may be the failing one. Whether the fault came."""
    chance = random.Random(seed * 100_003 + at)
    failing = Failing(Medium(), kind, at, chance)
    sound = [Failing(Medium(), kind, -1, chance) for _ in range(seed // 2 % 2)]
    disks = [*sound, failing] if seed % 2 else [failing, *sound]
    for disk in sound:
        disk.healed = True
    try:
        cashier = Cashier(disks)
        for _ in range(DAY):
            cashier.sell()
        came = any(disk.calls > at for disk in cashier.disks)
        last = Till("main", [disk.power_cycle() for disk in cashier.disks])
        last.boot()
        last.check(Sold(DAY))
    except JournalDamaged as damage:
        raise Wrong(LOST, str(damage)) from None
    return came


class SlowWorker:
    """A card that takes a minute for its nth call. calls: how many there were."""

    def __init__(self, at: int) -> None:
        self.at = at
        self.calls = 0

    async def run(self, fn: "Callable[..., T]", *args: Any) -> T:
        self.calls += 1
        if self.calls - 1 == self.at:
            await asyncio.sleep(SLOW_S)
        return fn(*args)


def a_slow_day(at: int, copies: int) -> bool:
    """What is acknowledged is on every copy at that instant, however long it took. Whether there was such a call."""

    async def main() -> bool:
        disks, worker = [Medium() for _ in range(copies)], SlowWorker(at)
        journal = stand.journal(disks, "main", Rollup(), worker=worker)
        await journal.recover()
        for no in range(1, DAY + 1):
            await journal.append("sale", no, body(no))
            if any(len(read(disk.held).records("sale")) < no for disk in disks):
                raise Wrong(LOST, f"sale {no} is acknowledged, and not on every copy")
        return worker.calls > at

    return run(main())


# -- planted defects


async def tries_the_sync_again(self: Any, frame: bytes) -> None:
    await self._store.write(self.name, self.end, frame)
    try:
        await self._store.sync(self.name)
    except StoreBroken:
        await self._store.sync(self.name)
    self.end += len(frame)


async def does_not_look_at_the_sync(self: Any, frame: bytes) -> None:
    await self._store.write(self.name, self.end, frame)
    try:
        await self._store.sync(self.name)
    except (StoreBroken, StoreFull):
        self.end += 0
    self.end += len(frame)


async def takes_a_doubt_for_a_sale(self: Any, frame: bytes, fault: Exception) -> None:
    self._live.end += len(frame)


MUTANTS = {
    "acknowledges before the sync": (Segment, "write", acks_before_sync),
    "tries the sync again": (Segment, "write", tries_the_sync_again),
    "does not look at the sync": (Segment, "write", does_not_look_at_the_sync),
    "takes a doubt for a sale": (Journal, "_settle", takes_a_doubt_for_a_sale),
}
MUTANTS |= STANDING


# -- the real disk

REAL = {
    "fdatasync": ("error=EIO", "error=ENOSPC"),
    "pwrite64": ("error=EIO", "error=ENOSPC", "error=EROFS", "retval=100"),
    "fsync": ("error=EIO",),
    "rename": ("error=EROFS",),
}


def real_fault(call: str, fault: str, nth: int) -> bool:
    """The nth call of the real program fails. Whether there was one."""
    with Folder() as folder:
        folder.mkdir()
        trace = folder.parent / "trace"
        strace = ("strace", "-f", "-qq", "-o", str(trace), "-e", f"trace={call}")
        life = Life(folder, "cpython", SALES, "", (*strace, "-e", f"inject={call}:{fault}:when={nth}"))
        life.end(may_fail=True)
        sold = len(check(folder, life.acked).records("sale"))
        again = Life(folder, "cpython", sold + 2)
        again.end()
        check(folder, max(sold, again.acked))
        return "INJECTED" in trace.read_text()


class IoFaults(Campaign):
    """Every kind of fault at every call, under sales and under every other kind of frame."""

    name = "io_faults"
    unit = "faults"
    size = 60_000
    slice = 400
    minutes = 2

    def missing(self) -> str:
        return "" if shutil.which("strace") else "there is no strace (Debian: apt install strace)"

    def jobs(self, size: int, seed: int) -> Iterator[Job]:
        real = [(call, fault, n) for call, faults in REAL.items() for fault in faults for n in range(1, 20)]
        model = ((kind, seed * 1000 + n) for n in itertools.count() for kind in KINDS)
        yield from [("slow", 1), ("slow", 2)]
        model = itertools.chain.from_iterable((job, ("clerk " + job[0], job[1])) for job in model)
        yield from itertools.chain(itertools.islice(model, 12), real[:: 1 if size > 1000 else 40], model)

    def work(self, job: Job) -> Tally:
        return self._real(*job) if len(job) == 3 else self._model(*job)

    def _real(self, call: str, fault: str, nth: int) -> Tally:
        tally = Tally()
        try:
            tally.tried = int(real_fault(call, fault, nth))
            tally.facts["on_the_real_disk"] = tally.tried
        except Wrong as wrong:
            tally.blame(wrong, f"{call} {fault} at {nth}")
        return tally

    def _model(self, kind: str, seed: int) -> Tally:
        """Until no call is left."""
        tally = Tally()
        for at in itertools.count():
            try:
                if not self._day(kind, at, seed):
                    return tally
            except Wrong as wrong:
                tally.blame(wrong, f"{kind} at call {at}, seed {seed}")
                if len(tally.findings) == TOLD:  # it may go wrong at every call, for ever
                    return tally
            tally.tried += 1
        raise AssertionError("it counts for ever")

    def _day(self, kind: str, at: int, seed: int) -> bool:
        if kind == "slow":
            return a_slow_day(at, seed)
        return a_clerk_s_day(kind[6:], at, seed) if kind.startswith("clerk ") else a_day(kind, at, seed)

    def controls(self) -> list[str]:
        return list(MUTANTS)

    def caught(self, control: str) -> bool:
        with patch.object(*MUTANTS[control]):
            days = [(kind, seed) for seed in range(CONTROL_SEEDS) for kind in KINDS]
            jobs = [("slow", 1), *(job for kind, seed in days for job in ((kind, seed), ("clerk " + kind, seed)))]
            return any(self._model(*job).findings for job in jobs)
