"""The lines of a panel beside its bus: D/C and RES, through gpiozero and a pin factory that is passed in."""

from typing import Any

from gpiozero import DigitalOutputDevice


class Pins:
    """What luma asks of RPi.GPIO, by gpiozero over a pin factory; high until told otherwise.

    factory None: there is no header, and whoever moves a line gets an OSError."""

    LOW, HIGH, OUT = False, True, "out"

    def __init__(self, factory: Any) -> None:
        self._factory = factory
        self._lines: dict[int, DigitalOutputDevice] = {}

    def setup(self, pin: int, way: str) -> None:
        """An output."""
        if self._factory is not None:
            self._lines[pin] = DigitalOutputDevice(pin, initial_value=True, pin_factory=self._factory)

    def output(self, pin: int, level: bool) -> None:
        """Raises OSError."""
        if pin not in self._lines:
            raise OSError(f"no GPIO header, and the panel needs its pin {pin}")
        self._lines[pin].value = level

    def close(self) -> None:
        """The lines are free for another."""
        for line in self._lines.values():
            line.close()
