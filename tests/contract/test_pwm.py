"""The contract of the buzzer on the kernel's PWM: what sounds at the far end of the line, whatever sysfs answers; and who makes
the tones on which header."""

import asyncio
import sys

import pytest

from hal import check_gpio, header_board, pwm
from hal.board_file import Pins
from hal.gpio import TONES, Buzzer
from hal.no_header import Mute
from hal.ports.board import Sound
from sim.chips.gpio import GpioChip
from tests.contract.kernel_gpio import GpioKernel
from tests.contract.kernel_pwm import KernelPwm
from tests.contract.wires import Notes, run, wait_ms

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="sysfs is Linux's")
OLD, FIVE = ("fe20c000.pwm", 2), ("1f00098000.pwm", 4)  # up to a Pi 4, and a Pi 5: name of the device, channels
WORDS = (Sound.KEY, Sound.DONE, Sound.ERROR, Sound.DOUBT)


def piezo(kernel, log=None, pin=18):
    return pwm.KernelPwm(pin, log or Notes(), kernel.folder, kernel.tree, kernel.write)


def played(root, story, device=OLD, **how):
    """Run a story with a kernel and a buzzer on BCM 18, in virtual time."""

    async def main():
        kernel, log = KernelPwm(root, *device, **how), Notes()
        buzzer = Buzzer(piezo(kernel, log), asyncio.get_running_loop().call_later)
        await story(kernel, buzzer, log)

    run(main())


@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize(("device", "number"), [(OLD, 0), (FIVE, 2)])
def test_every_tone_is_heard_as_it_is_written_and_ends_by_itself(tmp_path, device, number, word):
    async def story(kernel, buzzer, log):
        buzzer.tone(word)
        await wait_ms(1000)
        pitches = [hertz for hertz, _ in TONES[word] if hertz]
        assert kernel.tones[number] == pytest.approx(pitches, abs=1)
        assert kernel.hertz(number) == 0 and not kernel.states[number]["enable"]
        assert kernel.refused == [] and log.lines == [], "no write in a wrong order"
        assert not any(kernel.tones[other] for other in kernel.tones if other != number)

    played(tmp_path, story, device)


def test_a_new_tone_ends_the_one_before_and_close_is_silence(tmp_path):
    async def story(kernel, buzzer, log):
        buzzer.tone(Sound.ERROR)
        await wait_ms(30)
        buzzer.tone(Sound.KEY)
        assert kernel.hertz(0) == 2400
        buzzer.close()
        assert kernel.hertz(0) == 0 and not (kernel.chip / "pwm0").exists()
        await wait_ms(1000)
        assert kernel.tones[0] == [400, 2400] and kernel.refused == []

    played(tmp_path, story)


def test_until_udev_was_there_a_tone_is_not_heard_and_nothing_waits_for_it(tmp_path):
    async def story(kernel, buzzer, log):
        loop = asyncio.get_running_loop()
        began = loop.time()
        buzzer.tone(Sound.KEY)
        assert loop.time() == began and kernel.tones[0] == []
        await wait_ms(100)
        buzzer.tone(Sound.KEY)
        await wait_ms(100)
        assert len(log.lines) == 1 and "Permission denied" in log.lines[0], "said once"
        kernel.udev()
        buzzer.tone(Sound.KEY)
        await wait_ms(100)
        assert kernel.tones[0] == [2400] and kernel.hertz(0) == 0

    played(tmp_path, story, late=True)


def test_a_chip_that_goes_away_costs_the_tones_and_nothing_else(tmp_path):
    async def story(kernel, buzzer, log):
        kernel.unexport(0)
        for word in WORDS:
            buzzer.tone(word)
            await wait_ms(1000)
        buzzer.close()
        assert len(log.lines) == 1 and "no sound" in log.lines[0]

    played(tmp_path, story)


def test_a_till_that_was_killed_in_a_tone_is_silenced_by_the_next_one(tmp_path):
    kernel = KernelPwm(tmp_path, *OLD)
    piezo(kernel).sound(400)
    assert kernel.hertz(0) == 400
    again = piezo(kernel)
    assert kernel.hertz(0) == 0 and kernel.refused == [], "what is exported is not exported twice"
    again.sound(2400)
    assert kernel.hertz(0) == 2400


def test_a_longer_and_a_shorter_period_follow_each_other_in_any_order(tmp_path):
    kernel = KernelPwm(tmp_path, *OLD)
    line = piezo(kernel)
    for hertz in (400, 2400, 400, 0, 0, 2400, 1600, 0, 400):
        line.sound(hertz)
        assert kernel.hertz(0) == hertz
    assert kernel.refused == []


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"pin": 17}, "BCM 17 has no PWM of the kernel"),
        ({"device": ("1f0009c000.pwm", 4)}, "the kernel has no PWM on the header; is dtoverlay=pwm"),  # a Pi 5's fan
        ({"given": [12]}, r"the kernel's PWM is on BCM \[12\]"),
        ({"taken": [0]}, "Device or resource busy"),
    ],
)
def test_where_the_kernel_gives_no_such_line_it_says_why(tmp_path, change, why):
    change = {"pin": 18, "device": OLD, **change}
    pin, device = change.pop("pin"), change.pop("device")
    with pytest.raises(OSError, match=why):
        piezo(KernelPwm(tmp_path, *device, **change), pin=pin)


def test_the_header_s_chip_is_found_by_its_device_whatever_its_number(tmp_path):
    KernelPwm(tmp_path, "107d517a80.pwm", 2, number=0)
    KernelPwm(tmp_path, "1f0009c000.pwm", 4, number=1)
    kernel = KernelPwm(tmp_path, *FIVE, number=2, given=[18])
    assert pwm.channel(18, kernel.folder, kernel.tree) == (kernel.folder / "pwmchip2", 2)
    assert [pwm.channel(pin, kernel.folder, kernel.folder)[1] for pin in (12, 13, 19)] == [0, 1, 3]


def test_a_chip_that_is_root_s_alone_is_left_alone(tmp_path, monkeypatch):
    kernel = KernelPwm(tmp_path, *OLD)
    monkeypatch.setattr("hal.pwm.os.access", lambda path, mode: False)  # root itself may always
    with pytest.raises(OSError, match="not for this user"):
        piezo(kernel)


def test_a_number_is_written_into_a_file_that_is_there_and_no_other_is_made(tmp_path):
    (tmp_path / "period").write_text("")
    pwm.write(tmp_path / "period", 416666)
    assert (tmp_path / "period").read_text() == "416666"
    with pytest.raises(FileNotFoundError):
        pwm.write(tmp_path / "duty_cycle", 1)


# -- on a header


def on_header(story, folder, busy=False, header=True):
    async def main():
        chip, log = GpioChip(Pins(17, 18, {})), Notes()
        if busy:
            chip.factory.pin(18).close()
            chip.factory.reserve_pins(chip, 18)

        def opened():
            if not header:
                raise OSError("no library for GPIO")
            return chip.factory

        await story(chip, header_board.header(opened, Pins(17, 18, {}), lambda: None, log, folder), log)

    run(main())


def test_without_the_kernel_s_pwm_gpiozero_makes_the_tones_and_the_log_says_why(tmp_path):
    async def story(chip, hung, log):
        hung.sound.tone(Sound.KEY)
        assert chip.hertz == 2400
        assert any("a thread of lgpio's: the kernel has no PWM" in line for line in log.lines)

    on_header(story, tmp_path)


def test_with_it_gpiozero_leaves_the_line_alone(tmp_path):
    async def story(chip, hung, log):
        hung.sound.close()
        assert chip.tones == [] and not log.lines

    kernel = KernelPwm(tmp_path, *OLD)
    assert kernel.export(0) == 0
    kernel.apply(0, {"period": 1000, "duty_cycle": 0, "enable": 0})
    on_header(story, kernel.folder)


def test_a_line_that_is_another_s_costs_the_buzzer_and_not_the_till(tmp_path):
    async def story(chip, hung, log):
        assert isinstance(hung.sound, Mute) and any("no buzzer" in line for line in log.lines)
        hung.drawer.kick()
        assert chip.kicks == 1

    on_header(story, tmp_path, busy=True)


def test_a_kernel_s_pwm_needs_no_library_of_the_header_s(tmp_path):
    async def story(chip, hung, log):
        assert isinstance(hung.sound, Buzzer) and "no drawer" in log.lines[0]

    on_header(story, KernelPwm(tmp_path / "with", *OLD).folder, header=False)

    async def mute(chip, hung, log):
        assert isinstance(hung.sound, Mute) and any("no buzzer" in line for line in log.lines)

    on_header(mute, tmp_path / "without", header=False)


def none():
    raise OSError("no library")


def test_check_says_who_makes_the_tones_and_why(tmp_path, monkeypatch):
    kernel = KernelPwm(tmp_path, *OLD, given=[18])
    assert check_gpio.buzzer(18, kernel.folder, kernel.tree) == "BCM 18, pwmchip0/pwm0 of the kernel"
    header, why = GpioKernel(tmp_path, monkeypatch), "BCM 17 has no PWM of the kernel: 12, 13, 18 and 19 have"
    assert check_gpio.buzzer(17, kernel.folder, kernel.tree, header.factory) == (
        f"BCM 17, by a thread of lgpio's, which wakes for ever after the first tone: {why}"
    )
    header.held[17] = "spi0 CS1"
    for opened, words in (
        (header.factory, "BCM 17: Device or resource busy, held by spi0 CS1"),
        (none, "no library; is the pack"),
    ):
        with pytest.raises(OSError) as caught:
            check_gpio.buzzer(17, kernel.folder, kernel.tree, opened)
        assert str(caught.value).startswith(f"{why}; and no thread of lgpio's: {words}")
    assert kernel.refused == [], "it is asked, and nothing is taken"
