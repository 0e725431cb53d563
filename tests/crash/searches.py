"""Receipts are searched while one of two copies rots, under a till that runs and sells on: by number, by amount, in the list of
the newest and page by page. Rot that one copy lacks must cost nobody an answer, and rot that both have must be said.

The checker made the sales, and knows the answers without asking a journal."""

import itertools
import random
from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

from firmware.journal.codec import HEAD_BYTES, SECTOR, frame_bytes, read_head
from firmware.journal.query import Query, Want
from firmware.journal.rollup import Rollup
from firmware.journal.shelf import Shelf
from firmware.journal.walk import SALE, Walk
from hal.ports.faults import Fault, JournalDamaged
from tests.crash import stand
from tests.crash.campaign import ALTERED, LOST, Campaign, Job, Tally, Wrong
from tests.crash.harness import drive
from tests.crash.medium import Medium

SALES = 24  # before the first question: five segments
ASKED = 20  # questions of a job
AMOUNTS = 5
PAGE = 4096
CONTROL_SEEDS = 40
AT = 1795270000


def body(no: int) -> "dict[str, Any]":
    legs = [{"tender": "cash", "amount": 100 + no % AMOUNTS}]
    return {"at": AT + 60 * no, "total": 100 + no % AMOUNTS, "legs": legs, "receipt": "auto", "note": "x" * (no * 37 % 700)}


class Stall:
    """A till with two copies. sold: how many sales there are."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.disks = [Medium(), Medium()]
        self.journal = stand.journal(self.disks, "main", Rollup())
        self.sold = 0
        drive(self.journal.recover())
        for _ in range(SALES):
            self.sell()

    def sell(self) -> None:
        self.sold += 1
        drive(self.journal.append("sale", self.sold, body(self.sold)))
        if self.chance.random() < 0.7:
            drive(self.journal.append("print", self.sold, {"copy": 0, "done": True}))

    def used(self) -> "list[str]":
        return [name for name in self.disks[0].names() if any(self.disks[0].seen[name][:SECTOR])]

    def rot(self, copy: int) -> str:
        """One thing goes wrong on one copy; in words."""
        chance, disk = self.chance, self.disks[copy]
        name = chance.choice(self.used())
        data, kind = disk.seen[name], chance.randrange(8)
        frames = list(starts(data))
        at = chance.choice(frames) if frames else 0
        if kind < 3:
            at += chance.randrange(HEAD_BYTES)
        elif kind < 5:
            at = chance.randrange(len(data))
        if kind < 5:
            data[at] ^= 1 << chance.randrange(8)
        elif kind == 5:
            data[at : at + SECTOR] = chance.randbytes(SECTOR)
        elif kind == 6:
            at = at // PAGE * PAGE
            data[at : at + PAGE] = chance.randbytes(PAGE)
        else:
            data[:] = bytes(len(data))
        disk.held[name] = bytes(data)
        return f"{name} of copy {copy}, kind {kind}, at {at}"

    def ask(self) -> None:
        """One question. Raises Wrong."""
        chance, query = self.chance, self.journal.query()
        kind = chance.randrange(5)
        if kind == 0:
            no = chance.randrange(1, self.sold + 1)
            found = drive(query.by_number(no))
            if found is None:
                raise Wrong(LOST, f"sale {no} of {self.sold} is not found by its number")
            expect([found], [no], f"number {no}")
        elif kind == 1:
            no = chance.choice((0, self.sold + 1, self.sold + 99))
            if drive(query.by_number(no)) is not None:
                raise Wrong(ALTERED, f"sale {no} of {self.sold} is found, and nobody made it")
        elif kind == 2:
            expect(drive(query.newest(Want(), 9)), list(range(self.sold, max(0, self.sold - 9), -1)), "the newest nine")
        elif kind == 3:
            amount = 100 + chance.randrange(AMOUNTS)
            told = [no for no in range(self.sold, 0, -1) if body(no)["total"] == amount]
            expect(drive(query.newest(Want(amount=amount), 100)), told, f"amount {amount}")
        else:
            expect(self.pages(query), list(range(self.sold, 0, -1)), "page by page")

    def pages(self, query: Query) -> "list[dict[str, Any]]":
        found: list[dict[str, Any]] = []
        while True:
            page = drive(query.newest(Want(), 7, found[-1]["seq"] if found else 0))
            if not page:
                return found
            found += page


def starts(data: bytearray) -> "Iterator[int]":
    """Where frames start, as far as heads can be followed."""
    at = 0
    while (head := read_head(data, at)) is not None:
        yield at
        at += frame_bytes(head.length)


def expect(found: "list[dict[str, Any]]", told: "list[int]", what: str) -> None:
    numbers = [sale["no"] for sale in found]
    if numbers != told:
        missing = [no for no in told if no not in numbers]
        raise Wrong(LOST if missing else ALTERED, f"{what}: {numbers[:9]}, and not {told[:9]}: missing {missing[:9]}")
    for sale in found:
        if any(sale[name] != value for name, value in body(sale["no"]).items()):
            raise Wrong(ALTERED, f"{what}: sale {sale['no']} is another one")


def a_morning(seed: int) -> int:
    """One copy rots before each question. How many were asked. Raises Wrong."""
    chance = random.Random(seed)
    stall, copy = Stall(chance), seed % 2
    for asked in range(ASKED):
        words = stall.rot(copy)
        try:
            stall.ask()
        except Fault as fault:
            raise Wrong(LOST, f"question {asked}, after {words}: {type(fault).__name__}: {fault}") from None
        if chance.random() < 0.3:
            stall.sell()
    return ASKED


def both_rot(seed: int) -> int:
    """One frame rots on both copies: whoever has to pass it is told so, by name. Raises Wrong."""
    chance = random.Random(seed)
    stall = Stall(chance)
    name = chance.choice(stall.used())
    at = chance.choice(list(starts(stall.disks[0].seen[name])))
    head = read_head(stall.disks[0].seen[name], at)
    for disk in stall.disks:
        disk.seen[name][at + chance.randrange(4)] ^= 1 << chance.randrange(8)
    questions = [stall.pages]
    if head is not None and head.kind == SALE:
        questions.append(lambda query: drive(query.by_number(head.no)))
    for ask in questions:
        try:
            ask(stall.journal.query())
        except JournalDamaged as damage:
            if name not in str(damage):
                raise Wrong(ALTERED, f"{name}: offset {at} is called {damage}") from None
            continue
        raise Wrong(LOST, f"{name}: offset {at} rots on both copies, and nobody is told")
    return len(questions)


# -- planted defects


async def has_no_mender(self: Any, number: int, until: int) -> bool:
    return False


async def takes_rot_for_the_end(self: Any, whole: bool, most: int) -> Any:
    offsets, offset = [], 0
    head = read_head(await self._window.at(0, SECTOR))
    while head is not None and head.seq < self._until:
        if head.kind == SALE:
            offsets.append(offset)
        offset += frame_bytes(head.length)
        head = read_head(await self._window.at(offset, SECTOR)) if offset < self._segment.size else None
    return offsets


async def does_not_look_twice(self: Any, numbers: "list[int]", no: int, last: int) -> None:
    return None


def knows_one_segment(beside: Any) -> Any:
    def other(self: Any) -> Any:
        shelf = beside(self)
        shelf.numbers = shelf.numbers[-1:]
        return shelf

    return other


MUTANTS = {
    "searches have no mender": (Shelf, "mend", has_no_mender),
    "takes rot for the end": (Walk, "_sales", takes_rot_for_the_end),
    "a number is looked for once": (Query, "_by_walks", does_not_look_twice),
    "a search knows the live segment alone": (Shelf, "beside", knows_one_segment(Shelf.beside)),
}


class Searches(Campaign):
    """Questions under rot."""

    name = "searches"
    unit = "questions"
    size = 100_000
    slice = 300
    minutes = 1

    def jobs(self, size: int, seed: int) -> Iterator[Job]:
        return ((n,) for n in itertools.count(seed * 1_000_000))

    def work(self, job: Job) -> Tally:
        tally = Tally()
        try:
            tally.tried = both_rot(job[0]) if job[0] % 4 == 3 else a_morning(job[0])
        except Wrong as wrong:
            tally.tried = 1
            tally.blame(wrong, f"seed {job[0]}")
        return tally

    def controls(self) -> list[str]:
        return list(MUTANTS)

    def caught(self, control: str) -> bool:
        with patch.object(*MUTANTS[control]):
            return any(self.work((seed,)).findings for seed in range(CONTROL_SEEDS))
