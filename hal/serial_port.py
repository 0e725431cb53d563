"""A serial port on the asyncio loop, without threads: pyserial opens it and sets it up, the loop does all the waiting.

Any owner of a file descriptor will do: a pyserial object, the slave of a pty, one end of a socket pair."""

import array
import asyncio
import fcntl
import os
import select
import termios
from collections.abc import Callable
from typing import Protocol

import serial

READ_SIZE = 4096
BITS_A_BYTE = 10  # 8N1: a start bit and a stop bit around eight


class Device(Protocol):
    """What pyserial's Serial, a socket and an open file have in common."""

    def fileno(self) -> int:
        """The descriptor, open until close()."""
        ...

    def close(self) -> None:
        """Let go of it."""
        ...


class PortGone(OSError):
    """Nothing is at the other end: never opened, unplugged or hung up. The next use tries to open it again."""


class PortStalled(OSError):
    """The other end takes no bytes. sent: how many of this write are on their way, never to be sent twice by mistake."""

    def __init__(self, sent: int, size: int):
        super().__init__(f"only {sent} of {size} bytes were taken in time")
        self.sent = sent


def open_serial(path: str, baud: int, rtscts: bool = False, xonxoff: bool = False) -> Device:
    """The serial device at `path`, 8N1, locked for us alone. Raises OSError (pyserial's SerialException is one).

    exclusive is an advisory flock: it keeps a second Barrow out, not a foreign program."""
    port: Device = serial.Serial(path, baud, timeout=0, write_timeout=0, rtscts=rtscts, xonxoff=xonxoff, exclusive=True)
    # pyserial sets VMIN to 0, and then "nothing yet" reads like a hang-up (termios(3): read returns 0 for both)
    try:
        modes = termios.tcgetattr(port.fileno())
        modes[6][termios.VMIN] = 1
        termios.tcsetattr(port.fileno(), termios.TCSANOW, modes)
    except termios.error as fault:  # pulled out in this very moment; no OSError by itself
        port.close()
        raise OSError(*fault.args) from fault
    return port


class Port:
    """Bytes to and from one device. One reader and one writer at a time; nothing here blocks the loop.

    baud: when given, write() returns when the last bit has left the wire, so that an answer can be timed from there
    (0: at once, for wires that have no pace). reopen: called after a hang-up; raises OSError while there is nothing."""

    def __init__(self, device: Device | None, baud: int = 0, reopen: Callable[[], Device] | None = None):
        self._reopen = reopen
        self._baud = baud
        self._clear_at = 0.0  # loop time at which the wire has carried all that was written
        self._waits: dict[int, Callable[[], object]] = {}  # ends a wait, before its descriptor's number is another's
        self._device = self._adopt(device) if device is not None else None

    def open(self) -> None:
        """Open it if it is not; every use does. Raises PortGone."""
        self._fd()

    async def read(self, n: int, timeout_ms: int) -> bytes:
        """Up to n bytes, as soon as there is one; b"" when none came in time. Raises PortGone."""
        fd = self._fd()
        data = self._take(fd, n)
        if not data and timeout_ms > 0:
            loop = asyncio.get_running_loop()
            if await self._ready(loop.add_reader, loop.remove_reader, fd, timeout_ms / 1000):
                data = self._take(fd, n)
        return data or b""

    async def write(self, data: bytes, timeout_ms: int) -> None:
        """All of data: taken within the time, and where the wire has a pace, carried within what it needs for it besides.

        Raises PortStalled, PortGone."""
        loop = asyncio.get_running_loop()
        fd = self._fd()
        end = loop.time() + timeout_ms / 1000
        if self._baud and not await self._carried(fd, end):  # what a write before this one left behind
            raise PortStalled(0, len(data))
        start = loop.time()
        sent = 0
        while sent < len(data):
            taken = self._put(fd, data[sent:])
            sent += taken
            left_s = end - loop.time()
            if taken == 0 and not (left_s > 0 and await self._ready(loop.add_writer, loop.remove_writer, fd, left_s)):
                raise PortStalled(sent - self._drop(fd), len(data))
        if self._baud:
            wire_s = self.wire_s(len(data))
            self._clear_at = max(self._clear_at, start) + wire_s
            if not await self._carried(fd, end + wire_s):
                raise PortStalled(sent - self._drop(fd), len(data))

    def wire_s(self, size: int) -> float:
        """Seconds that so many bytes take on the wire; 0 where it has no pace."""
        return size * BITS_A_BYTE / self._baud if self._baud else 0.0

    def drain_input(self) -> None:
        """Forget whatever has arrived so far. Raises PortGone."""
        fd = self._fd()
        while self._take(fd, READ_SIZE):
            continue

    def check(self) -> None:
        """Nothing, as long as the device that was last used is the one that is there. Raises PortGone."""
        if self._device is None:
            raise PortGone("the port is closed")
        poll = select.poll()
        poll.register(self._device.fileno(), 0)
        if any(happened & (select.POLLHUP | select.POLLERR) for _, happened in poll.poll(0)):
            self.close()
            raise PortGone("the other end hung up")

    def close(self) -> None:
        """Let go of the device; what waits on it sees its time run out. Using the port again opens it again."""
        if self._device is None:
            return
        device, self._device = self._device, None
        for forget in self._waits.values():
            forget()
        self._waits.clear()
        drop_unsent(device.fileno())
        device.close()

    def _adopt(self, device: Device) -> Device:
        os.set_blocking(device.fileno(), False)
        return device

    def _fd(self) -> int:
        if self._device is None:
            if self._reopen is None:
                raise PortGone("the port is closed")
            try:
                self._device = self._adopt(self._reopen())
            except OSError as e:
                raise PortGone(str(e)) from e
        return self._device.fileno()

    def _take(self, fd: int, n: int) -> bytes | None:
        """What is there now; None when there is nothing yet."""
        try:
            data = os.read(fd, n)
        except BlockingIOError:
            return None
        except OSError as e:
            self.close()
            raise PortGone(str(e)) from e
        if not data:
            self.close()
            raise PortGone("the other end hung up")
        return data

    def _put(self, fd: int, data: bytes) -> int:
        """How many bytes went at once; 0 when the way is full."""
        try:
            return os.write(fd, data)
        except BlockingIOError:
            return 0
        except OSError as e:
            self.close()
            raise PortGone(str(e)) from e

    async def _carried(self, fd: int, end: float) -> bool:
        """Wait until the wire has carried it all: by the clock, and by the kernel's count where it keeps one. False: it has not,
        and in the loop's time it is `end`: flow control holds it up, or the device is stuck."""
        loop = asyncio.get_running_loop()
        left_s = self._clear_at - loop.time()
        if left_s > 0:
            await asyncio.sleep(left_s)
        while self._device is not None and (waiting := _waiting_out(fd)):
            left_s = end - loop.time()
            if left_s <= 0:
                return False
            await asyncio.sleep(min(self.wire_s(waiting), left_s))  # no event tells
        return True

    def _drop(self, fd: int) -> int:
        """Forget what the kernel still holds, where that is counted. How many bytes: not all drivers can, usb-serial cannot."""
        if not self._baud or not (waiting := _waiting_out(fd)):
            return 0
        drop_unsent(fd)
        return waiting - _waiting_out(fd)

    async def _ready(self, add: Callable[..., object], remove: Callable[[int], object], fd: int, timeout_s: float) -> bool:
        """Wait until fd is ready as `add` means it; False when the time is over."""
        loop = asyncio.get_running_loop()
        ready = loop.create_future()

        def wake(answer: bool) -> None:
            if not ready.done():
                ready.set_result(answer)

        add(fd, wake, True)
        timer = loop.call_later(timeout_s, wake, False)
        self._waits[id(ready)] = lambda: remove(fd)
        try:
            return bool(await ready)
        finally:
            timer.cancel()
            if self._waits.pop(id(ready), None):
                remove(fd)


def drop_unsent(fd: int) -> None:
    """What a terminal has not carried yet is forgotten: close(2) waits half a minute for an end that takes no bytes."""
    if not os.isatty(fd):
        return
    try:
        termios.tcflush(fd, termios.TCOFLUSH)
    except termios.error:
        return  # hung up: it holds nothing


def _waiting_out(fd: int) -> int:
    """Bytes that a terminal's driver holds; 0 for what is no terminal (a socket's count would include its overhead)."""
    if not os.isatty(fd):
        return 0
    count = array.array("i", [0])
    try:
        fcntl.ioctl(fd, termios.TIOCOUTQ, count)
    except OSError:
        return 0  # hung up meanwhile: the next read or write says so
    return count[0]
