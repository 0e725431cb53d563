"""Backups: what the operator reads when one is made, torn out, refused or due, and what is then on the stick."""

import asyncio
import gc
import json

from firmware.journal.backup import Backup, Stand
from firmware.journal.desk import Desk
from firmware.journal.journal import Journal
from firmware.journal.rollup import Rollup
from hal.ports.faults import StickBroken, StoreBroken
from tests.core.board import AT_S, day
from tests.core.devices import Keys
from tests.core.memory_stick import MemoryStick
from tests.core.memory_store import QuietLog
from tests.core.sparse_store import SparseStore
from tests.core.test_config import files, load, merchant

NAME, HALF = "STALL-0001-000001.tar", "STALL-0001-000001.tar.NEW"
SHOP = "profile/merchant.json"
WEEK_S = 7 * 86400


async def restored(stick, name):
    """A store with what a backup holds, and its manifest."""
    found = stick.members(name)
    manifest = json.loads(found["manifest.json"])
    store = SparseStore()
    for segment in manifest["segments"]:
        await store.create(segment["name"], segment["size"])
        for offset, _ in segment["parts"]:
            await store.write(segment["name"], offset, found[f"{segment['name']}@{offset:08d}"])
        await store.sync(segment["name"])
    return store, manifest


async def heads(store):
    """Where both journals of a store stand."""
    journal, desk = Journal(store, "main", Rollup(), QuietLog()), Journal(store, "desk", Desk(), QuietLog())
    await journal.recover()
    await desk.recover()
    return journal, desk


def test_a_backup_says_what_it_holds_and_gives_it_all_back():
    async def story(till):
        await till.keys("F1 CASH OK OK F2 CASH OK OK MENU 9 5")
        till.see("backup", state="ready", backups="0")
        await till.keys("OK")
        journal, _ = await till.journal()
        till.see("backup", state="done", sales="2")
        proof = till.screen.frame.fields["head"]
        store, manifest = await restored(till.stick, NAME)
        main, desk = await heads(store)
        found = await main.hash_at(manifest["journals"]["main"]["seq"])
        assert found.hex() == manifest["journals"]["main"]["head"] == journal.head.hex()
        assert proof == found.hex()[:4].upper() + " " + found.hex()[4:8].upper()
        assert manifest["sales"] == 2 and manifest["terminal"] == "STALL-0001"
        assert (await desk.hash_at(manifest["journals"]["desk"]["seq"])).hex() == manifest["journals"]["desk"]["head"]
        kept = (await till.records("backup", "desk"))[0]
        assert (kept["to"], kept["h"]) == (main.seq, main.head.hex()) and kept["at"] >= AT_S
        await till.keys("OK")
        till.see("idle")

    day(story, stick=MemoryStick())


def test_a_stick_that_is_plugged_in_late_is_seen():
    async def story(till):
        await till.keys("MENU 9 5")
        till.see("backup", state="none")
        await till.keys("OK")
        assert till.refused()
        till.see("backup", state="none")
        till.stick.state = "in"
        await till.keys("F1 F1 F1")  # they mean nothing here, and time goes by
        till.see("backup", state="ready")
        await till.keys("BACK")
        till.see("idle")
        assert till.stick.files == {}

    day(story, stick=MemoryStick("out"))


def torn_at(write, text, what):
    """A second backup ends at its nth write; the first one is as it was, and no other counts."""

    async def story(till):
        await till.keys("F1 CASH OK OK MENU 9 5 OK OK")
        first = bytes(till.stick.files[NAME])
        till.stick.writes, till.stick.after = 0, {write: lambda: what(till.stick)}
        await till.keys("MENU 9 5 OK")
        till.see("notice", text=text)
        assert till.refused()
        await till.keys("OK")
        till.see("idle")
        assert till.stick.files[NAME] == first
        assert [name for name in till.stick.files if name.endswith(".tar")] == [NAME]
        assert len(await till.records("backup", "desk")) == 1
        till.stick.state, till.stick.room, till.stick.after = "in", 1 << 24, {}
        await till.keys("MENU 9 5 OK")
        till.see("backup", state="done", sales="1")
        assert sorted(till.stick.files) == [NAME, "STALL-0001-000002.tar"]

    day(story, stick=MemoryStick())


def test_a_stick_torn_out_midway_leaves_no_half_made_backup():
    for write in (1, 2, 3, 4):  # two parts, the manifest, the end
        torn_at(write, "Stick pulled out", lambda stick: setattr(stick, "state", "out"))


def test_a_stick_that_is_full_midway_leaves_no_half_made_backup():
    for write in (1, 2, 3, 4):
        torn_at(write, "Stick is full", lambda stick: setattr(stick, "room", 0))


def test_a_dying_stick_is_found_when_it_is_read_back():
    for write in (1, 4):
        torn_at(write, "Stick is failing", lambda stick: setattr(stick, "state", "dying"))


def test_a_backup_that_is_not_read_back_misses_a_dying_stick():
    """The control: without the reading back, a stick that keeps nothing right is called a good one."""

    class Trusting(Backup):
        async def _compare(self):
            return None

    async def nobody(phase, done, whole):
        return None

    async def make(kind):
        store = SparseStore()
        journal, desk = await heads(store)
        stick = MemoryStick("dying")
        stand = Stand(journal, desk, 0, AT_S)
        try:
            await kind([("main", store), ("desk", store)], stick, "STALL-0001", "", nobody, Keys()).run(stand)
        except StickBroken:
            return "caught"
        return sorted(stick.files)

    assert asyncio.run(make(Backup)) == "caught"
    assert asyncio.run(make(Trusting)) == [NAME]


def test_cancel_stops_a_backup_and_nothing_of_it_stays():
    async def story(till):
        await till.keys("F1 CASH OK OK MENU 9 5")
        till.stick.after = {2: lambda: till.edge("CANCEL", True)}
        await till.keys("OK")
        till.see("notice", text="Backup stopped")
        assert till.stick.files == {}

    day(story, stick=MemoryStick())


def test_a_store_that_fails_is_said():
    async def story(till):
        await till.keys("F1 CASH OK OK MENU 9 5")
        till.store.broken = {"read main": StoreBroken("input/output error")}
        await till.keys("OK")
        till.see("notice", text="No backup made")
        till.store.broken = {}
        assert not [name for name in till.stick.files if name.endswith(".tar")]

    day(story, stick=MemoryStick())


def test_what_is_sold_while_a_backup_is_written_makes_no_hole():
    """Frames that come meanwhile are in it or not; what the manifest says is in it is there, and the chain is whole."""

    async def whole(before, more):
        store = SparseStore()
        journal = Journal(store, "main", Rollup(), QuietLog(), 1 << 17)
        desk = Journal(store, "desk", Desk(), QuietLog(), 1 << 17)
        await journal.recover()
        await desk.recover()

        async def sell():
            await journal.append("no_sale", 0, {"reason": "x" * 2000, "at": AT_S})

        for _ in range(before):
            await sell()
        turn = [0]

        async def told(phase, done, whole):
            turn[0] += 1
            for _ in range(turn[0] * more if phase == "writing" else 0):
                await sell()

        stick = MemoryStick()
        stand = Stand(journal, desk, 0, AT_S)
        await Backup([("main", store), ("desk", store)], stick, "STALL-0001", "", told, Keys()).run(stand)
        back, _ = await heads((await restored(stick, NAME))[0])
        assert stand.seq <= back.seq <= journal.seq and journal.seq > stand.seq + 10
        assert (await back.hash_at(stand.seq)).hex() == stand.head
        assert len(await back.payloads(1, 10000, 1 << 30)) == back.seq

    asyncio.run(whole(20, 4))  # into the next part of the live segment
    gc.collect()
    asyncio.run(whole(40, 2))  # into the next segment


def test_old_backups_are_kept_up_to_a_number_and_another_tills_for_ever():
    async def story(till):
        till.stick.files = {"OTHER-01-000001.tar": bytearray(b"x"), "letter.txt": bytearray(b"y"), HALF: bytearray(b"z")}
        await till.keys("F1 CASH OK OK" + " MENU 9 5 OK OK" * 7)
        mine = [f"STALL-0001-{i:06d}.tar" for i in range(3, 8)]
        assert sorted(till.stick.files) == sorted(mine + ["OTHER-01-000001.tar", "letter.txt"])

    day(story, stick=MemoryStick())


def test_without_a_key_or_a_place_for_sticks_it_is_not_set_up():
    async def story(till):
        await till.keys("MENU 9 5")
        till.see("notice", text="Not set up")

    day(story, stick=MemoryStick(), changed={SHOP: {"backup_key": ""}})
    day(story)


def test_the_reminder_comes_a_week_after_the_first_sale_and_a_week_after_each_backup():
    async def story(till):
        await till.keys("F1 CASH OK OK")
        till.see("idle")
        till.clock.at_s += WEEK_S - 60
        await till.keys("BACK")
        till.see("idle")
        till.clock.at_s += 120
        await till.keys("F1 CANCEL OK")
        till.see("notice", text="Time for a backup")
        await till.keys("OK BACK")
        till.see("idle")  # it is said once
        await till.keys("MENU 9 5 OK OK")
        till.clock.at_s += WEEK_S - 60
        await till.keys("BACK")
        till.see("idle")
        till.clock.at_s += 120
        await till.keys("BACK")
        till.see("notice", text="Time for a backup")

    day(story, stick=MemoryStick())


def test_the_reminder_outlives_the_power():
    async def first(till):
        await till.keys("F1 CASH OK OK MENU 9 5 OK OK")

    async def later(till):
        till.see("notice", text="Time for a backup")
        await till.keys("OK")
        till.see("idle")

    async def same_day(till):
        till.see("idle")

    store = day(first, stick=MemoryStick()).store
    day(same_day, store=store, stick=MemoryStick(), at_s=AT_S + 86400)
    day(later, store=store, stick=MemoryStick(), at_s=AT_S + WEEK_S + 60)


def test_a_checkpoint_of_the_desk_knows_the_last_backup():
    desk, other = Desk(), Desk()
    assert desk.backup["at"] == 0
    desk.fold({"kind": "backup", "seq": 1, "no": 0, "to": 7, "h": "ab" * 32, "at": AT_S})
    other.restore(json.loads(json.dumps(desk.snapshot())))
    assert other.backup == {"to": 7, "h": "ab" * 32, "at": AT_S}


def test_no_reminder_without_a_sale_a_key_or_a_clock_that_is_right():
    async def sold(till):
        await till.keys("F1 CASH OK OK")

    async def quiet(till):
        till.see("idle")

    async def clock(till):
        till.see("clock_check")

    day(quiet, stick=MemoryStick(), at_s=AT_S + WEEK_S * 9)
    store = day(sold, stick=MemoryStick()).store
    day(quiet, store=store, stick=MemoryStick(), at_s=AT_S + WEEK_S * 9, changed={SHOP: {"backup_key": ""}})
    day(quiet, store=store, at_s=AT_S + WEEK_S * 9)
    day(clock, store=store, stick=MemoryStick(), at_s=AT_S + WEEK_S * 9, trusted=False)


def test_a_key_may_be_empty():
    assert load(files(merchant())).backup_key == ""
