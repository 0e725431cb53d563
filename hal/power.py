"""The battery, as the kernel's power_supply class shows it (Documentation/ABI/testing/sysfs-class-power)."""

from pathlib import Path

from hal.ports.board import Power

FULL = 100


class Battery(Power):
    """folder: /sys/class/power_supply, or another in tests. A gauge that stops answering leaves its last reading."""

    def __init__(self, folder: Path = Path("/sys/class/power_supply")) -> None:
        self._folder = folder
        self._last = FULL

    def battery(self) -> int:
        for gauge in sorted(self._folder.glob("*/capacity")):
            if not belongs_to_a_device(gauge.parent):
                self._last = reading(gauge, self._last)
                break
        return self._last


def belongs_to_a_device(supply: Path) -> bool:
    """A wireless mouse or scanner reports its own battery, with the scope "Device"."""
    try:
        return (supply / "scope").read_text(encoding="ascii").strip() == "Device"
    except (OSError, ValueError):
        return False


def reading(gauge: Path, otherwise: int) -> int:
    try:
        return min(FULL, max(0, int(gauge.read_text(encoding="ascii"))))
    except (OSError, ValueError):  # the gauge is on I2C and may not answer
        return otherwise
