"""A printer at a USB line printer's node, /dev/usb/lp0 (Linux usblp): bytes out, and answers in where it has a way back.

One that has none is told apart by the first read (EINVAL, usblp.c), and is asked for the status byte of its class instead."""

import array
import asyncio
import errno
import fcntl
import os
import re
from collections.abc import Callable

from hal.ports.board import Printer
from hal.serial_port import Device, Port, PortGone

NODE = re.compile(r"/dev/(usb/)?lp[0-9]+")
LPGETSTATUS = 0x060B  # linux/lp.h: GET_PORT_STATUS of the USB printer class, 4.2.2
NO_REQUEST = 0x0600  # of no meaning to any driver of printers: refused at once (ENOTTY), with no word to the printer
PAPER_EMPTY, NO_ERROR = 0x20, 0x08
DEAF = (errno.EINVAL, errno.EBADF)  # usblp of one without a way back; a node open for writing alone
NOTHING_S = 0.01  # between two reads of a printer that keeps answering with packets of no bytes

Ioctl = Callable[[int, int, "array.array[int]"], int]


class LinePrinter:
    """The node, held for us alone: usblp lets one in."""

    def __init__(self, path: str):
        self._fd = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)

    def fileno(self) -> int:
        return self._fd

    def close(self) -> None:
        os.close(self._fd)


def read_status(fd: int, request: int, into: "array.array[int]") -> int:
    """The ioctl itself. Raises OSError."""
    return int(fcntl.ioctl(fd, request, into))


class UsbPort(Port):
    """A port with no pace of its own, on which no bytes are no hang-up: a pulled cable is ENODEV."""

    def __init__(self, reopen: Callable[[], Device], ioctl: Ioctl = read_status):
        super().__init__(None, 0, reopen)
        self._ioctl = ioctl
        self._deaf = False  # it has no way back

    async def read(self, n: int, timeout_ms: int) -> bytes:
        """Like Port's. Packets of no bytes are waited out."""
        loop = asyncio.get_running_loop()
        end = loop.time() + timeout_ms / 1000
        data = await super().read(n, 0)
        while not data and (left_s := end - loop.time()) > NOTHING_S:
            data = await super().read(n, int(left_s * 1000))
            if not data:
                await asyncio.sleep(NOTHING_S)
        return data

    def check(self) -> None:
        """Like Port's. usblp tells of a pulled cable by ENODEV alone, in answer to any request (usblp_ioctl), before it looks at
        it: a printer that is stuck holds nobody up."""
        super().check()
        try:
            self._ioctl(self._fd(), NO_REQUEST, array.array("i", [0]))
        except OSError as e:
            if e.errno == errno.ENODEV:
                self.close()
                raise PortGone(str(e)) from e

    def trouble(self) -> str:
        """OUT or ERROR as the class's status byte says it, else UNKNOWN: printers that cannot tell say all is well too.

        For a worker: one that is stuck keeps the caller for 5 s (usblp_ctrl_msg, USB_CTRL_SET_TIMEOUT)."""
        into = array.array("i", [0])
        try:
            self._ioctl(self._fd(), LPGETSTATUS, into)
        except OSError:
            return Printer.UNKNOWN
        if into[0] & PAPER_EMPTY:
            return Printer.OUT
        return Printer.UNKNOWN if into[0] & NO_ERROR else Printer.ERROR

    def _adopt(self, device: Device) -> Device:
        self._deaf = False
        return super()._adopt(device)

    def _take(self, fd: int, n: int) -> bytes | None:
        if self._deaf:
            return None
        try:
            return os.read(fd, n) or None
        except BlockingIOError:
            return None
        except OSError as e:
            if e.errno in DEAF:
                self._deaf = True
                return None
            self.close()
            raise PortGone(str(e)) from e
