"""The lines of a panel beside its bus: D/C and RES, through gpiozero and a pin factory that is passed in."""

from typing import Any

from gpiozero import DigitalOutputDevice

from hal.gpio_lines import claimed


class Pins:
    """What luma asks of RPi.GPIO, by gpiozero over a pin factory. A line is had when it is first moved, and high until then.

    factory None: there is no header, and whoever moves a line gets an OSError; so he does while another has the line."""

    LOW, HIGH, OUT = False, True, "out"

    def __init__(self, factory: Any) -> None:
        self._factory = factory
        self._lines: dict[int, Any] = {}

    def setup(self, pin: int, way: str) -> None:
        """An output, which is all that they are."""
        assert way == self.OUT

    def output(self, pin: int, level: bool) -> None:
        """Raises OSError."""
        if self._factory is None:
            raise OSError(f"no GPIO header, and the panel needs its pin {pin}")
        if pin not in self._lines:
            self._lines[pin] = claimed(DigitalOutputDevice, self._factory, pin, initial_value=True)
        self._lines[pin].value = level

    def close(self) -> None:
        """The lines are free for another."""
        for line in self._lines.values():
            line.close()
