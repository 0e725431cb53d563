"""The contract of drawer, buzzer and lamps: what moves, sounds and glows at the far end of the GPIO lines."""

import asyncio
import threading

import pytest

from hal.board_file import Pins
from hal.gpio import Buzzer, Lamps, SolenoidDrawer, ThreadPwm
from hal.ports.board import Light, Sound
from sim.chips.gpio import GpioChip, Wire
from tests.contract.wires import Notes, run, wait_ms

PINS = Pins(17, 18, {"ready": 22, "link": 23})


def soldered(story):
    """Run a story with a chip and the three drivers on it, in virtual time."""

    async def main():
        chip, later = GpioChip(PINS), asyncio.get_running_loop().call_later
        drawer = SolenoidDrawer(chip.factory, PINS.drawer, later, Notes())
        buzzer = Buzzer(ThreadPwm(chip.factory, PINS.buzzer), later)
        lamps = Lamps(chip.factory, PINS.lamps, Notes())
        await story(chip, drawer, buzzer, lamps)
        for device in (drawer, buzzer, lamps):
            device.close()

    run(main())


def test_a_kick_is_one_pulse_of_100_ms():
    async def story(chip, drawer, buzzer, lamps):
        pin = chip.factory.pin(PINS.drawer)
        drawer.kick()
        await wait_ms(99)
        assert chip.kicks == 1 and pin.state
        await wait_ms(2)
        assert not pin.state
        drawer.kick()
        assert chip.kicks == 2

    soldered(story)


def test_kicks_without_end_never_hold_the_solenoid():
    async def story(chip, drawer, buzzer, lamps):
        pin, longest, since = chip.factory.pin(PINS.drawer), 0, 0
        for ms in range(1000):
            drawer.kick()
            if not pin.state:
                since = ms
            longest = max(longest, ms - since)
            await wait_ms(1)
            if not pin.state:
                since = ms
        assert longest <= 101

    soldered(story)


@pytest.mark.parametrize("name", [Sound.KEY, Sound.DONE, Sound.ERROR, Sound.DOUBT])
def test_every_tone_ends_by_itself(name):
    async def story(chip, drawer, buzzer, lamps):
        pin = chip.factory.pin(PINS.buzzer)
        assert pin.frequency is None, "no PWM while it is silent"
        buzzer.tone(name)
        assert chip.hertz > 0
        await wait_ms(1000)
        assert chip.hertz == 0 and pin.frequency is None and not pin.state

    soldered(story)


def test_tones_can_be_told_apart():
    async def story(chip, drawer, buzzer, lamps):
        played = {}
        for name in (Sound.KEY, Sound.DONE, Sound.ERROR, Sound.DOUBT):
            chip.tones.clear()
            buzzer.tone(name)
            await wait_ms(1000)
            played[name] = list(chip.tones)
        assert len(played[Sound.KEY]) == 1
        assert played[Sound.DONE] == sorted(played[Sound.DONE]) and len(played[Sound.DONE]) == 2
        assert len(played[Sound.ERROR]) == 3 and max(played[Sound.ERROR]) < min(played[Sound.DONE])
        assert played[Sound.DOUBT] == sorted(played[Sound.DOUBT], reverse=True)

    soldered(story)


def test_a_new_tone_ends_the_one_before():
    async def story(chip, drawer, buzzer, lamps):
        buzzer.tone(Sound.ERROR)
        await wait_ms(30)
        chip.tones.clear()
        buzzer.tone(Sound.KEY)
        await wait_ms(1000)
        assert chip.tones == [2400]

    soldered(story)


def test_lamps_glow_and_one_that_is_not_built_in_is_no_fault():
    async def story(chip, drawer, buzzer, lamps):
        for name in Light.LAMPS:
            lamps.set(name, True)
        assert chip.lamps == {"ready": True, "link": True}
        lamps.set("ready", False)
        assert chip.lamps == {"ready": False, "link": True}

    soldered(story)


def test_nothing_starts_a_thread():
    async def story(chip, drawer, buzzer, lamps):
        before = threading.active_count()
        drawer.kick()
        buzzer.tone(Sound.ERROR)
        lamps.set("ready", True)
        await wait_ms(50)
        assert threading.active_count() == before

    soldered(story)


def test_without_power_it_is_silent_and_dark_and_the_dead_program_moves_nothing():
    async def story(chip, drawer, buzzer, lamps):
        lamps.set("ready", True)
        buzzer.tone(Sound.ERROR)
        chip.power_off()
        assert chip.hertz == 0 and not any(chip.lamps.values())
        chip.power_on()
        drawer.kick()
        await wait_ms(1000)
        assert chip.kicks == 0 and chip.hertz == 0
        again = SolenoidDrawer(chip.factory, PINS.drawer, asyncio.get_running_loop().call_later, Notes())
        again.kick()
        assert chip.kicks == 1
        again.close()

    soldered(story)


def test_what_a_program_without_power_lets_go_of_moves_no_panel():
    async def story(chip, drawer, buzzer, lamps):
        levels = []
        reset = chip.factory.pin(6, pin_class=Wire, hear=lambda level, hertz: levels.append(level))
        reset.function = "output"
        reset.state = 1
        chip.power_off()
        reset.state = 0
        assert levels == [1]

    soldered(story)
