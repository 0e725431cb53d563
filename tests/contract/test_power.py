"""The power's contract: what the kernel says of a battery and of the 5 V in /sys/class, and when that ends the day."""

import asyncio

import pytest

from tests.contract.nodes import supplies


class Machine:
    """What the kernel says, and the driver that reads it, as it starts."""

    def __init__(self, folder):
        self.folder, self.driver = supplies(folder)

    def says(self, name, text):
        (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / name).write_text(text)


@pytest.fixture
def machine(tmp_path):
    return Machine(tmp_path)


def test_a_battery_is_what_the_gauge_says(machine):
    battery = machine.driver()
    assert battery.battery() == 100, "no gauge"
    for said, percent in (("78\n", 78), ("garbage", 78), ("250", 100)):  # one that stops answering leaves its last reading
        machine.says("power_supply/bat/capacity", said)
        battery.heed(battery.read())
        assert battery.battery() == percent


def test_a_gauge_that_is_gone_leaves_its_last_reading_and_ends_nothing(machine):
    machine.says("power_supply/bat/capacity", "3")
    machine.says("power_supply/bat/status", "Charging")
    battery = machine.driver()
    assert battery.battery() == 100, "nobody has read it yet"
    battery.heed(battery.read())
    assert battery.battery() == 3
    (machine.folder / "power_supply/bat").rename(machine.folder / "away")
    battery.heed(battery.read())
    assert battery.battery() == 3
    (machine.folder / "away").rename(machine.folder / "power_supply/bat")
    machine.says("power_supply/bat/capacity", "64")
    battery.heed(battery.read())
    assert battery.battery() == 64


def test_the_battery_of_a_wireless_scanner_is_not_the_till_s(machine):
    machine.says("power_supply/a-scanner/capacity", "3")
    machine.says("power_supply/a-scanner/scope", "Device\n")
    battery = machine.driver()
    battery.heed(battery.read())
    assert battery.battery() == 100


def stops(machine, looks):
    """What the till is told after so many looks; None: sell on."""

    async def story():
        battery = machine.driver()
        told = asyncio.create_task(battery.ends())
        for _ in range(looks):
            battery.heed(battery.read())
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        if told.done():
            return told.result()
        told.cancel()
        return None

    return asyncio.run(story())


@pytest.mark.parametrize(
    ("percent", "status", "told"),
    [
        ("3", "Discharging", "empty"),
        ("3", "", "empty"),
        ("0", "Unknown", "empty"),
        ("1", "Charging", None),
        ("4", "Discharging", None),
    ],
)
def test_an_empty_battery_stops_the_till_unless_it_charges(machine, percent, status, told):
    machine.says("power_supply/bat/capacity", percent)
    if status:
        machine.says("power_supply/bat/status", status + "\n")
    assert stops(machine, 1) == told


def test_a_weak_supply_stops_the_till_once_it_lasts(machine):
    machine.says("hwmon/hwmon0/name", "cpu_thermal\n")
    machine.says("hwmon/hwmon1/name", "rpi_volt\n")
    machine.says("hwmon/hwmon1/in0_lcrit_alarm", "1\n")
    assert stops(machine, 2) is None, "a print head draws that much for a second"
    assert stops(machine, 3) == "weak"
    machine.says("hwmon/hwmon1/in0_lcrit_alarm", "0\n")
    assert stops(machine, 9) is None


def test_where_nobody_can_tell_the_till_sells_on(machine):
    assert stops(machine, 9) is None
