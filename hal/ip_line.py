"""A line over whatever IP interface the OS has.

Up and down come from the OS as they happen; nothing is polled. How strong its radio is heard is asked now and then, beside the
loop (hal/looks.py); what a modem that the OS drives has carried, when somebody wants to know."""

import asyncio
import os
import socket
from collections.abc import Callable
from typing import Protocol

from hal.ip_watch import CELL, FULL, Everywhere, Interfaces
from hal.ports.faults import LinkDown

DIAL_S = 10


class Watch(Protocol):
    """hal/ip_watch.py, or a test's own."""

    def name(self) -> str: ...
    def news(self) -> socket.socket | None: ...
    def read_news(self) -> None: ...
    def bars(self) -> int: ...
    def carried(self) -> int: ...


class IpLine:
    """A line as hal/mqtt.py wants it. loopback: all that is ever dialled is on this machine, so the line is always up."""

    def __init__(self, loopback: bool = False, watch: Watch | None = None) -> None:
        self.watch = watch or (Everywhere() if loopback else Interfaces())
        self.name = self.watch.name()
        self.moved: Callable[[], None] = lambda: None
        self._bars = FULL
        self._seen, self._spent = self.watch.carried(), 0

    @property
    def state(self) -> str:
        return "off" if self.name == "off" else "line"

    @property
    def cost(self) -> int:
        """A modem that the OS drives is metered as any other."""
        return 1 if self.name == CELL else 0

    @property
    def bars(self) -> int:
        return 0 if self.name == "off" else self._bars

    def read(self) -> int:
        """How many bars. Asks a driver, and so is called beside the loop."""
        return self.watch.bars()

    def heed(self, bars: int) -> None:
        """What read() gave."""
        was, self._bars = self.bars, bars
        if self.bars != was:
            self.moved()

    def start(self, moved: Callable[[], None]) -> None:
        """In the running loop. moved() is called at each change."""
        self.moved = moved
        news = self.watch.news()
        if news:
            asyncio.get_running_loop().add_reader(news, self._look)

    def _look(self) -> None:
        self.watch.read_news()
        name = self.watch.name()
        if name != self.name:
            self.name = name
            self.moved()

    async def dial(self, host: str, port: int) -> socket.socket:
        """A connected, non-blocking socket. Raises LinkDown."""
        try:
            return await asyncio.wait_for(connect(host, port), DIAL_S)
        except asyncio.TimeoutError:
            raise LinkDown(f"no answer in {DIAL_S} s") from None
        except OSError as fault:
            raise LinkDown(reason(fault)) from fault
        except UnicodeError:
            raise LinkDown("no name that DNS could know") from None

    def report(self, good: bool, why: str) -> None:
        """How the call ended: the OS chooses among its interfaces, so there is nothing to do about it here."""

    def spent(self) -> int:
        """Bytes over a modem that the OS drives, as its interface counts them: from nought again when it comes anew."""
        now = self.watch.carried()
        self._spent += now - self._seen if now >= self._seen else now
        self._seen = now
        return self._spent


async def connect(host: str, port: int) -> socket.socket:
    """TCP, without blocking the loop: the first address of the name that answers. Raises OSError."""
    loop = asyncio.get_running_loop()
    refusal = OSError("no address")
    for family, kind, proto, _, address in await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        sock = socket.socket(family, kind, proto)
        sock.setblocking(False)
        try:
            await loop.sock_connect(sock, address)
        except OSError as fault:
            sock.close()
            refusal = fault
        except BaseException:
            sock.close()
            raise
        else:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # with Nagle an answer takes 41 ms
            return sock
    raise refusal


def reason(fault: OSError) -> str:
    """In the field's words: asyncio's own say only which call it was."""
    if isinstance(fault, socket.gaierror) or not fault.errno:
        return fault.strerror or str(fault)
    return os.strerror(fault.errno)
