"""Two copies of the journal over two stores in memory, on both interpreters: the best of both is what was sold."""

import asyncio
import json

from firmware.journal.codec import SECTOR, unpack
from firmware.journal.desk import Desk
from firmware.journal.journal import Journal
from firmware.journal.mirror import Mirror
from firmware.journal.rollup import Rollup
from hal.ports.faults import JournalDamaged, StoreBroken, StoreFull
from tests.core.memory_store import MemoryStore, QuietLog
from tests.core.test_journal import SEGMENT, raises, sale

ONE, TWO = "main-00000001.seg", "main-00000002.seg"


class Pair:
    """A till with two stores that outlive it. Each boot is a new Mirror over them."""

    def __init__(self):
        self.first, self.second = MemoryStore(), MemoryStore()
        self.log = QuietLog()

    async def boot(self, prefix="main"):
        self.first.cut()
        self.second.cut()
        self.mirror = Mirror(self.first, self.second, self.log)
        rollup = Rollup() if prefix == "main" else Desk()
        self.journal = Journal(self.mirror, prefix, rollup, self.log, SEGMENT)
        self.found = await self.journal.recover()
        return self.journal

    async def sell(self, *numbers):
        for no in numbers:
            await self.journal.append("sale", no, sale(no))

    async def numbers(self):
        return [json.loads(payload)["no"] for payload in await self.journal.payloads(1, 10000, 1 << 20)]

    def same(self):
        return self.first.synced == self.second.synced


def starts(store, name):
    """Where each frame of a segment starts, and where the last one ends."""
    found = [0]
    frame = unpack(store.synced[name], 0)
    while frame is not None:
        found.append(found[-1] + frame.size)
        frame = unpack(store.synced[name], found[-1])
    return found


def test_a_frame_is_written_to_the_second_copy_after_the_first_is_synced():
    async def main():
        pair = Pair()
        await pair.boot()
        calls = pair.first.calls = pair.second.calls = []
        await pair.sell(1)
        assert calls == ["write " + ONE, "sync " + ONE] * 2
        assert pair.same() and pair.found.healed == 0

    asyncio.run(main())


def test_a_cut_between_the_copies_loses_nothing():
    async def main():
        pair = Pair()
        await pair.boot()
        await pair.sell(1, 2)
        older = bytes(pair.second.synced[ONE])
        await pair.sell(3)
        pair.second.synced[ONE][:] = older
        await pair.boot()
        assert await pair.numbers() == [1, 2, 3] and pair.same() and pair.found.healed == 1
        assert [line for line in pair.log.lines if "1 frames healed, seq 3 to 3" in line]

    asyncio.run(main())


def test_rot_anywhere_on_one_copy_is_healed_even_in_the_very_last_frame():
    async def main():
        for rotten in ("first", "second"):
            pair = Pair()
            await pair.boot()
            await pair.sell(1, 2, 3, 4, 5)
            store = getattr(pair, rotten)
            for offset in starts(store, ONE)[:-1]:
                good = bytes(store.synced[ONE])
                for at in (offset, offset + 4, offset + 30, offset + SECTOR - 1):
                    store.synced[ONE][at] ^= 0x20
                    await pair.boot()
                    assert bytes(store.synced[ONE]) == good and pair.same(), (rotten, at)
                    assert await pair.numbers() == [1, 2, 3, 4, 5] and pair.found.dropped == 0

    asyncio.run(main())


def test_each_copy_has_what_the_other_lost():
    async def main():
        pair = Pair()
        await pair.boot()
        await pair.sell(*range(1, 9))
        good = bytes(pair.first.synced[ONE])
        places = starts(pair.first, ONE)
        for i, offset in enumerate(places[:-1]):
            (pair.first, pair.second)[i % 2].synced[ONE][offset + 40] ^= 1
        await pair.boot()
        assert await pair.numbers() == list(range(1, 9)) and pair.same() and bytes(pair.first.synced[ONE]) == good
        assert pair.found.healed == len(places) - 1

    asyncio.run(main())


def test_what_both_copies_lost_is_named_and_the_boot_stops():
    async def main():
        pair = Pair()
        await pair.boot()
        await pair.sell(*range(1, 9))
        places = starts(pair.first, ONE)
        for store in (pair.first, pair.second):
            for i in (2, 3, 6):
                store.synced[ONE][places[i] + 40] ^= 1
        pair.second.synced[ONE][places[7] + 40] ^= 1
        said = await raises(JournalDamaged, pair.boot())
        assert f"offset {places[2]}: seq 2 to 3, offset {places[6]}: seq 6" in said and ONE in said, said
        assert pair.second.synced[ONE][places[7] :] == pair.first.synced[ONE][places[7] :], "what one copy has is healed"

    asyncio.run(main())


def test_a_torn_tail_on_both_is_cut_on_both_and_told():
    async def main():
        pair = Pair()
        await pair.boot()
        await pair.sell(1, 2, 3)
        last = starts(pair.first, ONE)[-2]
        for store in (pair.first, pair.second):
            store.synced[ONE][last + 100] ^= 1
        await pair.boot()
        assert await pair.numbers() == [1, 2] and (pair.found.dropped, pair.found.kind) == (SECTOR, "sale")
        assert pair.same()
        await pair.sell(3, 4)
        assert await pair.numbers() == [1, 2, 3, 4] and pair.same()

    asyncio.run(main())


def test_a_torn_tail_on_the_second_copy_alone_is_cut_there():
    async def main():
        pair = Pair()
        await pair.boot()
        await pair.sell(1, 2)
        end = starts(pair.second, ONE)[-1]
        pair.second.synced[ONE][end : end + 100] = b"t" * 100
        await pair.boot()
        assert pair.same() and await pair.numbers() == [1, 2]

    asyncio.run(main())


def test_a_second_copy_that_fails_is_left_out_and_healed_at_the_next_boot():
    async def main():
        for word in ("write", "sync", "create"):
            pair = Pair()
            await pair.boot()
            await pair.sell(1)
            pair.second.fail[word] = StoreBroken("EIO")
            await pair.sell(*range(2, 80))
            assert "the second copy: EIO" in pair.mirror.lost and "ALARM" in pair.log.lines[-1 - (word == "never")]
            assert await pair.numbers() == list(range(1, 80))
            await pair.boot()
            assert pair.mirror.lost == "" and pair.same() and len(pair.first.synced) > 2
            await pair.sell(80)
            assert pair.same() and await pair.numbers() == list(range(1, 81))

    asyncio.run(main())


def test_a_first_copy_that_fails_once_is_settled_on_both():
    async def main():
        pair = Pair()
        await pair.boot()
        await pair.sell(1)
        pair.first.fail["sync"] = StoreBroken("EIO")
        await pair.sell(2, 3)
        assert pair.mirror.lost == "" and sorted(pair.first.synced) == [ONE, TWO]
        await pair.boot()
        assert await pair.numbers() == [1, 2, 3] and pair.first.synced[TWO] == pair.second.synced[TWO]

    asyncio.run(main())


class Falls(MemoryStore):
    """A disk that falls out of its slot."""

    fallen = False

    def _call(self, word, name):
        if self.fallen:
            raise StoreBroken("EROFS")
        super()._call(word, name)


def test_a_first_copy_that_goes_on_failing_leaves_the_till_the_second():
    async def main():
        pair = Pair()
        pair.first = Falls()
        await pair.boot()
        await pair.sell(1)
        pair.first.fallen = True
        await pair.sell(*range(2, 60))
        assert "the first copy: EROFS" in pair.mirror.lost
        assert await pair.numbers() == list(range(1, 60))
        pair.first.fallen = False
        await pair.boot()
        assert await pair.numbers() == list(range(1, 60)) and pair.same()

    asyncio.run(main())


def test_a_new_disk_gets_the_whole_journal():
    async def main():
        for which in ("first", "second"):
            pair = Pair()
            await pair.boot()
            await pair.sell(*range(1, 120))
            setattr(pair, which, MemoryStore())
            await pair.boot()
            assert pair.same() and len(pair.first.synced) > 3 and await pair.numbers() == list(range(1, 120))

    asyncio.run(main())


def test_rot_in_an_old_segment_is_healed_when_it_is_read():
    async def main():
        for offset in (0, 3, 3 * SECTOR, 3 * SECTOR + 12, 3 * SECTOR + 70):
            pair = Pair()
            await pair.boot()
            await pair.sell(*range(1, 120))
            pair.first.synced[ONE][offset] ^= 1
            assert await pair.numbers() == list(range(1, 120)) and pair.same()
            pair.second.synced[TWO][offset] ^= 1
            assert await pair.numbers() == list(range(1, 120)), "nobody reads the second while the first is well"

    asyncio.run(main())


def test_copies_that_went_apart_are_never_mixed():
    async def main():
        pair = Pair()
        await pair.boot()
        await pair.sell(1)
        alone = MemoryStore()
        for name in pair.first.synced:
            alone.synced[name] = bytearray(pair.first.synced[name])
        for store, no in ((pair.first, 7), (alone, 8)):
            journal = Journal(store, "main", Rollup(), QuietLog(), SEGMENT)
            await journal.recover()
            await journal.append("sale", 2, sale(no))
        pair.second = alone
        assert "seq 2: the copies went apart" in await raises(JournalDamaged, pair.boot())

    asyncio.run(main())


def test_copies_that_each_sold_while_the_other_was_out_are_never_mixed():
    async def main():
        pair = Pair()
        await pair.boot()
        await pair.sell(1)
        older = {name: bytearray(data) for name, data in pair.second.synced.items()}
        await pair.sell(2, 3)
        pair.second.synced = older
        lone = Journal(pair.second, "main", Rollup(), QuietLog(), SEGMENT)
        await lone.recover()  # without the first disk: it knows nothing of 2 and 3
        await lone.append("sale", 2, sale(9))
        assert TWO in pair.second.synced
        assert "seq 2: the copies went apart" in await raises(JournalDamaged, pair.boot())

    asyncio.run(main())


def test_a_file_that_was_cut_short_is_made_whole_again():
    async def main():
        for which in ("first", "second"):
            pair = Pair()
            await pair.boot()
            await pair.sell(*range(1, 9))
            store = getattr(pair, which)
            places = starts(store, ONE)
            for size in (0, 100, places[2], places[4] + 7, SEGMENT - 1):
                other = pair.second if which == "first" else pair.first
                other.synced[ONE][places[1] + 50] ^= 1 if size > places[2] else 0
                store.synced[ONE] = store.synced[ONE][:size]
                await pair.boot()
                assert pair.same() and await pair.numbers() == list(range(1, 9)), (which, size)
                assert pair.mirror.lost == "" and len(store.synced[ONE]) == SEGMENT

    asyncio.run(main())


def test_the_desk_is_mirrored_too():
    async def main():
        pair = Pair()
        journal = await pair.boot("desk")
        for n in range(200):
            await journal.append("cart", n, {"slot": n % 4, "cart": {"lines": [{"n": n}]}, "at": n})
        assert pair.same() and len(pair.first.synced) <= 2
        pair.first = MemoryStore()
        journal = await pair.boot("desk")
        assert journal._rollup.cart_no == 196 and pair.same()

    asyncio.run(main())


def test_a_full_second_copy_is_left_out_and_a_full_first_one_is_not():
    async def main():
        pair = Pair()
        await pair.boot()
        pair.second.room = 0
        await pair.sell(*range(1, 80))
        assert "the second copy" in pair.mirror.lost
        other = Pair()
        await other.boot()
        other.first.room = 0
        assert await raises(StoreFull, other.sell(*range(1, 80)))
        assert other.mirror.lost == "" and other.same()

    asyncio.run(main())


def test_a_till_whose_one_disk_is_gone_boots_from_the_other():
    async def main():
        class Gone(MemoryStore):
            async def names(self):
                raise StoreBroken("ENODEV")

        pair = Pair()
        await pair.boot()
        await pair.sell(1, 2)
        pair.first = Gone()
        await pair.boot()
        assert "the first copy: ENODEV" in pair.mirror.lost and await pair.numbers() == [1, 2]
        pair.second = Gone()
        assert "ENODEV" in await raises(StoreBroken, pair.boot())

    asyncio.run(main())


class ReadOnly(Falls):
    """A worn card: it can be read, and takes nothing any more."""

    def _call(self, word, name):
        if word == "read":
            MemoryStore._call(self, word, name)
        else:
            super()._call(word, name)


def test_a_worn_copy_that_rots_and_takes_nothing_any_more_does_not_stop_the_boot():
    async def main():
        for which in ("first", "second"):
            pair = Pair()
            worn = ReadOnly()
            setattr(pair, which, worn)
            await pair.boot()
            await pair.sell(1)
            worn.fallen = True
            await pair.sell(*range(2, 80))
            worn.synced[ONE][SECTOR + 50] ^= 1
            await pair.boot()
            assert f"the {which} copy: EROFS" in pair.mirror.lost
            await pair.sell(80)
            assert await pair.numbers() == list(range(1, 81))

    asyncio.run(main())
