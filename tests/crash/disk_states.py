"""Every state that a power cut can leave on the disk, three cuts deep: cut, recover, look, sell on, cut again. On one copy,
and on two, of which one may rot besides: a bit, a sector, a garbled page of 4 KiB, a segment that is blank or gone.

The checker knows what append gave back, and re-makes each stored record by itself; it asks no question that the journal
could answer with its own error."""

import itertools
import json
import random
from collections.abc import Iterator
from functools import cache
from typing import Any

from firmware.journal.desk import Desk
from firmware.journal.rollup import Rollup
from hal.ports.faults import Fault
from tests.crash import stand
from tests.crash.campaign import ALTERED, DOUBLED, LOST, Campaign, Job, Tally, Wrong
from tests.crash.disk_mutants import MUTANTS, planted
from tests.crash.harness import drive
from tests.crash.medium import SECTOR, Medium, Plug, PowerCut

ROUNDS = 3
PAGE = 4096
SALES = 6  # a round
LIMIT = 64  # states a cut
SEEDS = 20  # a job
CONTROL_SEEDS = 400  # in which a planted defect must show
CALLS = 2 * SALES + 8  # of a round, about: every write and sync, and a roll or two
PADS = (0, 0, 0, 180, 600, 1200)  # bytes: frames of one to five sectors

Files = dict[str, bytes]
Image = list[Files]  # a copy each


@cache
def body(no: int) -> dict[str, Any]:
    """Sale number `no`, always the same."""
    lines = [{"n": n, "name": "Oolong 乌龙"} for n in range(no % 4)]
    return {"at": 1795270000 + no, "lines": lines, "note": "x" * PADS[no * 7 % 6], "receipt": "auto"}


def cart(no: int) -> dict[str, Any]:
    """What the desk journals: this cart into one of three slots."""
    return {"at": no, "cart": body(no), "slot": no % 3}


@cache
def sale_payload(no: int) -> bytes:
    return stored({**body(no), "kind": "sale", "no": no, "seq": no})


def stored(record: "dict[str, Any]") -> bytes:
    """The payload that the journal must hold, by another writer than its own."""
    return json.dumps(record, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


class Sold:
    """The truth. acked: how many appends came back; numbers run from 1. flying: one was under way when the power went."""

    def __init__(self, acked: int = 0, flying: bool = False) -> None:
        self.acked = acked
        self.flying = flying


class Till:
    """One boot of one kind of journal over these disks."""

    def __init__(self, prefix: str, disks: "list[Medium]") -> None:
        self.prefix = prefix
        self.rollup: Any = Rollup() if prefix == "main" else Desk()
        self.journal = stand.journal(disks, prefix, self.rollup)

    def boot(self) -> int:
        """Bytes of a torn tail that it cut."""
        return int(drive(self.journal.recover()).dropped)

    def sell(self, no: int) -> None:
        """Comes back when it is durable."""
        kind, fields = ("sale", body(no)) if self.prefix == "main" else ("cart", cart(no))
        drive(self.journal.append(kind, no, fields))

    def note(self) -> bytes:
        """Journal something short and unlike what was sold; its payload."""
        seq = self.journal.seq + 1
        kind, fields = ("no_sale", {"reason": "change"}) if self.prefix == "main" else ("lang", {"lang": "zh"})
        drive(self.journal.append(kind, 0, fields))
        return stored({**fields, "kind": kind, "no": 0, "seq": seq})

    def check(self, sold: Sold) -> int:
        """How many there are: all that were acknowledged, and at most the one under way, whole."""
        count = int(self.journal.seq)
        if count < sold.acked:
            raise Wrong(LOST, f"{count} of {sold.acked} are there")
        if count > sold.acked + sold.flying:
            raise Wrong(DOUBLED, f"{count} are there, and {sold.acked} were acknowledged")
        self._check_main(count) if self.prefix == "main" else self._check_desk(count)
        return count

    def _check_main(self, count: int) -> None:
        found = drive(self.journal.payloads(1, count + 9, 1 << 30))
        if len(found) != count:
            raise Wrong(LOST, f"{len(found)} of {count} are given out")
        for no, payload in enumerate(found, 1):
            if payload != sale_payload(no):
                raise Wrong(ALTERED, f"sale {no} is {payload[:80]!r}")
        if (self.rollup.sales, self.rollup.next_no) != (count, count + 1):
            raise Wrong(ALTERED, f"{count} sales, and the counters say {self.rollup.sales}, next {self.rollup.next_no}")

    def _check_desk(self, count: int) -> None:
        carts = {slot: cart for slot, cart in [(0, self.rollup.cart), *self.rollup.held.items()] if cart}
        if carts != {no % 3: body(no) for no in range(max(1, count - 2), count + 1)}:
            raise Wrong(ALTERED, f"after cart {count} the desk holds {sorted(carts)}")


def examine(prefix: str, image: Image, sold: Sold) -> None:
    """One state: boot, look, journal a note, boot again: nothing to cut, and the same there with the note. Raises Wrong."""
    disks = [Medium(files) for files in image]
    try:
        till = Till(prefix, disks)
        till.boot()
        count = till.check(sold)
        note = till.note()
        again = Till(prefix, disks)
        if again.boot():
            raise Wrong(ALTERED, "the second boot cuts what the first one left")
        if again.journal.seq != count + 1 or drive(again.journal.payloads(count + 1, 9, 1 << 30)) != [note]:
            raise Wrong(LOST, "what was journaled after the first boot is not there after the second")
    except Fault as fault:
        raise Wrong(LOST, f"{type(fault).__name__}: {fault}") from None


def sell_until_cut(prefix: str, image: Image, sold: Sold, cut_at: int) -> "tuple[list[Medium], Sold]":
    """Boot, sell, and the power goes: the disks as they are then, and what is true."""
    plug = Plug(cut_at)
    disks, till_then = [Medium(files, plug) for files in image], Sold(sold.acked, sold.flying)
    try:
        till = Till(prefix, disks)
        till.boot()
        till_then = Sold(till.check(sold))
        for _ in range(SALES):
            till_then.flying = True
            till.sell(till_then.acked + 1)
            till_then = Sold(till_then.acked + 1)
    except PowerCut:
        return disks, till_then
    except Fault as fault:
        raise Wrong(LOST, f"{type(fault).__name__}: {fault}") from None
    return disks, till_then


def images(disks: "list[Medium]", rots: int, chance: random.Random) -> "Iterator[Image]":
    """Every state of one disk; where there is a second, each with one of its states, and every other time one copy rots."""
    first, *others = disks
    rest = [list(other.states(chance, LIMIT // 8)) for other in others]
    for files in first.states(chance, LIMIT):
        image = [files, *map(chance.choice, rest)]
        if others and chance.random() < 0.5:
            image[rots] = rotten(image[rots], chance)
        yield image


def rotten(files: Files, chance: random.Random) -> Files:
    """The same copy with one thing wrong."""
    if not files:
        return files
    name = chance.choice(sorted(files)[-3:])
    data, kind = bytearray(files[name]), chance.randrange(6)
    at = chance.randrange(len(data))
    if kind < 2:
        data[at] ^= 1 << chance.randrange(8)
    elif kind == 2:
        data[at // SECTOR * SECTOR : at // SECTOR * SECTOR + SECTOR] = chance.randbytes(SECTOR)
    elif kind == 3:
        data[at // PAGE * PAGE : at // PAGE * PAGE + PAGE] = chance.randbytes(PAGE)
    elif kind == 4:
        data = bytearray(len(data))
    else:
        return {other: files[other] for other in files if other != name}
    return files | {name: bytes(data)}


def three_cuts(seed: int) -> int:
    """How many states were looked at. Raises Wrong."""
    chance = random.Random(seed)
    prefix, copies = "desk" if seed % 8 >= 6 else "main", 1 + seed % 2
    image: Image = [{} for _ in range(copies)]
    sold, tried, rots = Sold(), 0, chance.randrange(copies)
    for _ in range(ROUNDS):
        disks, sold = sell_until_cut(prefix, image, sold, chance.randrange(CALLS * copies))
        after = list(images(disks, rots, chance))
        for each in after:
            examine(prefix, each, sold)
        tried += len(after)
        image = chance.choice(after)
    return tried


class DiskStates(Campaign):
    """Cuts under a simulated disk."""

    name = "disk_states"
    unit = "states"
    size = 2_000_000
    slice = 6_000
    minutes = 10

    def jobs(self, size: int, seed: int) -> Iterator[Job]:
        return ((start, SEEDS) for start in itertools.count(seed * 1_000_000, SEEDS))

    def work(self, job: Job) -> Tally:
        start, count = job
        tally = Tally()
        for seed in range(start, start + count):
            try:
                tally.tried += three_cuts(seed)
            except Wrong as wrong:
                tally.blame(wrong, f"seed {seed}")
        return tally

    def controls(self) -> list[str]:
        return list(MUTANTS)

    def caught(self, control: str) -> bool:
        with planted(control):
            return any(self.work((start, 1)).findings for start in range(CONTROL_SEEDS))
