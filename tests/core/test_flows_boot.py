"""Boot, and what a power cut leaves behind."""

from tests.core import vtime
from tests.core.board import AT_S, Bench, day
from tests.core.sparse_store import SECTOR

MERCHANT = "profile/merchant.json"


def cut_after(kind, keys, store=None):
    """A day that ends right after the frame of a kind is durable, before anything else runs. Its store."""

    async def whole():
        till = await Bench(store=store).boot()

        async def never_back(prefix, sync, name):
            await sync(name)
            if name.startswith(prefix):
                await vtime.sleep_ms(1 << 28)

        sync = till.store.sync
        till.store.sync = lambda name: never_back(kind, sync, name)
        await till.keys(keys)
        till.store.sync = sync
        return till.store

    return vtime.run(whole())


def test_the_first_frame_is_boot():
    async def story(till):
        assert till.screen.ids == ["boot", "idle"]
        assert till.light.lit["ready"]

    day(story)


def test_an_open_cart_is_back_after_a_power_cut():
    async def first(till):
        await till.keys("2 TIMES 1 2 PLU 8 5 0 OK 9")

    async def second(till):
        till.see("cart", total="20.50", lines="2")
        await till.keys("BACK")
        till.see("cart", total="12.00", lines="1")

    day(second, store=day(first).store)


def test_a_part_paid_cart_is_back_with_its_leg():
    async def first(till):
        await till.keys("F1 2 00 CASH")
        till.see("tender", due="1.50")

    async def second(till):
        till.see("cart", total="3.50")
        await till.keys("OK")
        till.see("tender", due="1.50")

    day(second, store=day(first).store)


def test_a_durable_sale_whose_slip_was_not_done_is_recovered_and_its_cart_is_not():
    store = cut_after("main", "2 TIMES 1 2 PLU F1 CASH 2 0 00 OK")

    async def prints(till):
        till.see("recovered", no="0001", total="15.50", change="4.50")
        await till.keys("5")
        till.see("recovered")
        await till.keys("OK")
        till.see("idle")
        assert "TOTAL 15.50" in till.printer.lines
        assert len(await till.records("sale")) == 1
        await till.keys("F1 CASH OK")
        till.see("paid", no="0002")

    async def later(till):
        till.see("idle")

    day(later, store=day(prints, store=store).store)


def test_a_slip_can_be_skipped_for_good():
    store = cut_after("main", "F1 CASH OK")

    async def skips(till):
        await till.keys("CANCEL")
        till.see("idle")
        assert till.printer.lines == []
        assert [(r["no"], r["copy"], r["done"]) for r in await till.records("print")] == [(1, 0, False)]

    async def later(till):
        till.see("idle")

    day(later, store=day(skips, store=store).store)


def test_a_sale_that_was_not_durable_leaves_the_cart():
    async def first(till):
        await till.keys("F1 CASH")
        till.store.sync = stuck
        await till.keys("OK")
        till.see("cash")

    async def stuck(name):
        await vtime.sleep_ms(1 << 28)

    async def second(till):
        till.see("cart", total="3.50")
        assert await till.records("sale") == []

    bench = day(first)
    del bench.store.sync
    day(second, store=bench.store)


def test_an_untrusted_clock_is_asked_about_first():
    async def ok(till):
        till.see("clock_check", time="2026-11-21 14:32")
        assert till.screen.frame.status.clock == "--:--"
        await till.keys("OK")
        till.see("idle")
        assert till.clock.trusted() and till.screen.frame.status.clock == "14:32"

    async def typed(till):
        await till.keys("2 0 2 6 1 3")
        till.see("clock_check", time="2026-13-__ __:__")
        await till.keys("OK")
        assert till.refused() and till.screen.frame.notes[0].s == "Not a time"
        await till.keys("BACK 2 0 1 0 9 0 5 6")
        assert till.refused()
        till.see("clock_check", time="2026-12-01 09:05")
        await till.keys("OK F1 CASH OK")
        sale = (await till.records("sale"))[0]
        assert sale["trusted"] and sale["at"] - 1796115900 in (1, 2)

    day(ok, trusted=False)
    day(typed, trusted=False)


def test_a_clock_that_fell_behind_the_last_sale_starts_there():
    async def sells(till):
        await till.keys("F1 CASH OK OK")

    async def later(till):
        till.see("clock_check", time="2026-11-21 14:32")

    day(later, store=day(sells).store, trusted=False, at_s=AT_S - 86400)


def test_a_wrong_profile_stops_the_boot_and_says_where():
    async def story(till):
        till.see("fault", file="profile/merchant.json", key="first_no")
        assert any("profile/merchant.json: first_no: must be" in line for line in till.log.lines)
        await till.keys("OK 8 5 0")
        till.see("fault")

    day(story, changed={MERCHANT: {"first_no": 0}})


def test_a_file_that_does_not_parse_stops_the_boot():
    async def story(till):
        till.see("fault", file="text/zh.json", key="")

    day(story, changed={"text/zh.json": "{"})


def test_a_wrong_row_of_the_catalogue_stops_nothing():
    async def story(till):
        await till.keys("1 1 PLU")
        till.see("cart", total="3.50")
        assert any("row 2" in line for line in till.log.lines)

    rows = [{"code": "11", "name": {"en": "Coffee"}, "price": "3.50", "rate": "standard"}, {"code": "1 2"}]
    day(story, changed={"profile/catalogue.json": {"items": rows}})


def test_a_damaged_journal_stops_the_boot():
    async def sells(till):
        await till.keys("F1 CASH OK OK F1 CASH OK OK")

    async def later(till):
        till.see("fault", file="journal")

    store = day(sells).store
    store.flip("main-00000001.seg", 2 * SECTOR + 60)  # in the middle, with sound frames after it
    day(later, store=store)


def test_a_task_that_dies_ends_the_till_by_name():
    async def whole():
        till = await Bench().boot()

        async def broken(frame):
            raise ValueError("no panel")

        till.screen.show = broken
        await till.keys("5")
        return till

    till = vtime.run(whole())
    assert isinstance(till.died, ValueError)
    assert any("the task selling died" in line for line in till.log.lines)
