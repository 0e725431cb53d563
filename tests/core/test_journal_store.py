"""The journal over a store that is full, that fails, or that rotted, on both interpreters."""

import asyncio
import binascii
import json
import struct

from firmware.journal.codec import HEAD_BYTES, SECTOR, read_head
from firmware.journal.journal import InDoubt
from hal.ports.faults import JournalDamaged, StoreBroken, StoreFull
from tests.core.memory_store import MemoryStore, QuietLog
from tests.core.test_journal import SEGMENT, raises, sale, sold, till


def test_a_full_disk_lets_the_till_sell_to_the_end_of_the_segment():
    async def main():
        store, log = MemoryStore(room=SEGMENT), QuietLog()
        store.calls = []
        journal = till(store, log=log)
        await journal.recover()
        count = 0
        while not await raises(StoreFull, journal.append("no_sale", 0, {"reason": ""})):
            count += 1
        assert count > 25 and journal.seq == count
        assert "no next segment" in log.lines[0]
        assert sum(call.startswith("create") for call in store.calls) < 12  # it does not hammer a full disk
        store.room = 1 << 20
        assert await journal.append("sale", 1, sale(1)) == count + 1
        again = till(store)
        await again.recover()
        assert again.seq == count + 1 and again.head == journal.head

    asyncio.run(main())


def test_no_room_for_the_first_segment_stops_the_boot():
    async def main():
        assert await raises(StoreFull, till(MemoryStore(room=100)).recover())

    asyncio.run(main())


def test_nothing_is_appended_before_recovery():
    async def main():
        assert "not recovered" in await raises(StoreBroken, till(MemoryStore()).append("sale", 1, sale(1)))

    asyncio.run(main())


def test_a_failed_sync_is_never_tried_again_and_the_sale_is_settled_in_a_fresh_segment():
    async def main():
        for word in ("write", "sync"):
            store, log = MemoryStore(), QuietLog()
            journal = await sold(store, 3, log)
            store.fail[word] = StoreBroken("EIO")
            store.calls = []
            assert await journal.append("sale", 4, sale(4)) == 4
            first = [call for call in store.calls if "00000001" in call]
            assert first == ["write main-00000001.seg", "sync main-00000001.seg"][: 1 + (word == "sync")]
            assert "in doubt" in log.lines[0] and "settled" in log.lines[1]
            store.cut()
            again = till(store)
            await again.recover()
            assert again.seq == 4 and again.head == journal.head
            assert [json.loads(p)["no"] for p in await again.payloads(1, 9, 9999)] == [1, 2, 3, 4]
            await again.append("sale", 5, sale(5))
            assert len(await again.payloads(1, 9, 9999)) == 5

    asyncio.run(main())


def test_what_cannot_be_settled_in_a_fresh_segment_is_looked_for_at_once():
    async def main():
        store, log = MemoryStore(), QuietLog()
        journal = await sold(store, 3, log)
        store.fail["sync"] = StoreBroken("EIO")
        store.fail["create"] = StoreFull("ENOSPC")
        store.calls = []
        assert await journal.append("sale", 4, sale(4)) == 4  # this store kept the write
        assert store.calls.count("sync main-00000001.seg") == 1, "no sync is tried twice"
        assert "seq 4, sale, was in doubt: it is durable" in log.lines[-1]
        store.fail["write"] = StoreBroken("EIO")
        store.fail["create"] = StoreFull("ENOSPC")
        try:
            await journal.append("sale", 5, sale(5))
            raise AssertionError("the write had failed")
        except StoreBroken as fault:
            assert not isinstance(fault, InDoubt) and str(fault).endswith("seq 5 is in doubt: EIO; then ENOSPC; it is not there")
        assert journal.seq == 4 and await journal.append("sale", 5, sale(5)) == 5

    asyncio.run(main())


def test_a_doubt_closes_the_journal_until_the_next_frame_and_no_longer():
    async def main():
        for word, seq in (("sync", 5), ("write", 4)):
            store, log = MemoryStore(), QuietLog()
            journal = await sold(store, 3, log)
            for call in (word, "read"):
                store.fail[call] = StoreBroken("EIO")
            store.fail["create"] = StoreFull("ENOSPC")
            assert "seq 4 is in doubt: EIO; then ENOSPC" in await raises(
                InDoubt, journal.append("print", 3, {"copy": 0, "done": True})
            )
            store.fail["read"] = StoreBroken("EIO")
            assert "nothing is taken: seq 4 is in doubt" in await raises(StoreBroken, journal.append("sale", 4, sale(4)))
            assert journal.seq == 3 and journal._rollup.sales == 3, "what cannot be read changes nothing"
            assert await journal.append("sale", 4, sale(4)) == seq
            assert f"seq 4, print, was in doubt: it is {'durable' if seq == 5 else 'not there'}" in log.lines[-1]
            again = till(store)
            await again.recover()
            assert again.seq == seq and again.head == journal.head

    asyncio.run(main())


def test_a_foreign_or_reordered_frame_is_damage():
    async def main():
        store = MemoryStore()
        await sold(store, 4)
        good = bytes(store.synced["main-00000001.seg"])
        checkpoint = SECTOR
        one, two = good[checkpoint : checkpoint + SECTOR], good[checkpoint + SECTOR : checkpoint + 2 * SECTOR]
        swapped = good[:checkpoint] + two + one + good[checkpoint + 2 * SECTOR :]
        store.synced["main-00000001.seg"][:] = swapped
        assert "offset 512: seq 1: " in await raises(JournalDamaged, till(store).recover())
        other = MemoryStore()
        await sold(other, 60)
        store.synced["main-00000001.seg"][:] = other.synced["main-00000002.seg"]
        assert "not of this segment" in await raises(JournalDamaged, till(store).recover())

    asyncio.run(main())


def format_2(store):
    """The last of three frames says that it is of a later format, with the sum that belongs to it."""
    segment, start = store.synced["main-00000001.seg"], 3 * SECTOR
    assert bytes(segment[start : start + 5]) == b"\xffBRW\x01"
    segment[start + 4] = 2
    end = start + HEAD_BYTES + read_head(segment, start).length + 32
    struct.pack_into(">I", segment, end, binascii.crc32(bytes(segment[start:end])))
    return end


def test_a_later_format_is_not_cut_off_as_torn():
    async def main():
        store = MemoryStore()
        await sold(store, 3)
        format_2(store)
        assert "format 2" in await raises(JournalDamaged, till(store).recover())

    asyncio.run(main())


def test_a_rotten_format_byte_is_a_torn_frame_and_no_later_format():
    async def main():
        store = MemoryStore()
        await sold(store, 3)
        store.synced["main-00000001.seg"][format_2(store)] ^= 1
        journal = till(store)
        assert (await journal.recover()).dropped == SECTOR and journal.seq == 2

    asyncio.run(main())
