"""The contract of the power key: what counts as a press at the far end of its GPIO line, on gpiozero's mock pins."""

import asyncio
import threading

import pytest

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
