"""What the virtual keypad and the virtual scanner share: a cable that carries struct input_event, as the kernel does."""

import asyncio
import errno
import socket
import struct
from collections.abc import Callable, Iterable
from typing import NamedTuple

INPUT_EVENT = struct.Struct("@llHHi")  # linux/input.h: timeval, type, code, value; 24 bytes on 64-bit machines
EV_SYN, EV_KEY, SYN_REPORT, SYN_DROPPED = 0, 1, 0, 3
READ = 64 * INPUT_EVENT.size


class InputEvent(NamedTuple):
    """As evdev.InputEvent."""

    sec: int
    usec: int
    type: int
    code: int
    value: int


class Keyboard:
    """A keyboard on a cable: a source for hal drivers at one end, keys to press at the other."""

    def __init__(self, name: str, loop: asyncio.AbstractEventLoop) -> None:
        self.name = name
        self.loop = loop
        self.stamp: Callable[[], float] = loop.time  # seconds; the kernel's is the wall clock, which can be set
        self.plugged = True
        self._overrun = False
        self._near: socket.socket | None = None
        self._far: socket.socket | None = None

    # -- as a source

    def open(self) -> None:
        """Raises OSError(ENOENT) when it is unplugged. What was typed before is gone, as on a kernel's node."""
        self.close()
        if not self.plugged:
            raise OSError(errno.ENOENT, "no such device")
        self._overrun = False
        self._near, self._far = socket.socketpair()
        self._near.setblocking(False)
        self._far.setblocking(False)

    def fileno(self) -> int:
        """-1 while it is not open."""
        return self._near.fileno() if self._near else -1

    def read(self) -> Iterable[InputEvent]:
        """Raises OSError(ENODEV) once it is unplugged and read empty, BlockingIOError when there is nothing."""
        assert self._near is not None, "read before open"
        data = self._near.recv(READ)
        if not data:
            raise OSError(errno.ENODEV, "no such device")
        return [InputEvent(*fields) for fields in INPUT_EVENT.iter_unpack(data)]

    def close(self) -> None:
        """The cable is dead. When the till lost its power its driver cannot let go any more, so its ear is taken off here."""
        if self._near is not None:
            self.loop.remove_reader(self._near.fileno())
        for end in (self._near, self._far):
            if end is not None:
                end.close()
        self._near = self._far = None

    # -- as hands

    def unplug(self) -> None:
        """Pull the cable. What was on its way still arrives."""
        self.plugged = False
        if self._far is not None:
            self._far.close()
            self._far = None

    def plug(self) -> None:
        """Put the cable back; the driver finds it when it looks again."""
        self.plugged = True

    def edge(self, code: int, down: bool) -> None:
        """One key moves, now."""
        self.emit(EV_KEY, code, int(down))
        self.emit(EV_SYN, SYN_REPORT, 0)

    def emit(self, type: int, code: int, value: int) -> None:
        """One event as it goes down the cable. With nobody listening it is gone; when the cable is full it is lost, and the
        next that gets through comes after SYN_DROPPED, as from the kernel."""
        if self._far is None:
            return
        micros = round(self.stamp() * 1_000_000)
        lost = InputEvent(0, 0, EV_SYN, SYN_DROPPED, 0)
        events = [lost] * self._overrun + [InputEvent(*divmod(micros, 1_000_000), type, code, value)]
        try:
            for event in events:
                self._far.send(INPUT_EVENT.pack(*event))
        except BlockingIOError:
            self._overrun = True
        else:
            self._overrun = False
