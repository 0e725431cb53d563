"""What the crash tests share: a disk that goes wrong at its nth call, and a checker that stands outside.

The checker knows only what append acknowledged. It never asks the journal's own opinion of what should be there."""

import errno
import json
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from firmware.journal.desk import Desk
from firmware.journal.journal import Journal
from firmware.journal.rollup import Rollup
from hal.ports.faults import StoreBroken
from hal.store import FileStore
from hal.worker import Inline
from sim.chips.disk import Disk
from tests.contract.wires import Notes

SEGMENT = 8192
T = TypeVar("T")


class PowerCut(BaseException):
    """Ends the till's program, as a cut does."""


def drive(work: "Coroutine[Any, Any, T]") -> T:
    """Run what never waits, without a loop: these tests do it some hundred thousand times."""
    try:
        work.send(None)
    except StopIteration as done:
        return done.value  # type: ignore[no-any-return]
    raise AssertionError("it waited for something")


class Fuse:
    """A Disk whose nth call from here (0 is the first) meets `blow`, before or after it is done. calls: how many there were."""

    def __init__(self, disk: Disk, at: int, blow: Callable[[], None], before: bool = True) -> None:
        self._disk = disk
        self._at = at
        self._blow = blow
        self._before = before
        self.calls = 0

    def __getattr__(self, name: str) -> Any:
        target = getattr(self._disk, name)

        def call(*args: Any) -> Any:
            mine = self.calls == self._at
            self.calls += 1
            if mine and self._before:
                self._blow()
            answer = target(*args)
            if mine and not self._before:
                self._blow()
            return answer

        return call


def power_cut(disk: Disk) -> Callable[[], None]:
    def blow() -> None:
        disk.cut()
        raise PowerCut

    return blow


def fails() -> None:
    raise OSError(errno.EIO, "medium error")


def sale(no: int) -> dict[str, Any]:
    return {"at": 1795270000 + no, "no": no, "lines": [{"n": i, "name": "Oolong"} for i in range(no * 7 % 50)], "receipt": "auto"}


class Till:
    """One boot: a journal over a disk, and everything that its append acknowledged since the disk was new."""

    def __init__(self, disk: Any, acked: list[int], prefix: str = "main", segment: int = SEGMENT) -> None:
        self.log = Notes()
        self.rollup = Rollup() if prefix == "main" else Desk()
        self.journal = Journal(FileStore(disk, Inline(), self.log), prefix, self.rollup, self.log, segment)
        self.acked = acked

    def boot(self) -> Any:
        return drive(self.journal.recover())

    def sell(self, no: int) -> None:
        """Acknowledged when append returns, and not before."""
        if isinstance(self.rollup, Desk):
            drive(self.journal.append("cart", no, {"slot": no % 3, "cart": sale(no), "at": no}))
        else:
            drive(self.journal.append("sale", no, sale(no)))
        self.acked.append(no)

    def numbers(self) -> list[int]:
        """Every sale that the journal gives out, in its order, each compared with what was sold."""
        payloads = drive(self.journal.payloads(1, 10**6, 1 << 30))
        records = [json.loads(payload) for payload in payloads]
        for seq, record in enumerate(records, 1):
            body = sale(record["no"])
            assert record == {**body, "kind": "sale", "seq": seq}, f"seq {seq} is altered"
        return [record["no"] for record in records]


def check(disk: Disk, acked: list[int], in_flight: int) -> Till:
    """After a cut: all that was acknowledged is there, in order, once; of the rest at most the one in flight, whole. A
    second boot finds the same and nothing to cut, and what is sold next is there too."""
    disk.power_on()
    till = Till(disk, acked)
    till.boot()
    numbers = till.numbers()
    assert numbers in (acked, [*acked, in_flight]), f"acknowledged {acked}, in flight {in_flight}, found {numbers}"
    assert till.rollup.sales == len(numbers)  # type: ignore[union-attr]
    again = Till(disk, acked)
    found = again.boot()
    assert found.dropped == 0 and again.numbers() == numbers, "the second boot finds something else"
    assert again.journal.head == till.journal.head
    return again


def sell_until(disk: Any, acked: list[int], last: int) -> int:
    """Boot and sell up to number `last`; the number in flight when it ended, 0 if none was. Faults of the store are met as a
    cashier would: in doubt, so recover and look."""
    till = Till(disk, acked)
    no = len(acked) + 1
    try:
        till.boot()
        no = till.rollup.next_no  # type: ignore[union-attr]
        acked[:] = till.numbers()
        while no <= last:
            try:
                till.sell(no)
            except StoreBroken:
                till.boot()
                acked[:] = till.numbers()
            no = till.rollup.next_no  # type: ignore[union-attr]
    except PowerCut:
        return no
    return 0
