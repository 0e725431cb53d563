"""The journal among other tasks: a store that takes its turns, a courier that reads meanwhile, a caller that is cancelled."""

import asyncio
import json

from firmware.journal.codec import GENESIS, chain
from firmware.journal.journal import Journal
from firmware.journal.rollup import Rollup
from tests.core.memory_store import MemoryStore, QuietLog

SEGMENT = 8192


class TurnStore(MemoryStore):
    """Others run before and after each of its calls."""

    async def create(self, name, size):
        await asyncio.sleep(0)
        await MemoryStore.create(self, name, size)
        await asyncio.sleep(0)

    async def read_into(self, name, offset, buf):
        await asyncio.sleep(0)
        found = await MemoryStore.read_into(self, name, offset, buf)
        await asyncio.sleep(0)
        return found

    async def write(self, name, offset, data):
        await asyncio.sleep(0)
        await MemoryStore.write(self, name, offset, data)
        await asyncio.sleep(0)

    async def sync(self, name):
        await asyncio.sleep(0)
        await MemoryStore.sync(self, name)
        await asyncio.sleep(0)


async def till(store):
    rollup = Rollup()
    journal = Journal(store, "main", rollup, QuietLog(), SEGMENT)
    await journal.recover()
    return journal, rollup


def sale(no):
    return {"no": no, "receipt": "auto", "pad": "x" * (no * 97 % 600)}


def test_a_courier_reads_while_the_till_sells():
    async def main():
        journal, _ = await till(TurnStore())
        read = []

        async def courier():
            while len(read) < 60:
                read.extend(await journal.payloads(len(read) + 1, 7, 3000))
                assert await journal.hash_at(len(read)) == links(read)
                await asyncio.sleep(0)

        def links(payloads):
            head = GENESIS
            for payload in payloads:
                head = chain(head, payload)
            return head

        async def counter():
            for no in range(1, 61):
                await journal.append("sale", no, sale(no))

        await asyncio.gather(courier(), counter())
        assert [json.loads(payload)["no"] for payload in read] == list(range(1, 61))

    asyncio.run(main())


def test_nothing_is_read_before_it_is_durable():
    async def main():
        store = TurnStore()
        journal, _ = await till(store)

        async def look():
            while True:
                seen = await journal.payloads(1, 100, 1 << 20)
                assert len(seen) <= journal.seq
                waits = [data for written in store.waiting.values() for _, data in written]
                assert not any(payload in data for payload in seen for data in waits)
                await asyncio.sleep(0)

        looking = asyncio.create_task(look())
        for no in range(1, 15):
            await journal.append("sale", no, sale(no))
        assert not looking.done()
        looking.cancel()

    asyncio.run(main())


def test_a_caller_that_is_cancelled_at_any_turn_leaves_a_sound_journal():
    """What it was selling is there or is not; what was acknowledged before and after is."""

    async def cancelled_after(turns, last):
        store = TurnStore()
        journal, rollup = await till(store)
        for no in range(1, last):
            await journal.append("sale", no, sale(no))
        selling = asyncio.create_task(journal.append("sale", last, sale(last)))
        for _ in range(turns):
            await asyncio.sleep(0)
        done = selling.done()
        selling.cancel()
        try:
            await selling
        except asyncio.CancelledError:
            pass
        no = rollup.next_no
        assert no == last + 1 if done else no in (last, last + 1)
        for more in range(no, no + 6):
            await journal.append("sale", more, sale(more))
        store.cut()
        again, after = await till(store)
        assert (again.seq, again.head, after.next_no) == (journal.seq, journal.head, rollup.next_no)
        numbers = [json.loads(payload)["no"] for payload in await again.payloads(1, 99, 1 << 20)]
        assert numbers == list(range(1, after.next_no)), numbers
        return done

    async def main():
        most = 0
        for last in range(5, 13):  # the roll into the next segment, and the making of one, are among them
            turns = 0
            while not await cancelled_after(turns, last):
                turns += 1
            most = max(most, turns)
        assert most > 8

    asyncio.run(main())
