"""The far side of the GPIO header: a drawer, a piezo, the lamps and the power key, soldered to gpiozero's own mock pins."""

from collections.abc import Callable
from functools import partial
from typing import Any

from gpiozero.pins.mock import MockFactory, MockPWMPin

from hal.board_file import Pins


class Wire(MockPWMPin):  # type: ignore[misc]  # gpiozero ships no types
    """A pin with something soldered to it, which hears each new level (0 to 1) and pitch (Hz)."""

    def __init__(self, factory: Any, info: Any, hear: Callable[[float, int], None]) -> None:
        self.hear = hear
        super().__init__(factory, info)

    def _change_state(self, value: float) -> bool:
        changed: bool = super()._change_state(value)
        if changed:
            self.hear(float(value), int(self._frequency or 0))
        return changed

    def _set_frequency(self, value: float | None) -> None:
        super()._set_frequency(value)
        self.hear(float(self._state), int(value or 0))


class KeyWire(MockPWMPin):  # type: ignore[misc]  # gpiozero ships no types
    """A pin that a key pulls to ground while a finger is on it, whatever pulls it up."""

    def __init__(self, factory: Any, info: Any, finger: Callable[[], bool]) -> None:
        self.finger = finger
        super().__init__(factory, info)

    def _set_pull(self, value: str) -> None:
        super()._set_pull(value)
        self.feel()

    def feel(self) -> None:
        """The finger has moved, or something else has."""
        if self.finger():
            self.drive_low()
        elif self.pull == "up":
            self.drive_high()


class GpioChip:
    """pins: those of config/board.json. factory: the header, for hal/gpio.py.

    kicks: how often the drawer was opened. hertz: what sounds now, 0 is silence. tones: each pitch that was played.
    lamps: name -> lit. modem_pin: feeds the modem; None where nothing does. on_kick(), on_tone(hertz), on_lamp(name, lit)
    and on_supply(fed) are called at the edge."""

    def __init__(self, pins: Pins, modem_pin: int | None = None) -> None:
        self.pins = pins
        self.modem_pin = modem_pin
        self.kicks = 0
        self.hertz = 0
        self.tones: list[int] = []
        self.lamps = dict.fromkeys(pins.lamps, False)
        self.on_kick: Callable[[], None] = lambda: None
        self.on_tone: Callable[[int], None] = lambda hertz: None
        self.on_lamp: Callable[[str, bool], None] = lambda name, lit: None
        self.on_supply: Callable[[bool], None] = lambda fed: None
        self._finger = False  # on the power key
        self.factory: Any = MockFactory(pin_class=MockPWMPin)
        self.power_on()

    def power_on(self) -> None:
        """A fresh header, all lines low. What the last program held moves nothing any more; the counters go on."""
        self.power_off()
        self.factory = MockFactory(pin_class=MockPWMPin)
        solder = partial(self.factory.pin, pin_class=Wire)
        solder(self.pins.drawer, hear=self._solenoid)
        solder(self.pins.buzzer, hear=self._piezo)
        for name, pin in self.pins.lamps.items():
            solder(pin, hear=partial(self._lamp, name))
        if self.pins.power_key is not None:
            self.factory.pin(self.pins.power_key, pin_class=KeyWire, finger=lambda: self._finger)
        if self.modem_pin is not None:
            solder(self.modem_pin, hear=lambda level, hertz: self.on_supply(bool(level)))

    def power_off(self) -> None:
        """Silent and dark at once."""
        for wire in self.factory.pins.values():  # a panel's lines too: what the last program lets go of resets nothing
            if isinstance(wire, Wire):
                wire.hear = deaf
        self._piezo(0, 0)
        for name in self.lamps:
            self._lamp(name, 0, 0)
        if self.modem_pin is not None:
            self.on_supply(False)

    def power_key(self, down: bool) -> None:
        """A finger comes onto the power key, or leaves it."""
        self._finger = down
        self.factory.pin(self.pins.power_key).feel()

    def _solenoid(self, level: float, hertz: int) -> None:
        if level:
            self.kicks += 1
            self.on_kick()

    def _piezo(self, level: float, hertz: int) -> None:
        heard = hertz if 0 < level < 1 else 0  # a steady level makes no sound
        if heard == self.hertz:
            return
        self.hertz = heard
        if heard:
            self.tones.append(heard)
        self.on_tone(heard)

    def _lamp(self, name: str, level: float, hertz: int) -> None:
        if self.lamps[name] != bool(level):
            self.lamps[name] = bool(level)
            self.on_lamp(name, bool(level))


def deaf(level: float, hertz: int) -> None:
    """What a wire of a board without power moves: nothing."""
