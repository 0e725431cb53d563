"""The chip's end of a serial line: bytes arrive one after the other, as fast as the baud rate lets them, or at once.

The wire is one end of a socket pair (in virtual time its bytes are there at once) or the master of a pty."""

import asyncio
import os
import socket
from collections.abc import Callable
from typing import Protocol

PACED_READ = 8  # bytes taken at once where the line has a pace: 8 ms at 9600 baud
BITS_A_BYTE = 10  # 8N1


class Wire(Protocol):
    """A socket, or a file of a pty's master."""

    def fileno(self) -> int: ...
    def close(self) -> None: ...


class Uart:
    """take: called with what has arrived. room: how many more bytes the chip can hold; at 0 the other end has to wait.

    baud 0: no pace. host: the other end, unless a wire was given. received: bytes so far."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, baud: int, take: Callable[[bytes], None], room: Callable[[], int]
    ) -> None:
        self.loop = loop
        self.baud = baud
        self.take = take
        self.room = room
        self.received = 0
        self.host: socket.socket | None = None
        self._wire: Wire | None = None
        self._arriving: asyncio.TimerHandle | None = None  # bytes that are still on the line

    def plug(self, wire: Wire | None = None) -> None:
        """Take this end of a wire, or make a new one, whose other end is `host`. The old one hangs up."""
        self.unplug()
        if self.host is not None:
            self.host.close()  # whoever had it had lost it anyway
            self.host = None
        if wire is None:
            self.host, wire = socket.socketpair()
        os.set_blocking(wire.fileno(), False)
        self._wire = wire
        self.listen()

    def unplug(self) -> None:
        """Hang up."""
        self.forget()
        if self._wire is not None:
            self.loop.remove_reader(self._wire.fileno())
            self._wire.close()
            self._wire = None

    def forget(self) -> None:
        """What is on the line is lost."""
        if self._arriving is not None:
            self._arriving.cancel()
            self._arriving = None

    def listen(self) -> None:
        """Take from the line while there is room; to be called again when there may be room again."""
        if self._wire is None:
            return
        if self._arriving is None and self.room() > 0:
            self.loop.add_reader(self._wire.fileno(), self._readable)
        else:
            self.loop.remove_reader(self._wire.fileno())

    def send(self, data: bytes) -> bool:
        """Say something to the host; False when it was not taken (nobody there, or nobody who reads)."""
        if self._wire is None:
            return False
        try:
            return os.write(self._wire.fileno(), data) == len(data)
        except OSError:
            return False

    def _readable(self) -> None:
        assert self._wire is not None
        room = self.room()
        try:
            data = os.read(self._wire.fileno(), min(room, PACED_READ) if self.baud else room)
        except BlockingIOError:
            return
        except OSError:
            data = b""  # a pty says EIO when its slave is closed
        if not data:
            self.unplug()
        elif self.baud:
            self._arriving = self.loop.call_later(len(data) * BITS_A_BYTE / self.baud, self._arrived, data)
            self.listen()
        else:
            self._arrived(data)

    def _arrived(self, data: bytes) -> None:
        self._arriving = None
        self.received += len(data)
        self.take(data)
        self.listen()
