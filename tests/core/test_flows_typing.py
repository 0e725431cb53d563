"""What is typed on the way to a line, digit by digit: script.md, "Keys"."""

from tests.core.board import day


def test_digits_enter_from_the_right():
    async def story(till):
        for key, value in (("1", "0.01"), ("2", "0.12"), ("5", "1.25"), ("0", "12.50"), ("00", "1250.00")):
            await till.keys(key)
            till.see("amount", value=value, qty="1", total=value)

    day(story)


def test_eight_digits_at_most():
    async def story(till):
        await till.keys("1 2 3 4 5 6 7 00")
        till.see("amount", value="12345.67")
        assert till.refused()
        await till.keys("8 9")
        till.see("amount", value="123456.78")
        assert till.refused()

    day(story)


def test_back_takes_a_digit_and_hold_back_all():
    async def story(till):
        await till.keys("8 5 0 BACK")
        till.see("amount", value="0.85")
        await till.keys("BACK BACK")
        till.see("idle")
        await till.keys("8 5 0 hold:BACK")
        till.see("idle")
        await till.keys("2 TIMES 8 5 CANCEL")
        till.see("idle")

    day(story)


def test_a_point_stands_only_in_a_quantity():
    async def story(till):
        await till.keys("0 . 2 5")
        till.see("amount", value="0.00", qty="0.25")
        await till.keys("OK")
        assert till.refused()
        await till.keys("PLU")
        assert till.refused()
        await till.keys("CASH")
        assert till.refused()
        await till.keys("TIMES 1 00 0")
        till.see("amount", value="10.00", qty="0.25", total="2.50")
        await till.keys("OK")
        till.see("cart", total="2.50", lines="1")

    day(story)


def test_times_is_the_quantity_of_an_amount_an_item_a_favourite_and_a_scan():
    async def story(till):
        await till.keys("3 TIMES")
        till.see("amount", value="0.00", qty="3", total="0.00")
        assert [text.s for text in till.screen.frame.soft] == ["Coffee", "Bun", "Tea"]
        await till.keys("4 5 0")
        till.see("amount", value="4.50", qty="3", total="13.50")
        await till.keys("OK")
        till.see("cart", total="13.50")
        await till.keys("2 TIMES 1 3 PLU 2 TIMES F3 2 TIMES")
        await till.scan("5012345678900")
        till.see("cart", total="30.10", lines="4")

    day(story)


def test_times_with_nothing_or_nought_before_it_is_refused():
    async def story(till):
        await till.keys("TIMES")
        assert till.refused()
        await till.keys("0 TIMES")
        assert till.refused()
        till.see("amount", value="0.00")

    day(story)


def test_a_scan_over_typed_digits_is_refused_and_the_digits_stay():
    async def story(till):
        await till.keys("8 5")
        await till.scan("5012345678900")
        assert till.refused()
        till.see("amount", value="0.85")

    day(story)


def test_a_favourite_over_typed_digits_is_refused():
    async def story(till):
        await till.keys("8 5 F1")
        assert till.refused()
        till.see("amount", value="0.85")
        assert [text.s for text in till.screen.frame.soft] == ["", "", ""]

    day(story)


def test_nothing_and_too_much_are_refused():
    async def story(till):
        await till.keys("0 OK")
        till.see("refused", reason="zero")
        await till.keys("CANCEL CANCEL 9 9 TIMES 9 9 9 9 9 9 9 9 OK")
        till.see("refused", reason="too_big")
        await till.keys("OK")
        till.see("amount", value="999999.99")

    day(story)
