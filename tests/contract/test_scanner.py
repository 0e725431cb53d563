"""The contract of a scanner that types: a label read is one Scan of printable characters; everything else is nothing."""

import asyncio
import random

import pytest

from hal.labels import Style
from hal.layouts import TAB
from hal.ports.keys import SCAN_MAX
from hal.scanner import HidScanner
from sim.chips.keyboard import EV_KEY
from tests.contract.nodes import scanner_chip
from tests.contract.wires import Notes, clock, run, wait_ms

A, CTRL, M, ENTER = 30, 29, 50, 28


def reading(story, style=None):
    """Run a story at a scanner, in virtual time; it gets the chip and the list of texts that came through."""

    async def main():
        chip, texts = scanner_chip(asyncio.get_running_loop()), []
        scanner = HidScanner(chip, clock(), Notes(), style)
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
        chip.stroke(A, 0)
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
        chip.stroke(A, 0)
        await wait_ms(1)
        chip.stamp = lambda: chip.loop.time() + 3600  # NTP sets the wall clock, by which the kernel stamps
        chip.stroke(A, 0)
        chip.stroke(ENTER, 0)
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
        chip.stroke(A, 0)
        chip.edge(CTRL, True)
        for code in (M, A, 27):  # CR, SOH and GS, as scanners type them
            chip.stroke(code, 0)
        chip.edge(CTRL, False)
        chip.stroke(A, 0)
        chip.stroke(ENTER, 0)
        await wait_ms(100)
        assert texts == ["aa"]

    reading(story)


def test_a_long_label_is_cut_and_an_empty_one_is_nothing():
    async def story(chip, texts):
        chip.stroke(ENTER, 0)
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
            chip.stroke(A, 0)
        chip.stroke(ENTER, 0)
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


BRACKET = 27  # with Ctrl: GS, which ends a field of a GS1 code


def sold(style, labels, **knobs):
    """What comes through of some labels, half a second apart."""
    found = []

    async def story(chip, texts):
        for name, value in knobs.items():
            setattr(chip, name, value)
        for label in labels:
            chip.scan(label)
            await wait_ms(1000)
        found.extend(texts)

    reading(story, style)
    return found


@pytest.mark.parametrize(
    ("layout", "text"),
    [
        ("us", "yz YZ-_@#'\"\\|`~^"),
        ("uk", "yz YZ-_@#'\"\\|`~^£¬€"),
        ("de", "yz YZ-_@#'\"\\|`~^ß äöüÄÖÜ§°²³{[]}€µ<>´+*"),
    ],
)
def test_a_scanner_types_on_the_keyboard_it_is_set_to(layout, text):
    assert sold(Style(layout), [text, "https://Brw.io/P/7K3F?q=1&x=%20"], layout=layout) == [
        text,
        "https://Brw.io/P/7K3F?q=1&x=%20",
    ]


def test_a_scanner_set_to_another_keyboard_reads_wrong_which_is_why_it_can_be_said():
    assert sold(Style("us"), ["ZY-1"], layout="de") == ["YZ/1"]


def test_what_the_scanner_adds_is_taken_off_and_half_a_code_is_none():
    style = Style(prefix="<<", suffix="#")
    assert sold(style, ["<<BRW-42#", "<<", "BRW-42#", "<<BRW-42", "<<#", "<<7#"]) == ["BRW-42", "7"]


def test_a_scanner_without_enter_ends_a_code_by_silence():
    assert sold(Style(pause_ends=True), ["5012345678900", "BRW-42"], suffix=0) == ["5012345678900", "BRW-42"]
    assert sold(Style(), ["5012345678900", "BRW-42"], suffix=0) == [], "and where Enter was promised, none is a half"


@pytest.mark.parametrize(
    ("sent", "means"),
    [
        ("]E05012345678900", ["5012345678900"]),
        ("]E05012345678901", []),  # a digit was misread
        ("]E496385074", ["96385074"]),
        ("]E0012345678905", ["012345678905"]),  # UPC-A
        ("]E3977147396801242", ["9771473968012"]),  # a magazine with its issue
        ("]C00012345", ["0012345"]),
        ("]C10105012345678900" + "10AB-7", ["5012345678900"]),
        ("]C10115012345678907" + "17261231", ["15012345678907"]),  # a case of them is another item
        ("]e00105012345678900", ["5012345678900"]),
        ("]d2" + "10AB-7", ["10AB-7"]),  # no item in it
        ("]Q3010501234567890021SER", ["5012345678900"]),
        ("]Q1https://Brw.io/P/7", ["https://Brw.io/P/7"]),
        ("]Q10105012345678900", ["0105012345678900"]),  # plain QR: nobody said GS1
        ("]x", ["]x"]),
    ],
)
def test_an_aim_identifier_is_used_and_taken_off(sent, means):
    assert sold(Style(), [sent]) == means


def test_an_aim_identifier_stands_inside_what_the_scanner_adds():
    assert sold(Style(prefix="<<", suffix="#"), ["<<]E05012345678900#"]) == ["5012345678900"]


def test_a_field_s_end_inside_a_gs1_code_is_no_character():
    async def story(chip, texts):
        for code, held in chip.strokes("]C10105012345678900"):
            chip.stroke(code, held)
        chip.stroke(BRACKET, CTRL)
        for code, held in chip.strokes("21X"):
            chip.stroke(code, held)
        chip.stroke(ENTER, 0)
        await wait_ms(50)
        assert texts == ["5012345678900"]

    reading(story)
