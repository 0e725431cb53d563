"""A hundred pulls for what test_replug.py leaves out: the other kind of each device (of panels: test_panel_replug.py), a stick
that is written to, the gauge of the battery and the RTC.

The controls take a cure out of a driver, and the same story must fail."""

import asyncio

import pytest

from hal.clock import RTC, RTC_ALIVE_S, SystemClock
from hal.events import RETRY_S
from hal.power import Battery
from sim.power import gated
from tests.flows.replugging import TIMES, at_stall, slips_are_whole
from tests.flows.test_replug import without_keypad

ITEM, ITEM_PRICE, OTHER = "5012345678900", 380, "11"
OTHERS = {"keypad": "pad-4x4", "scanner": "serial", "printer": "58mm-usb", "modem": "simcom"}
SMALL_BUFFER = 256  # bytes: the rest of a block is still in the USB host when the cable goes


async def without_others(stall):
    """Each pulled at a moment of its own: in the middle of a slip, of a code, of a press, of a call. Sales go on by keys; what is
    scanned without the cable is nothing, and the first scan after it counts."""
    world = stall.world
    world.printer.size = SMALL_BUFFER
    for device in stall.dice.sample(("printer", "modem"), 2):
        await stall.rest(stall.dice.randrange(2000))  # a slip waits for its printer for up to two seconds, and takes three
        await stall.pull(device)
    world.scan(ITEM)
    await stall.rest(stall.dice.randrange(25))  # it has 15 bytes to send, one a millisecond
    world.set_cable("scanner", False)
    await stall.rest(50)
    if world.frame.id == "cart":
        await stall.press("BACK")  # it was through already
    world.scan(OTHER)
    await without_keypad(stall)
    for device in stall.dice.sample(("printer", "modem", "scanner"), 3):
        await stall.rest(stall.dice.randrange(500))
        world.set_cable(device, True)
    await stall.rest(1000 * RETRY_S + 50)
    world.scan(ITEM)
    await stall.rest(50)
    assert world.frame.id == "cart" and world.fields()["total"] == "3.80", (world.frame.id, world.fields())
    await stall.press("BACK")
    slips_are_whole(stall)


async def all_others_out(stall):
    """In the end what is scanned is sold, every slip is out, and every sale with the fleet."""
    await stall.rest(120_000)
    stall.world.scan(ITEM)
    await stall.rest(100)
    await stall.pay(ITEM_PRICE)
    await stall.slips()
    slips_are_whole(stall)
    assert stall.world.queued() == 0


def test_a_till_of_other_kinds_is_pulled_apart_and_put_together_a_hundred_times():
    at_stall(without_others, TIMES, all_others_out, link="4g", **OTHERS)


async def never_again(driver):
    """A scanner that lost its port looks for it in an hour."""
    await asyncio.sleep(3600)


@pytest.mark.parametrize(
    ("what", "without", "told"),
    [
        ("hal.scanner.SerialScanner._pause", never_again, "idle"),
        ("hal.printer_usb.UsbPort.check", lambda port: None, r"\(\[\d+\], \["),
    ],
    ids=["a scanner is not looked for again", "a printer does not look whether the cable took the end"],
)
def test_a_driver_without_its_cure_is_found_out(monkeypatch, what, without, told):
    monkeypatch.setattr(what, without)
    with pytest.raises(AssertionError, match=told):
        at_stall(without_others, TIMES, all_others_out, link="4g", **OTHERS)


class Kernel:
    """What it shows of a gauge and an RTC, under the drivers of a Pi."""

    def __init__(self, root):
        self.root = root
        self.gauge, self.rtc = root / "power_supply/bat/capacity", root / RTC

    def wire(self, world):
        made, loop = world.rig.board, world.clock.loop

        def board(power, seen):
            found = made(power, seen)
            battery = Battery(self.root / "power_supply", self.root / "hwmon")
            clock = SystemClock(loop.time, lambda: RTC_ALIVE_S + loop.time(), 0, self.root)
            self.drivers = [battery, clock]
            self.look()
            found.power, found.clock = gated(battery, power), gated(clock, power)
            return found

        world.rig.board = board
        world.set_cable("printer", False)  # a hundred slips say nothing here

    def look(self):
        """As a Pi has it done before it starts, and then now and then (hal/looks.py)."""
        for driver in self.drivers:
            driver.heed(driver.read())

    def show(self, percent, now_s):
        for path, what in ((self.gauge, percent), (self.rtc, RTC_ALIVE_S + now_s)):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(str(int(what)))

    def hide(self):
        self.gauge.unlink()
        self.rtc.unlink()


def test_a_pad_a_stick_that_is_written_to_a_gauge_and_a_clock_come_and_go(tmp_path):
    kernel = Kernel(tmp_path)
    trusted = []

    async def seen(stall):
        kernel.look()
        await stall.rest(10)

    async def without(stall):
        """The stick is torn out of a backup. Without gauge and RTC the till shows what it last knew, and vouches for no time."""
        world, percent = stall.world, 20 + len(trusted) % 70
        kernel.show(percent, world.clock.loop.time())
        await seen(stall)
        world.set_cable("stick", True)
        await stall.press("MENU", "9", "5", "OK")
        assert world.frame.id == "backup" and world.fields()["battery"] == str(percent)
        await stall.pull("stick")
        kernel.hide()
        await stall.rest(2000)
        assert world.frame.id == "notice", world.fields()
        await stall.press("OK")
        await seen(stall)
        await without_keypad(stall)
        assert world.fields()["battery"] == str(percent)
        trusted.append(stall.sales()[-1]["trusted"])

    async def then(stall):
        assert trusted == [False] * TIMES
        kernel.show(88, stall.world.clock.loop.time())
        await seen(stall)
        stall.world.set_cable("stick", True)
        await stall.press("MENU", "9", "5", "OK")
        await stall.rest(20_000)
        assert stall.world.frame.id == "backup" and stall.world.fields()["state"] == "done"
        await stall.press("OK")
        await stall.sell()
        assert stall.sales()[-1]["trusted"] and stall.world.fields()["battery"] == "88"

    kernel.show(88, 0)
    at_stall(without, TIMES, then, kernel.wire, link="off", keypad="usb-number-pad")
