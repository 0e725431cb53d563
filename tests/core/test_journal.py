"""The journal over a store in memory, on both interpreters: what is appended is there at the next boot, to the byte."""

import asyncio
import binascii
import hashlib
import json

from firmware.journal.codec import GENESIS, SECTOR, chain
from firmware.journal.desk import Desk
from firmware.journal.journal import Journal
from firmware.journal.rollup import Rollup
from tests.core.memory_store import MemoryStore, QuietLog

SEGMENT = 16384


def sale(no, receipt="auto"):
    lines = [{"name": "Tea", "price": 200, "qty": 1000, "total": 200} for _ in range(no % 7)]
    return {"at": 1795270000 + no, "no": no, "lines": lines, "total": 200 * len(lines), "receipt": receipt}


def till(store, size=SEGMENT, log=None):
    return Journal(store, "main", Rollup(), log or QuietLog(), size)


async def sold(store, count, log=None):
    journal = till(store, log=log)
    await journal.recover()
    for no in range(1, count + 1):
        await journal.append("sale", no, sale(no))
    return journal


async def raises(fault, awaitable):
    try:
        await awaitable
    except fault as raised:
        return str(raised)
    return ""


def test_a_first_boot_begins_a_journal():
    async def main():
        store = MemoryStore()
        journal = till(store)
        found = await journal.recover()
        assert found.fresh and (found.frames, found.dropped, found.kind) == (0, 0, "")
        assert journal.seq == 0 and journal.head == GENESIS and await journal.hash_at(0) == GENESIS
        assert await store.names() == ["main-00000001.seg"]
        again = await till(store).recover()
        assert not again.fresh and again.frames == 0

    asyncio.run(main())


def test_what_was_sold_is_there_at_the_next_boot():
    async def main():
        store = MemoryStore()
        journal = await sold(store, 5)
        store.cut()
        rollup = Rollup()
        again = Journal(store, "main", rollup, QuietLog(), SEGMENT)
        found = await again.recover()
        assert found.frames == 5 and found.dropped == 0 and not found.fresh
        assert again.seq == 5 and again.head == journal.head
        assert rollup.next_no == 6 and rollup.sales == 5 and rollup.last_sale["at"] == 1795270005
        stored = [json.loads(p) for p in await again.payloads(1, 100, 1 << 20)]
        assert [(r["seq"], r["kind"], r["no"], r["total"]) for r in stored][:2] == [(1, "sale", 1, 200), (2, "sale", 2, 400)]

    asyncio.run(main())


def test_one_frame_is_one_write_and_one_sync():
    async def main():
        store = MemoryStore()
        journal = await sold(store, 1)
        store.calls = []
        await journal.append("print", 1, {"copy": 0, "done": True})
        assert store.calls == ["write main-00000001.seg", "sync main-00000001.seg"]

    asyncio.run(main())


def test_segments_roll_over_and_every_frame_is_found_again():
    async def main():
        store = MemoryStore()
        journal = await sold(store, 150)
        assert len(await store.names()) > 4
        payloads = await journal.payloads(1, 1000, 1 << 20)
        assert [json.loads(p)["seq"] for p in payloads] == list(range(1, 151))
        head = GENESIS
        for seq, payload in enumerate(payloads):
            assert await journal.hash_at(seq) == head
            head = chain(head, payload)
        assert head == journal.head == await journal.hash_at(150)
        for first in range(1, 151, 7):
            assert await journal.payloads(first, 3, 1 << 20) == payloads[first - 1 : first + 2]

    asyncio.run(main())


def test_a_batch_ends_at_its_limits_and_never_at_nothing():
    async def main():
        journal = await sold(MemoryStore(), 40)
        payloads = await journal.payloads(1, 1000, 1 << 20)
        assert len(await journal.payloads(1, 7, 1 << 20)) == 7
        assert await journal.payloads(3, 100, 1) == payloads[2:3]
        room = len(payloads[0]) + len(payloads[1]) + len(payloads[2])
        assert len(await journal.payloads(1, 100, room)) == 3 and len(await journal.payloads(1, 100, room - 1)) == 2
        assert await journal.payloads(41, 10, 1000) == []
        assert await raises(ValueError, journal.payloads(0, 10, 1000)) and await raises(ValueError, journal.hash_at(41))

    asyncio.run(main())


def test_boot_reads_one_segment():
    async def main():
        store = MemoryStore()
        await sold(store, 100)
        newest = (await store.names())[-2:]
        store.calls = []
        journal = till(store)
        await journal.recover()
        assert journal.seq == 100
        assert all(call.split()[1] in newest for call in store.calls), store.calls

    asyncio.run(main())


def test_the_next_segment_is_made_while_a_quarter_is_left():
    async def main():
        store = MemoryStore()
        journal = await sold(store, 1)
        while len(await store.names()) < 2:
            await journal.append("no_sale", 0, {"reason": ""})
        assert store.synced["main-00000002.seg"] == bytearray(SEGMENT)
        used = max(i for i in range(SEGMENT) if store.synced["main-00000001.seg"][i])
        assert SEGMENT * 3 // 4 - SECTOR <= used < SEGMENT * 3 // 4 + SECTOR

    asyncio.run(main())


def test_two_at_once_stand_one_behind_the_other():
    async def main():
        store = MemoryStore()
        journal = await sold(store, 0)
        await asyncio.gather(*[journal.append("sale", no, sale(no)) for no in (1, 2, 3)])
        assert [json.loads(p)["seq"] for p in await journal.payloads(1, 9, 9999)] == [1, 2, 3]

    asyncio.run(main())


def test_the_callers_record_stays_the_callers():
    async def main():
        store, rollup = MemoryStore(), Rollup()
        journal = Journal(store, "main", rollup, QuietLog(), SEGMENT)
        await journal.recover()
        body = sale(1)
        await journal.append("sale", 1, body)
        body["lines"].append("later")
        assert "kind" not in body and rollup.last_sale["lines"] == sale(1)["lines"]
        assert await raises(ValueError, journal.append("sale", 2, {"total": None}))
        assert journal.seq == 1 and await journal.append("sale", 2, sale(2)) == 2

    asyncio.run(main())


def test_the_desk_forgets_its_old_segments_and_nothing_else():
    async def main():
        store, desk = MemoryStore(), Desk()
        journal = Journal(store, "desk", desk, QuietLog(), SEGMENT)
        await journal.recover()
        for n in range(200):
            await journal.append("cart", n, {"slot": n % 4, "cart": {"lines": [{"n": n}]}, "at": n})
        assert len(await store.names()) <= 2
        again = Desk()
        await Journal(store, "desk", again, QuietLog(), SEGMENT).recover()
        assert again.cart == desk.cart == {"lines": [{"n": 196}]} and again.cart_no == 196
        assert again.held == desk.held == {1: {"lines": [{"n": 197}]}, 2: {"lines": [{"n": 198}]}, 3: {"lines": [{"n": 199}]}}

    asyncio.run(main())


def test_an_old_desk_segment_goes_only_when_the_new_checkpoint_is_durable():
    async def main():
        store = MemoryStore()
        journal = Journal(store, "desk", Desk(), QuietLog(), SEGMENT)
        await journal.recover()
        store.calls = []
        while not any(call.startswith("remove") for call in store.calls):
            await journal.append("lang", 0, {"lang": "zh"})
        removed = store.calls.index("remove desk-00000001.seg")
        assert store.calls[removed - 2 : removed] == ["write desk-00000002.seg", "sync desk-00000002.seg"]

    asyncio.run(main())


def test_both_interpreters_write_the_same_bytes():
    """The whole store after 60 sales in small segments. If it moves, old tills cannot read new journals: it moved once, with
    format 2 of the checkpoint."""

    async def main():
        store = MemoryStore()
        await sold(store, 60)
        h = hashlib.sha256()
        for name in await store.names():
            h.update(name.encode())
            h.update(store.synced[name])
        assert binascii.hexlify(h.digest()) == b"f9d6f385d8228dbfec3845377cded975dfb830bb6b673a1956e0341e7ff1ca2e"

    asyncio.run(main())
