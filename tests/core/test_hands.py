"""Presses, holds and fast fingers, at the pace of hands and faster."""

from tests.core import vtime
from tests.core.board import day


def test_a_hold_acts_at_800_ms_while_the_key_is_still_down():
    async def story(till):
        await till.keys("8 5 0")
        till.edge("BACK", True)
        await vtime.sleep_ms(790)
        till.see("amount", value="8.50")
        await vtime.sleep_ms(20)
        till.see("idle")
        till.edge("BACK", False)
        await vtime.sleep_ms(500)
        till.see("idle")
        assert not till.refused()

    day(story)


def test_a_key_with_a_hold_meaning_acts_when_it_is_let_go():
    async def story(till):
        await till.keys("8 5 0")
        till.edge("BACK", True)
        await vtime.sleep_ms(700)
        till.see("amount", value="8.50")
        till.edge("BACK", False)
        await vtime.sleep_ms(10)
        till.see("amount", value="0.85")

    day(story)


def test_any_other_key_acts_when_it_goes_down():
    async def story(till):
        till.edge("8", True)
        await vtime.sleep_ms(10)
        till.see("amount", value="0.08")
        await vtime.sleep_ms(5000)
        till.edge("8", False)
        await vtime.sleep_ms(10)
        till.see("amount", value="0.08")

    day(story)


def test_the_next_key_decides_one_that_is_still_down():
    async def story(till):
        await till.keys("F1")
        till.edge("OK", True)
        await vtime.sleep_ms(50)
        till.edge("CASH", True)
        await vtime.sleep_ms(10)
        till.see("cash", due="3.50")
        till.edge("OK", False)
        till.edge("CASH", False)
        await vtime.sleep_ms(10)
        till.see("cash", due="3.50")

    day(story)


def test_a_scan_decides_a_key_that_is_still_down():
    async def story(till):
        await till.keys("8")
        till.edge("BACK", True)
        await till.scan("5012345678900")
        till.see("cart", total="3.80")

    day(story)


def test_a_key_that_acted_at_its_press_does_not_act_again_where_it_has_a_hold_meaning():
    async def story(till):
        await till.keys("8 5 0")
        till.edge("OK", True)  # amount: acts at once and shows the cart, where OK is tender when let go
        await vtime.sleep_ms(2000)
        till.edge("OK", False)
        await vtime.sleep_ms(10)
        till.see("cart", total="8.50")

    day(story)


def test_keys_in_one_burst_all_count():
    async def story(till):
        for key in ("2", "TIMES", "1", "2", "PLU", "F1", "1", "1", "BACK", "0", "00", "CASH"):
            till.edge(key, True)
            till.edge(key, False)
        await vtime.sleep_ms(500)
        till.see("tender", due="5.50")

    day(story)


def test_a_slow_store_makes_no_hold_of_a_press():
    async def story(till):
        await till.keys("8 5 0")

        till.store.sync, fast = slow_sync(till.store.sync, 3000), till.store.sync
        till.edge("OK", True)
        till.edge("OK", False)
        await vtime.sleep_ms(100)
        till.edge("OK", True)  # on the cart it is tender, and a hold would park it
        await vtime.sleep_ms(60)
        till.edge("OK", False)
        await vtime.sleep_ms(3500)
        till.store.sync = fast
        till.see("tender", due="8.50")

    day(story)


def slow_sync(sync, ms):
    """A store whose sync takes its time."""

    async def slowly(name):
        await vtime.sleep_ms(ms)
        await sync(name)

    return slowly


def test_a_refused_key_sounds_after_its_click():
    async def story(till):
        await till.keys("OK")
        assert till.sound.tones == ["key", "error"]

    day(story)


def test_the_clock_moves_by_itself_once_a_minute():
    async def story(till):
        shown = []
        show = till.screen.show

        async def counted(frame):
            shown.append(frame.status.clock)
            await show(frame)

        till.screen.show = counted
        await vtime.sleep_ms(180_000)
        assert shown == ["14:33", "14:34", "14:35"]

    day(story)


def test_the_link_shows_at_once():
    async def story(till):
        till.link.raise_line()
        await vtime.sleep_ms(10)
        till.see("idle", link="wifi", offline="yes")

    day(story)
