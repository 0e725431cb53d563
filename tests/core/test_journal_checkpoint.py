"""Checkpoints, on both interpreters: the old format is read, the seal is checked, and a boot folds little."""

import asyncio
import binascii
import json

from firmware.journal import checkpoint, journal, recovery
from firmware.journal.codec import GENESIS, SECTOR, canonical, chain, pack, unpack
from firmware.journal.journal import Journal
from firmware.journal.mirror import Mirror
from firmware.journal.rollup import Rollup
from hal.ports.faults import StoreBroken
from tests.core.memory_store import MemoryStore, QuietLog
from tests.core.test_journal import SEGMENT, sale

ONE, TWO = "main-00000001.seg", "main-00000002.seg"


class Key:
    """A keystore whose MAC is a sum that anybody could make."""

    def __init__(self, secret):
        self.secret = secret

    def mac(self, message):
        return chain(self.secret, message)


def till(store, keystore=None, segment=SEGMENT):
    return Journal(store, "main", Rollup(), QuietLog(), segment, keystore)


async def sold(store, numbers, **setup):
    each = till(store, **setup)
    found = await each.recover()
    for no in numbers:
        await each.append("sale", no, sale(no))
    return each, found


def test_a_journal_whose_checkpoint_is_of_format_1_is_read_and_goes_on():
    async def main():
        store = MemoryStore()
        old = {"copies": 0, "last_no": 7, "last_sale": {"no": 7}, "owed": False, "sales": 7}
        body = {"format": 1, "head": "11" * 32, "kind": "checkpoint", "rollup": old, "segment": 3, "seq": 12}
        payload = canonical(body)
        await store.create("main-00000003.seg", SEGMENT)
        frame = pack("checkpoint", 12, 0, payload, chain(b"\x11" * 32, payload))
        store.synced["main-00000003.seg"][: len(frame)] = frame
        each, found = await sold(store, (8, 9), keystore=Key(b"k"))
        assert each.seq == 13 and each._rollup.sales == 9 and not found.ours
        assert each._rollup.totals.uncounted == 7 and each._rollup.totals.period("")["sales"] == 2
        again, _ = await sold(store, ())
        assert again.seq == 13 and again.head == each.head and again._rollup.totals.uncounted == 7

    asyncio.run(main())


def test_a_checkpoint_of_another_till_is_told_from_ours():
    async def main():
        store = MemoryStore()
        await sold(store, range(1, 5), keystore=Key(b"mine"))
        assert (await sold(store, (), keystore=Key(b"mine")))[1].ours
        other, found = await sold(store, (), keystore=Key(b"yours"))
        assert not found.ours and "not sealed" in other._log.lines[0] and other.seq == 4
        assert (await sold(store, ()))[1].ours, "without a key nobody can tell"

    asyncio.run(main())


def test_the_seal_covers_every_figure_and_the_journal():
    made = checkpoint.Checkpoint(1, 5, GENESIS, {"sales": 4}, 2)
    key = Key(b"k")
    read = checkpoint.read(unpack(made.frame("main", key)), ONE, 1)
    assert read.ours("main", key) and not read.ours("desk", key) and not read.ours("main", Key(b"l"))
    for name, value in (("seq", 6), ("rollup", {"sales": 5}), ("copies", 1), ("segment", 2), ("head", b"\x01" * 32)):
        changed = checkpoint.read(unpack(made.frame("main", key)), ONE, 1)
        setattr(changed, name, value)
        assert not changed.ours("main", key), name


async def marked(store, count):
    """A till that makes a checkpoint every 4 KiB."""
    before, journal.MARK_BYTES = journal.MARK_BYTES, 4096
    try:
        return (await sold(store, range(1, count + 1), segment=8 * SEGMENT))[0]
    finally:
        journal.MARK_BYTES = before


def kinds(store, name):
    found, offset = [], 0
    frame = unpack(store.synced[name], 0)
    while frame is not None:
        found.append((offset, frame))
        offset += frame.size
        frame = unpack(store.synced[name], offset)
    return found


def test_a_boot_folds_from_the_newest_checkpoint_and_checks_all_before_it():
    async def main():
        store = MemoryStore()
        each = await marked(store, 60)
        marks = [offset for offset, frame in kinds(store, ONE) if frame.kind == "checkpoint"]
        assert len(marks) > 5
        folded = []

        class Counts(Rollup):
            def fold(self, record):
                folded.append(record["no"])
                Rollup.fold(self, record)

        again = Journal(store, "main", Counts(), QuietLog(), 8 * SEGMENT)
        found = await again.recover()
        assert found.frames == 60 and again.seq == 60 and again.head == each.head and 0 < len(folded) < 12
        assert canonical(again._rollup.snapshot()) == canonical(each._rollup.snapshot())
        numbers = [json.loads(payload)["no"] for payload in await again.payloads(1, 100, 1 << 20)]
        assert numbers == list(range(1, 61)) and len(await again.payloads(30, 3, 1 << 20)) == 3
        for seq in range(1, 61):
            assert await again.hash_at(seq) == await each.hash_at(seq)
        for offset, _ in kinds(store, ONE)[:-1]:
            store.synced[ONE][offset + 50] ^= 1
            try:
                await till(store).recover()
                raise AssertionError(offset)
            except recovery.JournalDamaged as damage:
                assert f"offset {offset}: " in str(damage)
            store.synced[ONE][offset + 50] ^= 1

    asyncio.run(main())


def test_a_checkpoint_that_cannot_be_written_costs_no_sale():
    async def main():
        for word in ("write", "sync"):
            store = MemoryStore()
            each = await marked(store, 1)
            journal.MARK_BYTES, before = 4096, journal.MARK_BYTES
            each._mark_at = 4096
            no = 1
            while each._live.end + SECTOR < 4096:
                no += 1
                await each.append("no_sale", 0, {"reason": ""})
            calls = [0]
            honest = store.sync if word == "sync" else store.write

            async def second_fails(*args, calls=calls, honest=honest):
                calls[0] += 1
                if calls[0] == 2:
                    raise StoreBroken("EIO")
                await honest(*args)

            setattr(store, word, second_fails)
            assert await each.append("no_sale", 0, {"reason": "x"}) == no + 1
            assert await each.append("no_sale", 0, {"reason": "y"}) == no + 2
            journal.MARK_BYTES = before
            assert calls[0] > 2 and sorted(store.synced)[:2] == [ONE, TWO]
            again, _ = await sold(store, (), segment=8 * SEGMENT)
            assert again.seq == no + 2 and again.head == each.head

    asyncio.run(main())


def test_a_copy_that_leaves_or_comes_back_makes_the_next_frame_open_a_segment():
    """What it may hold of a frame that was in doubt is then superseded, and never taken for a sale."""

    async def main():
        first, second = MemoryStore(), MemoryStore()
        both = Mirror(first, second, QuietLog())
        await sold(both, (1, 2))
        doubt = canonical({"kind": "sale", "no": 3, "seq": 3, "at": 1})
        end = kinds(first, ONE)[-1]
        frame = pack("sale", 3, 3, doubt, chain(end[1].link, doubt))
        first.synced[ONE][end[0] + end[1].size : end[0] + end[1].size + len(frame)] = frame
        each, _ = await sold(second, (3, 4))  # the first disk is out
        assert TWO in second.synced
        again, _ = await sold(Mirror(first, second, QuietLog()), (5,))
        assert again.seq == 5 and again.head != each.head and "main-00000003.seg" in first.synced
        bodies = [json.loads(payload) for payload in await again.payloads(1, 9, 1 << 20)]
        assert [body["no"] for body in bodies] == [1, 2, 3, 4, 5] and bodies[2]["at"] == sale(3)["at"]

    asyncio.run(main())


def test_a_head_is_hex():
    assert binascii.hexlify(checkpoint.read(unpack(checkpoint.Checkpoint(1, 1, GENESIS, {}).frame("m", None)), "", 1).head) == (
        b"00" * 32
    )
