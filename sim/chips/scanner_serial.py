"""The virtual scanner at a serial line: it sends what it reads, byte by byte, and lives on its cable's power."""

import asyncio

from sim.chips.uart import Uart, Wire

DEAF = 64  # bytes at once of what a till might say: nothing comes of them


class SerialScannerChip:
    """Knobs: scan, say, unplug, plug, prefix, suffix, pace_ms."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.prefix = ""  # an AIM identifier such as "]E0", when the scanner is set to send it
        self.suffix = "\r\n"
        self.pace_ms = 1  # of a byte at 9600 baud; 0 for all of them at once
        self._uart = Uart(loop, 0, lambda data: None, lambda: DEAF)
        self._waiting = bytearray()
        self._sending: asyncio.TimerHandle | None = None

    def scan(self, text: str) -> None:
        """Read a label."""
        self.say((self.prefix + text + self.suffix).encode())

    def say(self, data: bytes) -> None:
        """Whatever it may be. With nobody at the other end it is lost."""
        self._waiting += data
        if self._sending is None:
            self._send()

    def _send(self) -> None:
        self._sending = None
        size = 1 if self.pace_ms else len(self._waiting)
        self._uart.send(bytes(self._waiting[:size]))
        del self._waiting[:size]
        if self._waiting:
            self._sending = self.loop.call_later(self.pace_ms / 1000, self._send)

    def plug(self, wire: Wire | None = None) -> None:
        """Onto this end of a wire, or a new pair of ends."""
        self._uart.plug(wire)

    def take_host(self) -> Wire:
        """A new pair, and the till's end of it: what opening the port gives."""
        self._uart.plug()
        assert self._uart.host is not None
        return self._uart.host

    def unplug(self) -> None:
        """Pull the cable: what it has not sent by now is gone, since it is dark."""
        if self._sending is not None:
            self._sending.cancel()
            self._sending = None
        self._waiting.clear()
        self._uart.unplug()

    def close(self) -> None:
        """The till lost its power, and feeds it no more."""
        self.unplug()
