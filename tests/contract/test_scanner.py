"""The scanner's contract: a label read is one Scan of printable characters; everything else is nothing."""

import asyncio
import random

from hal.layouts import TAB
from hal.ports.keys import SCAN_MAX
from hal.scanner import HidScanner
from sim.chips.keyboard import EV_KEY
from tests.contract.nodes import scanner_chip
from tests.contract.wires import Notes, clock, run, wait_ms

A, CTRL, M, ENTER = 30, 29, 50, 28


def reading(story):
    """Run a story at a scanner, in virtual time; it gets the chip and the list of texts that came through."""

    async def main():
        chip, texts = scanner_chip(asyncio.get_running_loop()), []
        scanner = HidScanner(chip, clock(), Notes())
        scanner.start(lambda scan: texts.append(scan.text))
        await story(chip, texts)
        scanner.stop()
        chip.close()

    run(main())


def test_a_label_comes_through_as_it_is_printed():
    labels = ["5012345678900", "BRW-42", "https://Brw.io/P/7K3F?q=1&x=%20", "a B~!@#$%^&*()_+|{}:\"<>?`-=[];',./\\"]

    async def story(chip, texts):
        for label in labels:
            chip.scan(label)
            await wait_ms(500)
        assert texts == labels

    reading(story)


def test_tab_ends_a_label_too():
    async def story(chip, texts):
        chip.suffix = TAB
        chip.scan("12")
        await wait_ms(100)
        assert texts == ["12"]

    reading(story)


def test_a_pause_drops_what_came_before_it():
    async def story(chip, texts):
        chip.stroke(A, False)
        await wait_ms(150)
        chip.scan("77")
        await wait_ms(100)
        assert texts == ["77"]

    reading(story)


def test_a_slow_scanner_is_still_a_scanner():
    async def story(chip, texts):
        chip.pace_ms = 90
        chip.scan("5012345678900")
        await wait_ms(2000)
        assert texts == ["5012345678900"]

    reading(story)


def test_a_clock_that_is_set_during_a_scan_does_not_cut_it():
    async def story(chip, texts):
        chip.stroke(A, False)
        await wait_ms(1)
        chip.stamp = lambda: chip.loop.time() + 3600  # NTP sets the wall clock, by which the kernel stamps
        chip.stroke(A, False)
        chip.stroke(ENTER, False)
        await wait_ms(1)
        assert texts == ["aa"]

    reading(story)


def test_the_same_label_within_400_ms_is_one_scan_and_later_two():
    async def story(chip, texts):
        for _ in range(2):
            chip.scan("111")
            await wait_ms(200)
        assert texts == ["111"]
        await wait_ms(300)
        chip.scan("111")
        chip.loop.call_later(0.1, chip.scan, "222")
        await wait_ms(200)
        assert texts == ["111", "111", "222"]

    reading(story)


def test_the_aim_prefix_is_taken_off():
    async def story(chip, texts):
        chip.prefix = "]E0"
        chip.scan("5012345678900")
        await wait_ms(100)
        chip.scan("")  # a prefix and nothing else is no code
        await wait_ms(500)
        assert texts == ["5012345678900"]

    reading(story)


def test_a_scanned_control_code_never_comes_through():
    async def story(chip, texts):
        chip.stroke(A, False)
        chip.edge(CTRL, True)
        for code in (M, A, 27):  # CR, SOH and GS, as scanners type them
            chip.stroke(code, False)
        chip.edge(CTRL, False)
        chip.stroke(A, False)
        chip.stroke(ENTER, False)
        await wait_ms(100)
        assert texts == ["aa"]

    reading(story)


def test_a_long_label_is_cut_and_an_empty_one_is_nothing():
    async def story(chip, texts):
        chip.stroke(ENTER, False)
        chip.scan("7" * 500)
        await wait_ms(600)
        assert texts == ["7" * SCAN_MAX]

    reading(story)


def test_pulled_out_in_the_middle_it_forgets_the_half():
    async def story(chip, texts):
        chip.scan("5012345678900")
        await wait_ms(5)
        chip.unplug()
        await wait_ms(50)
        chip.plug()
        await wait_ms(1500)
        chip.scan("33")
        await wait_ms(100)
        assert texts == ["33"]

    reading(story)


def test_a_label_typed_into_a_till_that_is_busy_is_whole_or_nothing():
    async def story(chip, texts):
        for _ in range(1000):
            chip.stroke(A, False)
        chip.stroke(ENTER, False)
        await wait_ms(10)
        chip.scan("44")
        await wait_ms(100)
        assert texts == ["44"]

    reading(story)


def test_a_hostile_keyboard_gives_only_short_printable_texts():
    dice = random.Random(1)

    async def story(chip, texts):
        for _ in range(3000):
            chip.emit(dice.choice((0, EV_KEY, EV_KEY, EV_KEY, 4)), dice.randrange(130), dice.choice((0, 1, 1, 2, -5)))
            if dice.randrange(30) == 0:
                await wait_ms(dice.randrange(200))
        await wait_ms(1000)
        assert texts, "something must have come through, or this proves nothing"
        assert all(text.isprintable() and 1 <= len(text) <= SCAN_MAX for text in texts)

    reading(story)
