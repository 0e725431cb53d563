"""After a sale is durable: the change, the drawer, the slip, and the next customer."""

from tests.core.board import day

MERCHANT = "profile/merchant.json"


def test_the_sale_is_durable_before_paid_shows_and_the_drawer_opens():
    async def story(till):
        await till.keys("F1 CASH")
        seen = []
        till.store.after_sync = lambda name: seen.append((name[:4], till.screen.frame.id, till.drawer.kicks))
        await till.keys("OK")
        assert seen[0] == ("main", "cash", 0)

    day(story)


def test_on_paid_the_soft_keys_are_receipt_drawer_next():
    async def story(till):
        await till.keys("F1 CASH OK F2")
        assert till.drawer.kicks == 2
        till.see("paid")
        await till.keys("F1")
        till.see("paid")
        assert len([line for line in till.printer.lines if line.startswith("TOTAL")]) == 2
        assert [(r["copy"], r["done"]) for r in await till.records("print")] == [(0, True), (1, True)]
        await till.keys("PRINT F3")
        till.see("idle")
        assert len(await till.records("print")) == 3

    day(story)


def test_from_paid_the_next_sale_begins_and_its_first_key_counts():
    async def story(till):
        await till.keys("F1 CASH OK 2")
        till.see("amount", value="0.02")
        await till.keys("TIMES F1 CASH OK PLU 1 2 PLU")
        till.see("item", name="Dumplings")
        await till.keys("OK CASH OK")
        await till.scan("5012345678900")
        till.see("cart", total="3.80", lines="1")
        await till.keys("CASH OK TIMES")
        till.see("idle")
        assert till.refused()

    day(story)


def test_from_paid_ok_back_and_cancel_go_to_idle():
    async def story(till):
        for key in ("OK", "BACK", "CANCEL"):
            await till.keys("F1 CASH OK " + key)
            till.see("idle")

    day(story)


def test_paid_stands_until_a_key():
    async def story(till):
        await till.keys("F1 CASH OK")
        await till.keys("OK", pace_ms=3600_000)
        till.see("idle")

    day(story)


def test_a_shop_that_asks_and_a_shop_that_never_prints():
    async def asks(till):
        await till.keys("F1 CASH OK OK")
        till.see("receipt", no="0001")
        await till.keys("2")
        till.see("idle")
        assert till.printer.lines == []
        await till.keys("F1 CASH OK OK 1")
        assert till.printer.lines.count("TOTAL 3.50") == 1
        await till.keys("F1 CASH OK F1 OK")  # who asked is not asked
        till.see("idle")
        assert till.printer.lines.count("TOTAL 3.50") == 2

    async def never(till):
        await till.keys("F1 CASH OK OK")
        till.see("idle")
        assert till.printer.lines == []
        await till.keys("F1 CASH OK PRINT")
        assert "TOTAL 3.50" in till.printer.lines

    day(asks, changed={MERCHANT: {"receipt": "ask"}})
    day(never, changed={MERCHANT: {"receipt": "never"}})
