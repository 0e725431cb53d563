"""A real input device of Linux: /dev/input/event*, opened and held for us alone. The only file that needs evdev.

Held (EVIOCGRAB), because what a scanner types must not reach a console, nor a PIN another program."""

import errno
from collections.abc import Iterable

import evdev

from hal.events import Event
from hal.plug_watch import PlugWatch, watch


class InputNode:
    """where: a path, or the device's own name (the first that bears it). A source for hal/keypad.py and hal/scanner.py."""

    def __init__(self, where: str) -> None:
        self.name = where
        self._device: evdev.InputDevice[str] | None = None
        self._watch: PlugWatch | None = None

    def open(self) -> None:
        """Raises OSError: ENOENT nobody has that name, EACCES not allowed, EBUSY another program holds it."""
        self.close()
        self._watch = self._watch or watch("input")
        device = find(self.name)
        try:
            device.grab()
        except OSError:
            device.close()
            raise
        self._device = device

    def fileno(self) -> int:
        """-1 while it is not open."""
        return self._device.fd if self._device is not None else -1

    def read(self) -> Iterable[Event]:
        """Raises OSError(ENODEV) once it is unplugged."""
        assert self._device is not None, "read before open"
        events: Iterable[Event] = self._device.read()
        return events

    async def plugged(self) -> None:
        if self._watch is not None:  # else we look as often as without news
            await self._watch.came()

    def close(self) -> None:
        """The kernel lets go of it with its last descriptor."""
        if self._device is not None:
            self._device.close()
        self._device = None


def find(where: str) -> "evdev.InputDevice[str]":
    """The device, open but not held. Raises OSError."""
    if where.startswith("/"):
        return evdev.InputDevice(where)
    for path in evdev.list_devices():
        try:
            device = evdev.InputDevice(path)
        except OSError:  # unplugged between the listing and now; it is not ours to judge
            continue
        if device.name == where:
            return device
        device.close()
    raise OSError(errno.ENOENT, f"no input device is called {where}")
