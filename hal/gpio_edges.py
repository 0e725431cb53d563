"""A pin of gpiozero's whose edges the kernel reports on a file descriptor, which the loop watches: nobody looks while nothing
moves. lgpio's own way is a thread that looks 2,000 times a second, for as long as one line is watched.

The numbers are those of linux/gpio.h, version 2 of that interface (Linux 5.10 and later)."""

import asyncio
import fcntl
import os
import struct
from typing import Any

from gpiozero.pins.local import LocalPiPin

from hal import gpio_lines

VALUES = struct.Struct("=QQ")  # gpio_v2_line_values: bits, mask
EVENT_BYTES = 48  # gpio_v2_line_event
GET_VALUES = 0xC010B40E  # ioctl
INPUT, RISING, FALLING, PULL_UP = 1 << 2, 1 << 4, 1 << 5, 1 << 8  # gpio_v2_line_flag
WATCHED = INPUT | RISING | FALLING | PULL_UP


def watched(factory: Any, number: int) -> None:
    """From now on line `number` (BCM) of factory is such a pin. factory: gpiozero's, on a gpiochip."""
    for _, info in factory.board_info.find_pin(number):
        factory.pins[info] = EdgePin(factory, info)


class EdgePin(LocalPiPin):  # type: ignore[misc]  # gpiozero ships no types
    """An input, pulled up, in the running loop. Raises OSError when the line is another's."""

    def __init__(self, factory: Any, info: Any) -> None:
        super().__init__(factory, info)
        self._loop = asyncio.get_running_loop()
        self._line = gpio_lines.requested(factory.chip, self._number, WATCHED)

    def close(self) -> None:
        """The line is free for another."""
        self.when_changed = None
        if self._line >= 0:
            os.close(self._line)
            self._line = -1

    def _get_function(self) -> str:
        return "input"

    def _set_function(self, value: str) -> None:
        if value != "input":
            raise ValueError(f"{self!r} is an input")

    def _get_pull(self) -> str:
        return "up"

    def _get_state(self) -> bool:
        values = bytearray(VALUES.pack(0, 1))
        fcntl.ioctl(self._line, GET_VALUES, values)
        return bool(VALUES.unpack(values)[0] & 1)

    def _get_bounce(self) -> None:
        """The key's driver sees to that."""

    def _set_bounce(self, value: float | None) -> None:
        assert value is None

    def _get_edges(self) -> str:
        return "both"

    def _set_edges(self, value: str) -> None:
        assert value == "both"

    def _enable_event_detect(self) -> None:
        self._loop.add_reader(self._line, self._edges)

    def _disable_event_detect(self) -> None:
        self._loop.remove_reader(self._line)

    def _edges(self) -> None:
        """Which they were is of no account: the line's state is what counts once it stands still."""
        os.read(self._line, 16 * EVENT_BYTES)
        self._call_when_changed()
