"""A look at a whole journal: what is sound is shown once, what breaks is named by segment, offset and seq, and nothing is
written. Every byte counts."""

import binascii
import json

from firmware.journal.audit import Audit
from firmware.journal.codec import SECTOR, canonical, chain, pack, read_head, unpack
from firmware.journal.journal import Journal
from firmware.journal.rollup import Rollup
from hal.ports.faults import StoreBroken
from tests.core import vtime
from tests.core.devices import Keys
from tests.core.memory_store import MemoryStore, QuietLog

SEGMENT = 16384


async def begun(store=None, keys=None):
    journal = Journal(store or MemoryStore(), "main", Rollup(), QuietLog(), SEGMENT, keystore=keys)
    await journal.recover()
    return journal


async def sell(journal, count, total=350):
    for _ in range(count):
        await journal.append("sale", journal._rollup.next_no, {"receipt": "auto", "total": total, "at": 1795271526})


async def sold(count, keys=None, total=350):
    store = MemoryStore()
    await sell(await begun(store, keys), count, total)
    return store


class Look:
    """What one look found."""

    def __init__(self):
        self.seqs, self.breaks, self.links = [], [], []

    def seen(self, record, link):
        self.seqs.append(record["seq"])
        self.links.append(link)

    def broken(self, segment, offset, seq, why):
        self.breaks.append((segment, offset, seq, why))

    async def at(self, store, keys=None, known=None):
        store.calls = []
        self.audit = Audit(store, "main", self.seen, self.broken, keys, known)
        self.sound = await self.audit.run()
        assert all(call.split()[0] in ("read",) for call in store.calls), "it wrote"
        store.calls = None
        return self


def run(story):
    vtime.run(story())


def test_a_sound_journal_is_shown_whole_with_its_chain():
    async def story():
        store = MemoryStore()
        journal = await begun(store)
        await sell(journal, 100)
        look = await Look().at(store)
        assert look.sound and look.breaks == [] and look.audit.torn == 0
        assert look.seqs == list(range(1, 101)) and look.audit.segments > 2
        assert look.audit.head == journal.head and look.links[41] == await journal.hash_at(42)

    run(story)


def test_no_journal_is_sound_and_empty():
    async def story():
        look = await Look().at(MemoryStore())
        assert look.sound and look.seqs == [] and look.audit.frames == 0

    run(story)


def test_every_flipped_byte_is_found():
    """The control of all: in any frame of a whole journal, one bit of each byte that says something."""

    async def story():
        store = await sold(20)
        names = await store.names()
        tried = 0
        for name in names:
            data = store.synced[name]
            offset, head = 0, read_head(data)
            while head is not None:
                for at in range(offset, offset + 90 + head.length, 13 if offset else 97):
                    data[at] ^= 1
                    look = await Look().at(store)
                    last = name == names[-1] and offset + 2 * SECTOR > len(data.rstrip(bytes(1)))
                    tail = look.audit.torn > 0 and look.seqs == list(range(1, 20))
                    assert not look.sound or tail or last, (name, at)
                    data[at] ^= 1
                    tried += 1
                offset += (22 + head.length + 36 + SECTOR - 1) // SECTOR * SECTOR
                head = read_head(data, offset) if offset < len(data) else None
        assert tried > 200 and (await Look().at(store)).sound

    run(story)


def test_a_break_is_named_by_segment_offset_and_seq_and_the_rest_is_shown():
    async def story():
        store = await sold(10)
        name = (await store.names())[0]
        size = len(store.synced[name])
        offsets = [at for at in range(0, size, SECTOR) if read_head(store.synced[name], at)]
        store.synced[name][offsets[4] + 40] ^= 255
        look = await Look().at(store)
        assert len(look.breaks) == 1 and look.breaks[0][:3] == (name, offsets[4], 4) and "begin again" in look.breaks[0][3]
        assert look.seqs == [1, 2, 3, 5, 6, 7, 8, 9, 10]

    run(story)


def test_swaps_splices_and_foreign_segments_are_found():
    async def story():
        def changed(change):
            store = MemoryStore()
            store.synced = {name: bytearray(data) for name, data in whole.synced.items()}
            change(store.synced)
            return store

        whole, other = await sold(100), await sold(100, total=351)
        names = await whole.names()

        def swap(files):
            files[names[0]], files[names[1]] = files[names[1]], files[names[0]]

        def foreign(files):
            files[names[1]] = bytearray(other.synced[names[1]])

        def missing(files):
            del files[names[1]]

        def spliced(files):
            """A frame that is sound by itself, in place of the one that was there."""
            at = [each for each in range(0, SEGMENT, SECTOR) if read_head(files[names[0]], each)][3]
            head = read_head(files[names[0]], at)
            payload = b'{"kind":"sale","no":3,"seq":3,"total":1}'
            frame = pack("sale", 3, 3, payload, chain(bytes(32), payload))
            assert head.seq == 3
            files[names[0]][at : at + len(frame)] = frame

        assert (await Look().at(changed(lambda files: None))).sound
        for change in (swap, foreign, missing, spliced):
            assert not (await Look().at(changed(change))).sound, change

    run(story)


def test_a_torn_tail_is_told_and_is_no_break():
    async def story():
        store = await sold(5)
        name = (await store.names())[0]
        end = max([at for at in range(0, SEGMENT, SECTOR) if read_head(store.synced[name], at)]) + SECTOR
        store.synced[name][end : end + 100] = b"\xffBRW" + bytes(range(96))
        look = await Look().at(store)
        assert look.sound and look.audit.torn == SECTOR and look.seqs == [1, 2, 3, 4, 5]

    run(story)


def test_a_frame_that_was_in_doubt_is_shown_once():
    async def story():
        store = MemoryStore()
        journal = await begun(store)
        await sell(journal, 3)
        written = store.sync

        async def sync(name):
            await written(name)  # it is there, and the disk says that it failed
            store.sync = written
            raise StoreBroken("an error of the disk")

        store.sync = sync
        await sell(journal, 2)
        assert len(await store.names()) >= 2
        look = await Look().at(store)
        assert look.sound and look.seqs == [1, 2, 3, 4, 5] and look.audit.head == journal.head, look.breaks
        assert look.audit.void == SECTOR, "what was in doubt is told"

    run(story)


def test_checkpoints_are_checked_with_the_till_s_key():
    async def story():
        store = await sold(100, Keys())
        look = await Look().at(store, Keys())
        assert look.sound and look.audit.macs == look.audit.segments > 2
        look = await Look().at(store, Keys(b"somebody else"))
        assert len(look.breaks) == look.audit.segments and "not sealed" in look.breaks[0][3]
        bare = await sold(100)
        assert (await Look().at(bare)).sound and not (await Look().at(bare, Keys())).sound

    run(story)


def test_a_seal_that_was_taken_off_is_a_break():
    async def story():
        store = await sold(100, Keys())
        bare = await sold(100)
        names = [name for name in await store.names() if any(store.synced[name][:4])]
        old = bytes(store.synced[names[-1]])
        head = read_head(old, 0)
        record = json.loads(unpack(old).payload)
        record["format"] = 1
        del record["mac"], record["copies"]
        payload = canonical(record)
        frame = pack("checkpoint", head.seq, 0, payload, chain(binascii.unhexlify(record["head"]), payload))
        store.synced[names[-1]][: len(unpack_room(old))] = bytes(len(unpack_room(old)))
        store.synced[names[-1]][: len(frame)] = frame
        look = await Look().at(store, Keys())
        assert "no seal" in look.breaks[0][3] and (await Look().at(bare)).sound

    run(story)


def unpack_room(data):
    """The first frame, with its padding."""
    return data[: unpack(data).size]


def test_a_head_that_somebody_else_kept_is_looked_for():
    async def story():
        store = await sold(100)
        whole = await Look().at(store)
        link = whole.links[59]
        look = await Look().at(store, None, (60, link[:8]))
        assert look.sound and look.audit.confirmed
        look = await Look().at(store, None, (60, whole.links[60]))
        assert look.breaks[0][3] == "seq 60 is not the one that was acknowledged" and not look.audit.confirmed
        look = await Look().at(store, None, (101, link))
        assert look.breaks[0][2:] == (101, "it ends here, and seq 101 was acknowledged")
        for name in (await store.names())[:3]:
            del store.synced[name]
        look = await Look().at(store, None, (1, whole.links[0]))
        assert look.sound and not look.audit.confirmed, "it is older than all that is here"

    run(story)


def test_a_segment_of_another_size_is_a_break():
    async def story():
        store = await sold(100)
        name = (await store.names())[-1]
        store.synced[name] = store.synced[name][:-SECTOR]
        assert "bytes, and the segment before it has" in (await Look().at(store)).breaks[0][3]
        first = (await store.names())[0]
        store.synced[name] += bytes(SECTOR)
        store.synced[first] = bytearray()
        assert not (await Look().at(store)).sound, "an empty one counts, too"

    run(story)
