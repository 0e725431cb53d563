"""The kernel's side of a gpiochip, as far as asking for lines goes: no kernel but a Pi's has such a chip."""

import errno
import os

from gpiozero.pins.mock import MockFactory, MockPWMPin

from hal import gpio_lines

INPUT = 1 << 2  # gpio_v2_line_flag


class GpioKernel:
    """held: BCM number -> who has it. asked: (number, flags) of each line that was given."""

    def __init__(self, folder, monkeypatch):
        self.held, self.asked = {}, []
        (folder / "gpiochip0").touch()
        monkeypatch.setattr(gpio_lines, "CHIP", str(folder / "gpiochip{}"))
        monkeypatch.setattr(gpio_lines.fcntl, "ioctl", self.ioctl)

    def factory(self, pin_class=MockPWMPin):
        """gpiozero's header, as LGPIOFactory says which gpiochip it is on."""
        factory = MockFactory(pin_class=pin_class)
        factory.chip = 0
        return factory

    def ioctl(self, node, number, data):
        if number == gpio_lines.GET_LINE:
            line, _, flags, lines, _, _ = gpio_lines.REQUEST.unpack(data)
            assert lines == 1
            if line in self.held:
                raise OSError(errno.EBUSY, os.strerror(errno.EBUSY))
            self.asked.append((line, flags))
            data[-4:] = os.open(os.devnull, os.O_RDONLY).to_bytes(4, "little")
        elif number == gpio_lines.GET_INFO:
            _, line, _ = gpio_lines.INFO.unpack(data)
            data[:] = gpio_lines.INFO.pack(self.held.get(line, "").encode(), line, INPUT | (line in self.held))  # used is bit 0
        else:
            raise OSError(errno.ENOTTY, os.strerror(errno.ENOTTY))
