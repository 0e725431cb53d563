"""Old segments go when the fleet has them and their time has come, never before; their totals stay."""

import asyncio
import json

from firmware.journal.desk import Desk
from firmware.journal.journal import Journal
from firmware.journal.rollup import Rollup
from firmware.sync.standing import Standing
from hal.ports.faults import JournalDamaged
from tests.core.board import day
from tests.core.memory_store import MemoryStore, QuietLog
from tests.core.sparse_store import SparseStore
from tests.core.stall import Board
from tests.core.test_journal import SEGMENT, raises

DAY = 86_400


def sale(no, trusted=True):
    """One a day."""
    return {"at": no * DAY, "total": 100, "receipt": "never", "trusted": trusted, "pad": "x" * 300}


async def sold(store, count, trusted=True):
    each = Journal(store, "main", Rollup(), QuietLog(), SEGMENT)
    await each.recover()
    for no in range(1, count + 1):
        await each.append("sale", no, sale(no, trusted))
    return each


async def first_kept(each):
    """The oldest number that can still be read."""
    for seq in range(1, each.seq + 1):
        if not await raises(JournalDamaged, each.payloads(seq, 1, 9999)):
            return json.loads((await each.payloads(seq, 1, 9999))[0])["no"]
    return 0


def test_nothing_goes_before_it_is_acknowledged_and_old():
    async def main():
        store = MemoryStore()
        each = await sold(store, 100)
        seconds = []
        for number in each._shelf.numbers:
            seconds.append(await each._shelf.first_seq(number))
        assert len(seconds) > 3
        assert await each.retire(0, 1000 * DAY) == 0, "the fleet has nothing"
        assert await each.retire(100, 0) == 0, "nothing is old"
        assert await each.retire(seconds[1] - 1, 1000 * DAY) == 0, "the frame that was acknowledged last must stay"
        assert await each.retire(100, seconds[1] * DAY) == 0, "the next segment's first sale is of that very day"
        assert await each.retire(seconds[1], 1000 * DAY) == 1 and await first_kept(each) == seconds[1]
        assert await each.retire(100, (seconds[2] + 1) * DAY) == 1 and await first_kept(each) == seconds[2]
        assert await each.retire(100, 1000 * DAY) == len(seconds) - 3, "the live segment stays"
        assert len(await store.names()) <= 2 and "main-00000001.seg" not in await store.names()
        again = Journal(store, "main", Rollup(), QuietLog(), SEGMENT)
        await again.recover()
        assert again.seq == 100 and again.head == each.head and again._rollup.sales == 100
        assert again._rollup.totals.period("")["total"] == 10000 and again._rollup.totals.period("1970-02")["sales"] == 28
        assert await again.append("sale", 101, sale(101)) == 101

    asyncio.run(main())


def test_sales_whose_time_nobody_vouched_for_keep_their_segment():
    async def main():
        each = await sold(MemoryStore(), 100, trusted=False)
        assert await each.retire(100, 1000 * DAY) == 0

    asyncio.run(main())


def test_a_ledger_that_fell_back_behind_what_was_retired_is_an_alarm_and_no_crash():
    async def main():
        store, log = MemoryStore(), QuietLog()
        each = await sold(store, 100)
        desk = Desk()
        desk_journal = Journal(store, "desk", desk, log, SEGMENT)
        await desk_journal.recover()
        standing = Standing(Board(None, 0, b""), each, each._rollup, desk_journal, desk, lambda: None)
        assert await standing.settle(100, each.head) and standing.trouble == ""
        assert await each.retire(100, 1000 * DAY) and await each.first() > 20
        assert await standing.settle(3, b"\x01" * 32) and standing.trouble == standing.FORK
        first = await each.first()
        assert await standing.here_at(first) and await standing.here_at(first - 1) == b""
        assert await standing.settle(0, bytes(32)) is False and await standing.here_at(3) == b""
        assert await standing.settle(100, each.head) and standing.trouble == ""

    asyncio.run(main())


class Room(SparseStore):
    """How full it is, in percent."""

    percent = 79

    async def room(self):
        return self.percent * 10, 1000


def test_a_disk_that_is_nearly_full_is_said_once_a_day():
    async def story(till):
        till.see("idle")
        till.store.percent = 80
        await asyncio.sleep(3601)
        till.see("notice", text="Disk nearly full")
        await till.keys("OK F1 CASH OK OK")
        till.see("idle")
        await asyncio.sleep(2 * 3600)
        till.see("idle")
        await asyncio.sleep(24 * 3600)
        till.see("notice", text="Disk nearly full")

    day(story, store=Room())
