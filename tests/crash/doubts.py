"""Every kind of frame that a flow writes, on a medium that fails at its nth call. Nobody settles a doubt for this clerk, as
nobody does for a slip, an order or the language: the journal has to, before the next frame.

He knows what each append said: there, not there, or in doubt; and that a till whose medium works must take a frame."""

import json
import random
from typing import Any

from firmware.journal import codec
from firmware.journal.codec import canonical
from firmware.journal.desk import Desk
from firmware.journal.journal import InDoubt, Journal
from firmware.journal.rollup import Rollup
from hal.ports.faults import Fault, StoreBroken, StoreFull
from tests.crash import stand
from tests.crash.campaign import DOUBLED, LOST, Wrong
from tests.crash.failing import Failing
from tests.crash.harness import drive
from tests.crash.medium import Medium

ROUNDS = 3  # each kind so often: a roll or two
STAND_IT = 3  # refusals before somebody makes room, or the medium comes to itself
PAD = "x" * 400

Record = dict[str, Any]

# as the flows write them; what a flow would not write then is left out by `fits`
BODIES: dict[str, dict[str, Record]] = {
    "main": {
        "sale": {"at": 1, "lines": [], "receipt": "auto"},
        "print": {"copy": 0, "done": True},
        "no_sale": {"reason": "change", "at": 1},
        "document": {"doc": "catalogue", "version": 1, "sha256": "00", "id": "d", "at": 1},
        "read": {"version": 1, "at": 1},
        "enrolled": {"claim": "c", "first": 1, "at": 1, "trusted": True},
    },
    "desk": {
        "cart": {"slot": 1, "cart": {"lines": []}, "at": 1},
        "acked": {"to": 1, "h": "00", "sales": 1},
        "lang": {"lang": "zh"},
        "backup": {"to": 1, "h": "00", "at": 1},
        "anchor": {"to": 1, "h": "00", "said": ""},
        "ask": {"id": "q", "op": "pay", "body": {}},
        "answer": {"id": "q", "answer": {}, "err": ""},
        "settled": {"id": "q"},
    },
}


def kinds_without_a_body() -> "set[str]":
    """Nobody adds a kind of frame without trying it here."""
    return set(codec.KINDS) - {"checkpoint"} - set(BODIES["main"]) - set(BODIES["desk"])


def blank(prefix: str) -> Any:
    return Rollup() if prefix == "main" else Desk()


class Clerk:
    """pasts: what the journal may hold, each a list of records: more than one while something is in doubt."""

    def __init__(self, prefix: str, disks: "list[Failing]") -> None:
        self.prefix = prefix
        self.disks = disks
        self.rollup = blank(prefix)
        self.pasts: list[list[Record]] = [[]]
        self.refused = 0
        self.journal = stand.journal(disks, prefix, self.rollup)
        drive(self.journal.recover())

    def write(self, kind: str, n: int) -> None:
        """One frame, once, whatever comes of it. Raises Wrong."""
        if kind in ("answer", "settled") and "q" not in self.rollup.asked:
            return
        no = self.rollup.next_no if kind == "sale" else 0
        body = {**BODIES[self.prefix][kind], "n": n, "pad": PAD}
        failed = self.failed()
        try:
            seq = drive(self.journal.append(kind, no, body))
        except (StoreFull, StoreBroken) as fault:
            self._refused(failed, fault, {**body, "kind": kind, "no": no})
            return
        self.pasts = [[*past, {**body, "kind": kind, "no": no}] for past in self.pasts if len(past) + 1 == seq]
        if not self.pasts:
            raise Wrong(LOST, f"{kind} got seq {seq}, which nothing accounts for")

    def failed(self) -> int:
        return sum(disk.failed for disk in self.disks)

    def _refused(self, failed: int, fault: Fault, record: Record) -> None:
        if self.failed() == failed and not isinstance(fault, StoreFull):
            raise Wrong(LOST, f"{record['kind']} is refused on a medium that works: {fault}")
        if isinstance(fault, InDoubt):
            self.pasts += [[*past, record] for past in self.pasts]
        self.refused += 1
        if self.refused >= STAND_IT:
            for disk in self.disks:
                disk.healed = True

    def judge(self, disks: "list[Failing]") -> None:
        """After a cut: what is there is one of the pasts, and all that was in use said the same. Raises Wrong."""
        rollup = blank(self.prefix)
        journal = stand.journal(disks, self.prefix, rollup)
        drive(journal.recover())
        if self.journal.closed() is False and canonical(rollup.snapshot()) != canonical(self.rollup.snapshot()):
            raise Wrong(LOST, "the till counted otherwise than the next boot does")
        if self.prefix == "main":
            found = [json.loads(payload) for payload in drive(journal.payloads(1, 1 << 20, 1 << 30))]
            known = any([{**record, "seq": i} for i, record in enumerate(past, 1)] == found for past in self.pasts)
        else:
            known = any(journal.seq == len(past) and self._desk(past) == canonical(rollup.snapshot()) for past in self.pasts)
        if not known:
            raise Wrong(
                DOUBLED if journal.seq > max(map(len, self.pasts)) else LOST, f"{journal.seq} frames, not as they were said"
            )

    def _desk(self, past: "list[Record]") -> bytes:
        desk = Desk()
        for record in past:
            desk.fold(record)
        return canonical(desk.snapshot())


def a_clerk_s_day(kind: str, at: int, seed: int) -> bool:
    """A day with this fault, on one of two copies where there are two. Whether the fault came. Raises Wrong."""
    chance = random.Random(seed * 100_003 + at)
    failing = Failing(Medium(), kind, 1 << 30, chance)
    sound = [Failing(Medium(), kind, -1, chance) for _ in range(seed // 2 % 2)]
    for disk in sound:
        disk.healed = True
    prefix = ("main", "desk")[seed // 4 % 2]
    try:
        clerk = Clerk(prefix, [*sound, failing] if seed % 2 else [failing, *sound])
        failing.at = failing.calls + at
        writes = list(BODIES[prefix]) * ROUNDS
        chance.shuffle(writes)
        for n, word in enumerate(writes):
            clerk.write(word, n)
        came = failing.calls > failing.at
        failing.healed = True
        clerk.write("no_sale" if prefix == "main" else "lang", len(writes))
        clerk.judge([disk.power_cycle() for disk in clerk.disks])
    except Fault as fault:
        raise Wrong(LOST, f"{type(fault).__name__}: {fault}") from None
    return came


async def stays_closed(self: Any) -> None:
    raise StoreBroken("a frame before is in doubt")


async def says_nothing_is_there(self: Any, words: str, link: bytes, fault: StoreBroken) -> int:
    if self._closed:
        await self._reopen()
    raise fault


async def folds_what_is_not_there(self: Any, words: str, link: bytes, fault: StoreBroken) -> int:
    if self._closed:
        await self._reopen()
    return int(self.seq)


MUTANTS = {
    "stays closed after a doubt": (Journal, "_reopen", stays_closed),
    "calls a doubt not there": (Journal, "_outcome", says_nothing_is_there),
    "calls a doubt durable": (Journal, "_outcome", folds_what_is_not_there),
}
