"""The battery, as the kernel's power_supply class shows it (Documentation/ABI/testing/sysfs-class-power), and the Pi's own
flag of under-voltage: the driver raspberrypi-hwmon looks every two seconds whether the 5 V fell below 4.63 V."""

import asyncio
from pathlib import Path
from typing import NamedTuple

from hal.ports.board import Power

FULL = 100
STOP_PERCENT = 3  # a Pi with its printer at rest lives some minutes on that
WEAK_LOOKS = 3  # in a row: a print head dips the supply for a second, and that is no reason to stop
SUPPLIES, SENSORS = Path("/sys/class/power_supply"), Path("/sys/class/hwmon")


class Reading(NamedTuple):
    """percent: None where no gauge is there, or it did not answer. weak: the 5 V are too low."""

    percent: int | None
    discharges: bool
    weak: bool


class Battery(Power):
    """folder, sensors: SUPPLIES and SENSORS, or others in tests. A gauge that stops answering, or is gone, leaves its last
    reading, and before the first one it is full. Somebody has it read() now and then and heed() what that gave, since on its
    own it would wake the machine for nothing."""

    def __init__(self, folder: Path = SUPPLIES, sensors: Path = SENSORS) -> None:
        self._folder = folder
        self._sensors = sensors
        self._last = FULL
        self._weak = 0  # looks in a row
        self._why = ""
        self._ended = asyncio.Event()

    def battery(self) -> int:
        return self._last

    async def ends(self) -> str:
        await self._ended.wait()
        return self._why

    def press(self) -> None:
        """The power key was pressed."""
        self._end(self.KEY)

    def read(self) -> Reading:
        """Of the gauge, over the bus: blocks for as long as that is stuck, so it is done beside the loop."""
        found = gauge(self._folder)
        percent = None if found is None else percents(found / "capacity")
        return Reading(percent, discharges(self._folder), bool(under_voltage(self._sensors)))

    def heed(self, seen: Reading) -> None:
        """Every ten seconds or so."""
        if seen.percent is not None:
            self._last = seen.percent
        self._weak = self._weak + 1 if seen.weak else 0
        if self._weak >= WEAK_LOOKS:
            self._end(self.WEAK)
        elif self._last <= STOP_PERCENT and seen.discharges:
            self._end(self.EMPTY)

    def _end(self, why: str) -> None:
        self._why = self._why or why
        self._ended.set()


def gauge(folder: Path) -> Path | None:
    """The till's own battery; None where there is none."""
    for capacity in sorted(folder.glob("*/capacity")):
        if not belongs_to_a_device(capacity.parent):
            return capacity.parent
    return None


def discharges(folder: Path) -> bool:
    """A gauge that cannot tell ("Unknown", or no such file: the MAX17048) is believed when it is empty."""
    found = gauge(folder)
    return found is not None and word(found / "status") not in ("Charging", "Full", "Not charging")


def under_voltage(sensors: Path) -> bool | None:
    """None where the machine has no such sensor: it is no Pi, or its kernel has no raspberrypi-hwmon."""
    for name in sorted(sensors.glob("*/name")):
        if word(name) == "rpi_volt":
            return word(name.parent / "in0_lcrit_alarm") == "1"
    return None


def word(path: Path) -> str:
    """What stands there, "" where nothing can be read."""
    try:
        return path.read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return ""


def belongs_to_a_device(supply: Path) -> bool:
    """A wireless mouse or scanner reports its own battery, with the scope "Device"."""
    return word(supply / "scope") == "Device"


def percents(capacity: Path) -> int | None:
    try:
        return min(FULL, max(0, int(capacity.read_text(encoding="ascii"))))
    except (OSError, ValueError):  # the gauge is on I2C and may not answer
        return None
