"""The store fails inside a sale: the screen says what happened to the money, and doubt is never called "not saved"."""

from firmware.journal.codec import unpack
from hal.ports.faults import StoreBroken, StoreFull
from tests.core import vtime
from tests.core.board import Bench, day
from tests.core.sparse_store import SECTOR

FULL, ERROR = StoreFull("no space left"), StoreBroken("input/output error")


def on_a_full_disk(prefix, story):
    """A till whose journal has room for one small frame behind its checkpoint, and no next segment can be had."""

    async def nothing(till):
        till.see("idle")

    async def whole():
        till = Bench(store=store)
        store.broken = {"create " + prefix: FULL}
        await till.boot()
        await story(till)
        assert till.died is None, till.died

    store = day(nothing).store
    name = prefix + "-00000001.seg"
    blocks = store.files[name][1]
    store.files[name] = (unpack(blocks[0], 0).size + SECTOR, blocks)
    vtime.run(whole())


def test_a_full_store_is_said_and_the_cart_stays():
    async def story(till):
        await till.keys("MENU 8 5 F1 CASH OK")  # the no-sale had the last block
        till.see("notice", text="Disk is full")
        assert till.drawer.kicks == 1 and till.printer.lines == []
        await till.keys("OK")
        till.see("cart", total="3.50")
        till.store.broken = {}
        await till.keys("CASH OK")
        till.see("paid", no="0001", total="3.50")
        assert len(await till.records("sale")) == 1

    on_a_full_disk("main", story)


def test_a_line_that_cannot_be_kept_is_not_shown():
    async def story(till):
        await till.keys("F1 F2")
        till.see("notice", text="Disk is full")
        await till.keys("OK")
        till.see("cart", total="3.50", lines="1")
        till.store.broken = {}
        await till.keys("F2")
        till.see("cart", total="6.00", lines="2")

    on_a_full_disk("desk", story)


def test_a_disk_that_copies_on_write_and_has_no_room_says_so_too():
    """There not even a block that exists can be overwritten: what was being written is in doubt, and reads as absent."""

    async def story(till):
        till.store.broken = {word + " " + name: FULL for word in ("write", "create") for name in ("main", "desk")}
        await till.keys("F1")
        till.see("notice", text="Disk is full")
        await till.keys("OK")
        till.see("idle")
        till.store.broken = {}
        await till.keys("F1 CASH")
        till.store.broken = {"write main": FULL, "create main": FULL}
        await till.keys("OK")
        till.see("notice", text="Disk is full")
        assert till.drawer.kicks == 0 and not till.light.lit["alarm"]
        await till.keys("OK")
        till.see("cart", total="3.50")
        till.store.broken = {"sync main": ERROR, "create main": FULL}
        await till.keys("CASH OK")
        till.see("notice", text="Not sold")  # it is the disk that fails, whatever room it has
        await till.keys("OK")
        till.store.broken = {}
        await till.keys("CASH OK")
        till.see("paid", no="0001", total="3.50")
        assert len(await till.records("sale")) == 1

    day(story)


def test_a_sold_cart_that_stays_on_the_desk_is_not_sold_again():
    async def story(till):
        await till.keys("F1 CASH OK")
        till.see("paid", total="3.50")
        assert any("stays on the desk" in line for line in till.log.lines)
        await till.keys("OK")
        till.see("idle")
        stores.append(till.store)

    async def later(till):
        till.see("idle")

    stores = []
    on_a_full_disk("desk", story)
    day(later, store=stores[0])


def test_a_sold_cart_does_not_come_back_when_the_desk_is_read_again():
    async def story(till):
        await till.keys("F1 CASH")
        till.store.broken = {"write desk": ERROR, "create desk": ERROR}
        await till.keys("OK")
        till.see("paid", total="3.50")
        await till.keys("F2")  # the drawer
        await till.keys("OK F2")
        till.see("notice", text="Not done")
        await till.keys("OK")
        till.see("idle")
        till.store.broken = {}
        await till.keys("F2")
        till.see("cart", total="2.50")

    day(story)


def test_a_drawer_that_cannot_be_accounted_for_stays_shut():
    async def story(till):
        await till.keys("MENU 8 5 MENU 8 5")
        till.see("notice", text="Drawer stays shut")
        assert till.drawer.kicks == 1

    on_a_full_disk("main", story)


def test_a_drawer_s_frame_in_doubt_costs_the_next_sale_nothing():
    async def story(till):
        till.store.broken = {"write main": ERROR, "create main": ERROR}
        await till.keys("MENU 8 5")
        till.see("notice", text="Drawer stays shut")
        till.store.broken = {}
        await till.keys("OK F1 CASH OK")
        till.see("paid", no="0001", total="3.50")
        assert not await till.records("no_sale") and len(await till.records("sale")) == 1

    day(story)


def test_a_drawer_s_frame_that_is_there_after_all_opens_the_drawer():
    async def story(till):
        till.store.broken = {"synced main": ERROR, "create main": FULL}
        await till.keys("MENU 8 5")
        till.see("idle")
        assert till.drawer.kicks == 1 and len(await till.records("no_sale")) == 1

    day(story)


def test_a_drawer_s_frame_that_nobody_can_read_is_said_and_found_with_the_next():
    async def story(till):
        till.store.broken = {"synced main": ERROR, "create main": FULL, "read main": ERROR}
        await till.keys("MENU 8 5")
        till.see("notice", text="Drawer stays shut")
        assert [note.s for note in till.screen.frame.notes] == ["The store failed", "Noted? Not known"]
        till.store.broken = {}
        await till.keys("OK MENU 8 5")
        till.see("idle")
        assert till.drawer.kicks == 1 and len(await till.records("no_sale")) == 2
        assert any("seq 1, no_sale, was in doubt: it is durable" in line for line in till.log.lines)

    day(story)


def test_after_a_slip_s_frame_in_doubt_the_next_slip_is_on_record():
    async def story(till):
        await till.keys("F1 CASH OK OK")
        till.store.broken = {"write main": ERROR, "create main": FULL, "read main": ERROR}
        await till.keys("PRINT")
        till.store.broken = {}
        await till.keys("PRINT")
        assert [record["copy"] for record in await till.records("print")] == [0, 1], "the frame of the first is not there"
        assert any("print, was in doubt: it is not there" in line for line in till.log.lines)

    day(story)


def test_a_failed_write_that_reads_as_absent_is_not_sold():
    async def story(till):
        await till.keys("F1 CASH")
        till.store.broken = {"write main": ERROR, "create main": ERROR}
        await till.keys("OK")
        till.see("notice", text="Not sold")
        await till.keys("OK")
        till.see("cart", total="3.50")
        till.store.broken = {}
        await till.keys("CASH OK")
        till.see("paid", no="0001")
        assert len(await till.records("sale")) == 1

    day(story)


def in_doubt(how, story):
    """A sale whose sync failed, on a store that cannot be read either until it is mended."""

    async def whole(till):
        await till.keys("F1 CASH")
        till.store.broken = {how: ERROR, "create main": ERROR, "read main": ERROR}
        await till.keys("OK")
        till.see("notice", text="IN DOUBT")
        await story(till)
        assert len(await till.records("sale")) == 1

    day(whole)


def test_doubt_is_settled_by_reading_before_anything_else():
    async def story(till):
        await till.keys("8 CASH")  # nothing else can be sold meanwhile
        till.see("notice", text="IN DOUBT")
        assert till.drawer.kicks == 0 and till.sound.tones[-1] == "doubt" and till.light.lit["alarm"]
        till.store.broken = {}
        await till.keys("OK")
        assert not till.light.lit["alarm"]
        till.see("paid", no="0001", total="3.50")
        assert till.drawer.kicks == 1

    in_doubt("synced main", story)


def test_doubt_may_end_as_not_sold():
    async def story(till):
        till.store.broken = {}
        await till.keys("OK")
        till.see("notice", text="Not sold")
        await till.keys("OK CASH OK")
        till.see("paid", no="0001", total="3.50")

    in_doubt("sync main", story)


def test_the_clock_runs_on_while_the_till_is_in_doubt():
    async def story(till):
        await vtime.sleep_ms(60_000)
        assert till.screen.frame.status.clock == "14:33"
        till.store.broken = {}
        await till.keys("OK")

    in_doubt("synced main", story)
