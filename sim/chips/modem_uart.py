"""The virtual modem's end of its serial line: 10 bits a byte both ways, by absolute time, so that the pace never drifts.

What goes out is a row of items (a line, a raw block with its head); an item is never broken into by another, but may come
over the wire in pieces of any size."""

import asyncio
import os
import random
import socket
from collections.abc import Callable

from sim.chips.uart import Wire

BITS_A_BYTE = 10  # 8N1
PIECE = 64  # bytes on the wire as one event, where the line has a pace
INPUT = 4096  # bytes that the modem takes before it lowers its CTS
LOW = 2048  # bytes of output that still wait when more may be made


class Line:
    """heard: called with what arrives. room: how many bytes the chip can take; at 0 the host has to wait.

    split: 0, or the longest piece in which output is cut, each of random length. received, sent: bytes so far."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        baud: int,
        chance: random.Random,
        heard: Callable[[bytes], None],
        room: Callable[[], int],
    ) -> None:
        self.loop = loop
        self.baud = baud
        self.chance = chance
        self.heard = heard
        self.room = room
        self.drained: Callable[[], None] = lambda: None  # called when little waits to go out
        self.split = 0
        self.received = 0
        self.sent = 0
        self.host: socket.socket | None = None
        self._wire: Wire | None = None
        self._out = bytearray()
        self._in_due = self._out_due = 0.0  # loop times until which the line is taken
        self._arriving: asyncio.TimerHandle | None = None
        self._leaving: asyncio.Handle | None = None
        self._held_up = False

    def plug(self, wire: "Wire | None" = None) -> None:
        """Take this end of a wire, or make a pair whose other end is `host`. The old one hangs up."""
        self.unplug()
        if wire is None:
            self.host, wire = socket.socketpair()
        os.set_blocking(wire.fileno(), False)
        self._wire = wire
        self.listen()
        self._go()

    def unplug(self) -> None:
        """Hang up; what was on the line is lost."""
        self.silence()
        if self._arriving:
            self._arriving.cancel()
            self._arriving = None
        if self._wire is not None:
            self.loop.remove_reader(self._wire.fileno())
            self._wire.close()
            self._wire = None

    def silence(self) -> None:
        """Whatever was to be said is not."""
        self._out.clear()
        self._held_up = False
        if self._leaving:
            self._leaving.cancel()
            self._leaving = None
        if self._wire is not None:
            self.loop.remove_writer(self._wire.fileno())

    def say(self, item: bytes) -> None:
        """Send, after all that was said before."""
        if self._wire is not None:
            self._out += item
            self._go()

    @property
    def waiting(self) -> int:
        """Bytes that have not left."""
        return len(self._out)

    def listen(self) -> None:
        """Take from the line while there is room; to be called again when there may be room again."""
        if self._wire is None or self._arriving:
            return
        if self.room() > 0:
            self.loop.add_reader(self._wire.fileno(), self._readable)
        else:
            self.loop.remove_reader(self._wire.fileno())

    def _readable(self) -> None:
        assert self._wire is not None
        try:
            data = os.read(self._wire.fileno(), PIECE if self.baud else min(self.room(), INPUT))
        except BlockingIOError:
            return
        except OSError:
            data = b""  # a pty says EIO when its slave is closed
        if not data:
            self.unplug()
            return
        if not self.baud:
            self._arrived(data)
            return
        self._in_due = max(self._in_due, self.loop.time()) + len(data) * BITS_A_BYTE / self.baud
        self.loop.remove_reader(self._wire.fileno())
        self._arriving = self.loop.call_at(self._in_due, self._arrived, data)

    def _arrived(self, data: bytes) -> None:
        self._arriving = None
        self.received += len(data)
        self.heard(data)
        self.listen()

    def _go(self) -> None:
        """Put the next piece on the line, to be there when its last bit is."""
        if self._leaving or self._held_up or not self._out or self._wire is None:
            return
        size = min(len(self._out), self.chance.randint(1, self.split) if self.split else PIECE if self.baud else len(self._out))
        if not self.baud:
            self._leaving = self.loop.call_soon(self._leave, size)
            return
        self._out_due = max(self._out_due, self.loop.time()) + size * BITS_A_BYTE / self.baud
        self._leaving = self.loop.call_at(self._out_due, self._leave, size)

    def _leave(self, size: int) -> None:
        self._leaving = None
        if self._wire is None:
            return
        try:
            taken = os.write(self._wire.fileno(), self._out[:size])
        except BlockingIOError:
            taken = 0
        except OSError:
            self.unplug()
            return
        self.sent += taken
        del self._out[:taken]
        self._held_up = taken < size
        if self._held_up:  # RTS is low: the host is behind
            self.loop.add_writer(self._wire.fileno(), self._room, size - taken)
            return
        self._go()
        if len(self._out) < LOW:
            self.drained()

    def _room(self, size: int) -> None:
        if self._wire is not None:
            self.loop.remove_writer(self._wire.fileno())
            self._leave(size)


class Meters:
    """Of the line, as a modem has them."""

    wire: Line

    @property
    def received(self) -> int:
        return self.wire.received

    @property
    def sent(self) -> int:
        return self.wire.sent

    @property
    def split(self) -> int:
        return self.wire.split

    @split.setter
    def split(self, longest: int) -> None:
        self.wire.split = longest
