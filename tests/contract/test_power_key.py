"""The contract of the power key: what counts as a press at the far end of its GPIO line, on gpiozero's mock pins; and the
same on a line of a gpiochip, whose kernel is played here: no kernel but a Pi's has such a chip."""

import asyncio
import errno
import os
import socket
import threading

import pytest
from gpiozero.pins.mock import MockFactory

from hal import gpio_edges, gpio_lines
from hal.board_file import Pins
from hal.power import Battery
from hal.power_key import PowerKey
from sim.chips.gpio import GpioChip
from tests.contract.wires import Notes, run, wait_ms

PINS = Pins(17, 18, {}, 9)


def pressed(story, down=False):
    """How often the till was asked to stop, in a story of chip and log. down: a finger is on the key as the till starts."""
    presses = []

    async def main():
        chip, log = GpioChip(PINS), Notes()
        if down:
            chip.power_key(True)
        key = PowerKey(chip.factory, PINS.power_key, lambda: presses.append(1), log)
        await story(chip, log)
        key.close()

    run(main())
    return len(presses)


async def press(chip, ms):
    chip.power_key(True)
    await wait_ms(ms)
    chip.power_key(False)
    await wait_ms(100)


def test_a_press_counts_once_and_as_the_key_comes_up():
    async def story(chip, log):
        chip.power_key(True)
        await wait_ms(1000)
        counts.append(log.lines)
        chip.power_key(False)
        await wait_ms(100)

    counts = []
    assert pressed(story) == 1

    async def only_down(chip, log):
        chip.power_key(True)
        await wait_ms(4000)

    assert pressed(only_down) == 0


@pytest.mark.parametrize("gap_ms", [1, 5, 20, 49])
def test_contacts_that_bounce_are_one_press(gap_ms):
    async def story(chip, log):
        for down in (True, False, True, False, True):
            chip.power_key(down)
            await wait_ms(gap_ms)
        await wait_ms(200)
        for down in (False, True, False, True, False):
            chip.power_key(down)
            await wait_ms(gap_ms)
        await wait_ms(200)

    assert pressed(story) == 1


def test_a_spike_is_no_press():
    async def story(chip, log):
        for _ in range(50):
            await press(chip, 30)

    assert pressed(story) == 0


@pytest.mark.parametrize(("ms", "times"), [(4900, 1), (5000, 0), (60_000, 0)])
def test_held_for_five_seconds_it_is_the_hardware_s_own(ms, times):
    async def story(chip, log):
        await press(chip, ms)
        assert any("which is no press" in line for line in log.lines) == (not times)

    assert pressed(story) == times


def test_the_press_that_started_the_till_does_not_stop_it():
    async def story(chip, log):
        await wait_ms(500)
        chip.power_key(False)
        await wait_ms(500)

    assert pressed(story, down=True) == 0

    async def again(chip, log):
        await story(chip, log)
        await press(chip, 200)

    assert pressed(again, down=True) == 1


def test_an_edge_may_come_from_any_thread():
    async def story(chip, log):
        for down in (True, False):
            finger = threading.Thread(target=chip.power_key, args=(down,))
            finger.start()
            finger.join()
            await wait_ms(200)

    assert pressed(story) == 1


def test_nothing_starts_a_thread_or_waits_on_a_timer_while_nobody_presses():
    async def story(chip, log):
        loop = asyncio.get_running_loop()
        before, timers = threading.active_count(), len(loop._scheduled)
        key = PowerKey(chip.factory, 10, lambda: None, log)
        await wait_ms(1000)
        assert threading.active_count() == before and len(loop._scheduled) == timers
        key.close()

    pressed(story)


def test_a_key_that_was_closed_moves_nothing():
    async def story(chip, log):
        key = PowerKey(chip.factory, 10, lambda: pytest.fail("it was closed"), log)
        line = chip.factory.pin(10)
        line.drive_low()
        key.close()
        line.drive_high()
        await wait_ms(500)
        PowerKey(chip.factory, 10, lambda: None, log).close()

    pressed(story)


def test_the_gauge_says_that_the_key_was_pressed():
    async def story():
        gauge = Battery()
        told = asyncio.create_task(gauge.ends())
        await wait_ms(1)
        assert not told.done()
        gauge.press()
        assert await told == gauge.KEY

    run(story())


# -- on a gpiochip


class Chip:
    """The kernel's side: one line, its level, and the descriptor on which its edges come."""

    def __init__(self):
        self.user, self.events = socket.socketpair()
        self.high, self.asked, self.busy = True, None, False

    def ioctl(self, node, number, data):
        if number == gpio_lines.GET_LINE:
            if self.busy:
                raise OSError(errno.EBUSY, "Device or resource busy")
            self.asked = gpio_lines.REQUEST.unpack(data)
            data[-4:] = self.user.detach().to_bytes(4, "little")
        elif number == gpio_edges.GET_VALUES:
            data[:8] = int(self.high).to_bytes(8, "little")
        else:
            raise OSError(errno.ENOTTY, "Inappropriate ioctl for device")

    def moves(self, *levels):
        """So many edges at once."""
        self.high = levels[-1]
        self.events.send(bytes(gpio_edges.EVENT_BYTES * len(levels)))


@pytest.fixture
def chip(tmp_path, monkeypatch):
    (tmp_path / "gpiochip0").touch()
    chip = Chip()
    monkeypatch.setattr(gpio_lines, "CHIP", str(tmp_path / "gpiochip{}"))
    monkeypatch.setattr(gpio_lines.fcntl, "ioctl", chip.ioctl)
    yield chip
    chip.events.close()
    chip.user.close()


def header():
    factory = MockFactory()
    factory.chip = 0  # as LGPIOFactory says which gpiochip it is on
    return factory


def test_on_a_gpiochip_the_kernel_tells_each_edge_and_nobody_looks(chip):
    presses = []

    async def story():
        before = threading.active_count()
        key = PowerKey(header(), 9, lambda: presses.append(1), Notes())
        number, user, flags, lines, _, _ = chip.asked
        assert (number, user, lines) == (9, b"barrow" + bytes(26), 1)
        assert flags == gpio_edges.INPUT | gpio_edges.RISING | gpio_edges.FALLING | gpio_edges.PULL_UP
        chip.moves(False, True, False)  # it bounces
        await wait_ms(200)
        chip.moves(True, False, True)
        await wait_ms(200)
        assert presses == [1] and threading.active_count() == before
        key.close()
        assert chip.events.recv(1) == b"", "the line is free"

    run(story())


def test_a_line_that_is_another_s_is_an_oserror_and_nothing_stays_open(chip):
    async def story():
        before = os.listdir("/dev/fd")
        chip.busy = True
        with pytest.raises(OSError, match="busy"):
            PowerKey(header(), 9, lambda: None, Notes())
        assert os.listdir("/dev/fd") == before

    run(story())
