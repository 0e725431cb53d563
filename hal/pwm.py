"""PWM that the kernel makes on a line of the header (Documentation/driver-api/pwm.rst): the hardware swings by itself.

lgpio's PWM is a thread: once a first tone has started it, it turns some fifty times a second for ever. Hardware does not end with
the process either: a till that was killed in a tone is silenced by the next one."""

import os
from collections.abc import Callable
from pathlib import Path

from hal.ports.board import Log

CLASS, TREE = Path("/sys/class/pwm"), Path("/proc/device-tree")
CHANNELS = (  # how the device of the header's chip is named -> BCM number -> channel; the chips' own numbers change with kernels
    ("20c000.pwm", {12: 0, 18: 0, 13: 1, 19: 1}),  # up to a Pi 4: BCM2835 ARM Peripherals, 9.5
    ("1f00098000.pwm", {12: 0, 13: 1, 18: 2, 19: 3}),  # a Pi 5: RP1 Peripherals, 3.1.1, PWM0
)
GIVEN = ("*/gpio@*/pwm_pins/brcm,pins", "*/*/*/gpio@*/pwm_pins/brcm,pins")  # where dtoverlay=pwm notes its pin
HELP = "is dtoverlay=pwm,pin=18,func=2 in config.txt?"
SECOND_NS = 1_000_000_000


def write(path: Path, value: int) -> None:
    """One number to a file of sysfs. Raises OSError."""
    node = os.open(path, os.O_WRONLY)
    try:
        os.write(node, b"%d" % value)
    finally:
        os.close(node)


def channel(pin: int, folder: Path = CLASS, tree: Path = TREE) -> tuple[Path, int]:
    """The chip's folder, and which of its channels ends at this BCM number. Raises OSError, which says why there is none."""
    if not any(pin in channels for _, channels in CHANNELS):
        raise OSError(f"BCM {pin} has no PWM of the kernel: 12, 13, 18 and 19 have")
    for chip in sorted(folder.glob("pwmchip*")):
        device = (chip / "device").resolve().name
        number = next((channels[pin] for name, channels in CHANNELS if device.endswith(name)), None)
        if number is None:
            continue
        given = {at for place in GIVEN for file in tree.glob(place) for at in numbers(file.read_bytes())}
        if given and pin not in given:
            raise OSError(f"the kernel's PWM is on BCM {sorted(given)}; {HELP}")
        if not (chip / f"pwm{number}").is_dir() and not os.access(chip / "export", os.W_OK):
            raise OSError(f"{chip} is not for this user; is 90-barrow.rules there, and the user in the group gpio?")
        return chip, number
    raise OSError(f"the kernel has no PWM on the header; {HELP}")


def numbers(cells: bytes) -> list[int]:
    """Of a property of the device tree: 32 bits each, the highest byte first."""
    return [int.from_bytes(cells[at : at + 4], "big") for at in range(0, len(cells), 4)]


class KernelPwm:
    """A piezo on such a line. Raises OSError where the kernel gives none, or another has it.

    Nothing here waits: a tone that fails is not heard and said once, so are those before udev has given us the new channel."""

    def __init__(
        self, pin: int, log: Log, folder: Path = CLASS, tree: Path = TREE, write: Callable[[Path, int], None] = write
    ) -> None:
        self._chip, self._number = channel(pin, folder, tree)
        self._line = self._chip / f"pwm{self._number}"
        self._log = log
        self._write = write
        self._well = True
        if self._line.is_dir():
            self.sound(0)
        else:
            self._write(self._chip / "export", self._number)

    def sound(self, hertz: int) -> None:
        """0 is silence."""
        if self._done(lambda: self._swing(hertz)) and hertz:
            self._well = True

    def close(self) -> None:
        """Silent, and free for another."""
        self.sound(0)
        self._done(lambda: self._write(self._chip / "unexport", self._number))

    def _swing(self, hertz: int) -> None:
        """In this order, since at no moment a pulse may be longer than its period; a new channel has no period yet."""
        new = int((self._line / "period").read_bytes()) == 0
        if not new:
            self._write(self._line / "duty_cycle", 0)
        if hertz:
            period_ns = SECOND_NS // hertz
            self._write(self._line / "period", period_ns)
            self._write(self._line / "duty_cycle", period_ns // 2)  # a piezo is loudest at one half
            self._write(self._line / "enable", 1)
        elif not new:
            self._write(self._line / "enable", 0)

    def _done(self, act: Callable[[], None]) -> bool:
        try:
            act()
        except (OSError, ValueError) as fault:
            if self._well:
                self._log.say("sys", f"no sound: {fault}")
            self._well = False
            return False
        return True
