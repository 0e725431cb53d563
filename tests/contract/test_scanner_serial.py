"""The contract of a scanner at a serial line: as that of one that types (test_scanner.py), and its cable comes and goes."""

import asyncio
import random
import socket

import pytest

from hal.labels import Style
from hal.ports.keys import SCAN_MAX
from hal.scanner import SerialScanner
from hal.serial_port import Port
from sim.chips.scanner_serial import SerialScannerChip
from tests.contract.cables import SCANNER, cable
from tests.contract.wires import Notes, clock, run, wait_ms


def listening(story, style=None, plugged=None):
    """Run story(gun, texts, log) at a serial scanner."""

    async def main():
        gun, texts, log = SerialScannerChip(asyncio.get_running_loop()), [], Notes()
        gun.pace_ms = 0
        gun.cable = cable(gun, SCANNER, 9600)
        scanner = SerialScanner(Port(None, reopen=gun.cable.open), SCANNER, clock(), log, style, plugged)
        scanner.start(lambda scan: texts.append(scan.text))
        await wait_ms(10)
        await story(gun, texts, log)
        scanner.stop()
        gun.unplug()
        gun.cable.close()

    run(main())


@pytest.mark.parametrize("end", [b"\r\n", b"\r", b"\n", b"\t"])
def test_a_serial_scanner_ends_a_code_as_it_is_set_to(end):
    async def story(gun, texts, log):
        for label in (b"]E05012345678900", "Käse €".encode(), "Käse".encode("latin-1")):
            gun.say(label + end)
            await wait_ms(500)
        assert texts == ["5012345678900", "Käse €", "Käse"]

    listening(story)


def test_a_serial_scanner_sends_what_it_reads_and_pulled_out_midway_it_leaves_no_half():
    async def story(gun, texts, log):
        gun.pace_ms, gun.prefix = 1, "]E0"
        for pulled_ms in (0, 1, 9, 15):  # of 18 bytes, the last two its end
            gun.scan("5012345678900")
            await wait_ms(500)
            assert texts.pop() == "5012345678900" and not texts
            gun.scan("5012345678900")
            await wait_ms(pulled_ms)
            gun.cable.unplug()
            await wait_ms(500)
            gun.cable.plug()
            await wait_ms(1000)
            assert not texts

    listening(story)


def test_a_code_that_comes_in_pieces_is_one_and_half_a_code_is_none():
    async def story(gun, texts, log):
        for piece in (b"BRW", b"-4", b"2\r"):
            gun.say(piece)
            await wait_ms(50)
        gun.say(b"77")
        await wait_ms(200)
        gun.say(b"88\r")
        await wait_ms(50)
        assert texts == ["BRW-42", "88"]

    listening(story)


def test_a_serial_scanner_without_an_ending_ends_a_code_by_silence():
    async def story(gun, texts, log):
        gun.say(b"BRW-42")
        await wait_ms(200)
        assert texts == ["BRW-42"]

    listening(story, Style(pause_ends=True))


def test_a_serial_scanner_is_pulled_out_in_the_middle_and_comes_back():
    async def story(gun, texts, log):
        gun.say(b"501234")
        await wait_ms(10)
        gun.cable.unplug()
        await wait_ms(5000)
        gun.cable.plug()
        await wait_ms(1000)
        gun.say(b"33\r")
        await wait_ms(50)
        assert texts == ["33"]
        assert sum("is not there" in line for line in log.lines) == 1 and "key /dev/ttyACM0 is back" in log.lines

    listening(story)


def test_a_serial_scanner_that_nothing_is_read_with_is_found_as_soon_after_the_fortieth_pull():
    async def story(gun, texts, log):
        for count in range(1, 41):
            gun.cable.unplug()
            await wait_ms(1500)
            gun.cable.plug()
            await wait_ms(2000)
            assert log.lines.count("key /dev/ttyACM0 is back") == count
        gun.say(b"33\r")
        await wait_ms(50)
        assert texts == ["33"]

    listening(story)


def test_a_port_that_hangs_up_as_soon_as_it_is_open_is_tried_less_and_less():
    opened = []

    async def main():
        def falls():
            opened.append(asyncio.get_running_loop().time())
            near, far = socket.socketpair()
            far.close()
            return near

        log = Notes()
        scanner = SerialScanner(Port(None, reopen=falls), "it", clock(), log)
        scanner.start(lambda scan: None)
        await wait_ms(3_600_000)
        scanner.stop()
        assert len(opened) < 100 and len(log.lines) < 200

    run(main())


@pytest.mark.parametrize(("told", "back_s"), [(False, 60), (True, 1)])
def test_a_serial_scanner_that_was_away_for_long_is_back_as_soon_as_the_kernel_tells(told, back_s):
    news = []

    async def plugged():
        news.append(asyncio.Event())
        await news[-1].wait()

    async def story(gun, texts, log):
        gun.cable.unplug()
        await wait_ms(3_600_000)
        assert 50 < len(news) < 61, "once a minute, or the machine is woken for nothing"
        gun.cable.plug()
        if told:
            news[-1].set()
        await wait_ms(back_s * 1000)
        gun.say(b"33\r")
        await wait_ms(50)
        assert texts == ["33"]

    listening(story, plugged=plugged)


def test_a_hostile_serial_scanner_gives_only_short_printable_texts():
    dice = random.Random(2)

    async def story(gun, texts, log):
        for _ in range(300):
            gun.say(dice.randbytes(dice.randrange(1, 60)))
            gun.say(b"7" * dice.randrange(2000) + b"\r" * dice.randrange(2))
            await wait_ms(dice.choice((1, 1, 1, 150)))
        await wait_ms(1000)
        assert texts and all(text.isprintable() and 1 <= len(text) <= SCAN_MAX for text in texts)

    listening(story)
