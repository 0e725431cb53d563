"""Questions to the journal: the right sale, the newest first, and never a look at more than it takes."""

from firmware.journal.codec import HEAD_BYTES, KINDS, frame_bytes, read_head
from firmware.journal.figures import figures
from firmware.journal.journal import Journal
from firmware.journal.mirror import Mirror
from firmware.journal.query import Query, Want
from firmware.journal.rollup import Rollup
from firmware.journal.shelf import Shelf
from hal.ports.faults import JournalDamaged, StoreBroken
from tests.core import vtime
from tests.core.memory_store import MemoryStore, QuietLog

SEGMENT = 16384
AT = 1795271520  # 2026-11-21T14:32, UTC
MINUTE = 60


def body(i):
    tender = "card" if i % 3 == 0 else "cash"
    return {
        "at": AT + i * MINUTE, "off": 0, "total": 100 + i % 7, "receipt": "auto", "cashier": "ann" if i % 2 else "bo",
        "legs": [{"tender": tender, "amount": 100 + i % 7}],
    }  # fmt: skip


class Shop:
    """A journal of `count` sales from number `first`, a print behind each, and a drawer opened now and then."""

    async def open(self, count=100, first=1):
        self.store, self.rollup = MemoryStore(), Rollup(first)
        self.journal = Journal(self.store, "main", self.rollup, QuietLog(), SEGMENT)
        await self.journal.recover()
        self.query = self.journal.query()
        for i in range(first, first + count):
            await self.sell(i)
        return self

    async def sell(self, i):
        await self.journal.append("sale", i, body(i))
        await self.journal.append("print", i, {"copy": 0, "done": True})
        if i % 10 == 0:
            await self.journal.append("no_sale", 0, {"reason": ""})

    async def numbers(self, want, limit=100, before=0):
        return [sale["no"] for sale in await self.query.newest(want, limit, before)]


def run(story):
    vtime.run(story())


def test_every_number_is_found_and_no_other():
    async def story():
        shop = await Shop().open(120, 17)
        assert len(await shop.store.names()) > 6
        for no in range(17, 137):
            sale = await shop.query.by_number(no)
            assert sale["kind"] == "sale" and sale["no"] == no and sale["total"] == 100 + no % 7
        for no in (0, 1, 16, 137, 9999, -3):
            assert await shop.query.by_number(no) is None, no

    run(story)


def test_an_empty_journal_has_no_sale():
    async def story():
        shop = await Shop().open(0)
        assert await shop.query.by_number(1) is None and await shop.numbers(Want()) == []
        empty = Query(Shelf(MemoryStore(), "main"), lambda: 0)
        assert await empty.by_number(1) is None and await empty.newest(Want()) == []

    run(story)


def test_segments_without_a_sale_are_no_hole():
    async def story():
        shop = await Shop().open(20)
        for _ in range(100):
            await shop.journal.append("no_sale", 0, {"reason": "float"})
        for i in range(21, 41):
            await shop.sell(i)
        for no in range(1, 41):
            assert (await shop.query.by_number(no))["no"] == no
        assert await shop.numbers(Want()) == list(range(40, 0, -1))

    run(story)


def test_a_number_costs_few_reads_however_long_the_journal_is():
    async def story():
        reads = []
        for count in (50, 400):
            shop = await Shop().open(count)
            shop.store.calls = []
            assert (await shop.query.by_number(count // 2))["no"] == count // 2
            reads.append(len(shop.store.calls))
            shop.store.calls = None
        assert reads[1] <= reads[0] + 12 and reads[1] < 50, reads

    run(story)


def test_the_newest_that_fit_come_first():
    async def story():
        shop = await Shop().open(100)
        everything = list(range(100, 0, -1))
        assert await shop.numbers(Want(), 5) == [100, 99, 98, 97, 96]
        assert await shop.numbers(Want()) == everything
        assert await shop.numbers(Want(amount=103)) == [i for i in everything if i % 7 == 3]
        assert await shop.numbers(Want(tender="card")) == [i for i in everything if i % 3 == 0]
        assert await shop.numbers(Want(cashier="bo"), 3) == [100, 98, 96]
        assert await shop.numbers(Want(since=AT + 20 * MINUTE, until=AT + 30 * MINUTE)) == list(range(29, 19, -1))
        assert await shop.numbers(Want(amount=103, tender="card", cashier="ann")) == [i for i in everything if i % 42 == 3]
        assert await shop.numbers(Want(tender="cheque")) == [] == await shop.numbers(Want(), 0)

    run(story)


def test_a_search_within_some_days_reads_no_older_segment():
    async def story():
        shop = await Shop().open(0)
        for i in range(1, 201):
            at = AT + i * 6 * 3600
            await shop.journal.append("sale", i, body(i) | {"at": at, "trusted": True})
        first = (await shop.store.names())[0]
        for since, amount, wanted in ((190, None, list(range(200, 189, -1))), (190, 105, [194]), (199, 106, [])):
            shop.store.calls = []
            assert await shop.numbers(Want(amount=amount, since=AT + since * 6 * 3600)) == wanted
            assert shop.store.calls and not [call for call in shop.store.calls if first in call]
        assert await shop.numbers(Want(amount=105)) == [i for i in range(200, 0, -1) if i % 7 == 5]

    run(story)


def test_a_search_goes_on_where_the_last_one_ended():
    async def story():
        shop = await Shop().open(60)
        found, before = [], 0
        while True:
            page = await shop.query.newest(Want(tender="card"), 7, before)
            if not page:
                break
            found += [sale["no"] for sale in page]
            before = page[-1]["seq"]
        assert found == [i for i in range(60, 0, -1) if i % 3 == 0]

    run(story)


def test_a_frame_that_is_not_durable_yet_is_not_seen():
    async def story():
        shop = await Shop().open(10)
        seq = (await shop.query.by_number(10))["seq"]
        shelf = Shelf(shop.store, "main")
        await shelf.look()
        early = Query(shelf, lambda: seq - 1)
        assert await early.by_number(10) is None and (await early.by_number(9))["no"] == 9
        assert [sale["no"] for sale in await early.newest(Want(), 1)] == [9]

    run(story)


def test_a_sale_that_was_in_doubt_is_found_once():
    async def story():
        shop = await Shop().open(5)
        written = shop.store.sync

        async def sync(name):
            await written(name)  # it is there, and the disk says that it failed
            shop.store.sync = written
            raise StoreBroken("an error of the disk")

        shop.store.sync = sync
        await shop.sell(6)
        await shop.sell(7)
        assert await shop.numbers(Want()) == [7, 6, 5, 4, 3, 2, 1]
        assert (await shop.query.by_number(6))["no"] == 6 and (await shop.query.by_number(7))["no"] == 7

    run(story)


class Mirrored(Shop):
    """The same on two stores."""

    async def open(self, count=60, mender=True):
        self.stores, log = [MemoryStore(), MemoryStore()], QuietLog()
        self.store, self.rollup = Mirror(self.stores[0], self.stores[1], log), Rollup()
        self.journal = Journal(self.store, "main", self.rollup, log, SEGMENT)
        await self.journal.recover()
        for i in range(1, count + 1):
            await self.sell(i)
        self.query = self.journal.query()
        return self

    def frames(self, copy=0):
        """(name, offset, head) of every frame on a copy."""
        found = []
        for name in sorted(self.stores[copy].synced):
            data, offset = self.stores[copy].synced[name], 0
            while read_head(data, offset):
                found.append((name, offset, read_head(data, offset)))
                offset += frame_bytes(found[-1][2].length)
        return found

    async def asked(self, no):
        """What three questions say, "damaged" where one says that."""
        answers = []
        everything = list(range(60, 0, -1))
        for ask in (self.query.by_number(no), self.query.by_number(61), self.query.newest(Want())):
            try:
                answers.append(await ask)
            except JournalDamaged:
                answers.append("damaged")
        one, none, found = answers
        if found != "damaged":
            found = [sale["no"] for sale in found] == everything
        return [one if one == "damaged" else one["no"] == no, none, found]


def test_what_rots_on_one_copy_while_the_till_runs_is_found_all_the_same():
    async def story():
        shop = await Mirrored().open()
        whole = {name: bytes(data) for name, data in shop.stores[0].synced.items()}
        places = shop.frames()
        for at, (name, offset, head) in enumerate(places):
            in_the_head = (0, 4, 5, 9, 17, 21)[at % 6]  # magic, format, kind, length, seq, number
            for byte, bit in ((in_the_head, at // 6 % 8), (HEAD_BYTES + 3, 0)):
                shop.stores[0].synced[name][offset + byte] ^= 1 << bit
                no = head.no or 60
                assert await shop.asked(no) == [True, None, True], (name, offset, byte, bit)
                shop.stores[0].synced[name][:] = whole[name]
        for name in sorted(whole):
            shop.stores[0].synced[name][:] = bytes(SEGMENT)
            assert await shop.asked(7) == [True, None, True] and shop.stores[0].synced[name] == whole[name], "healed"

    run(story)


def test_a_print_that_rots_into_a_sale_is_none_when_it_is_healed():
    async def story():
        shop = await Mirrored().open()
        for name, offset, head in shop.frames():
            if head.kind == KINDS["print"]:
                shop.stores[0].synced[name][offset + 5] ^= KINDS["print"] ^ KINDS["sale"]
                assert await shop.asked(head.no) == [True, None, True], (name, offset)

    run(story)


def test_what_no_copy_has_is_damage_and_never_the_end_of_the_list():
    async def story():
        shop = await Mirrored().open()
        for name, offset, head in shop.frames():
            for store in shop.stores:
                store.synced[name][offset + HEAD_BYTES + 3] ^= 1
            one, none, found = await shop.asked(head.no or 60)
            assert found == "damaged", (name, offset)
            assert one in (True, "damaged") and (one == "damaged" or head.kind != KINDS["sale"]), (name, offset)
            assert none in (None, "damaged")
            for store in shop.stores:
                store.synced[name][offset + HEAD_BYTES + 3] ^= 1

    run(story)


def test_without_a_second_copy_rot_is_damage():
    async def story():
        shop = await Shop().open(30)
        segment = (await shop.store.names())[0]
        shop.store.synced[segment][frame_bytes(read_head(shop.store.synced[segment]).length)] ^= 1
        for ask in (shop.query.newest(Want()), shop.query.by_number(1)):
            try:
                await ask
            except JournalDamaged as damage:
                assert segment in str(damage)
                continue
            raise AssertionError("a frame is missed in silence")

    run(story)


def test_figures_come_from_the_rollup_alone():
    async def story():
        shop = await Shop().open(30)
        shop.store.calls = []
        day = figures(shop.rollup, "2026-11-21")
        assert day["sales"] == 30 and day["total"] == sum(100 + i % 7 for i in range(1, 31))
        assert day["tenders"]["card"] == sum(100 + i % 7 for i in range(3, 31, 3)) and day["cashiers"]["ann"][0] == 15
        assert figures(shop.rollup, "2026-11") == figures(shop.rollup, "2026") == figures(shop.rollup, "") == day
        assert figures(shop.rollup, "2026-11-20")["sales"] == 0 and shop.store.calls == []
        for wrong in ("2026-1", "20261121", "yesterday", "2026-11-2x", "2026-11-210", "-"):
            try:
                figures(shop.rollup, wrong)
            except ValueError:
                continue
            raise AssertionError(wrong)

    run(story)
