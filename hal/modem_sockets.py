"""One TCP connection through the modem: on one side a number that the modem knows, on the other a socket for the till.

Ciphertext passes and nothing else: TLS and MQTT end in the till. The buffers between are short, so that whoever writes
learns how fast the air is, and a reader that does not read holds the modem up."""

import asyncio
import socket
from collections.abc import Callable
from enum import Enum

PAIR_BYTES = 16384  # of each direction's socket buffer: more, and paho "sends" 200 kB that the air carries in 20 s
HOLD_BYTES = 65536  # of what came and the till has not read


class Stage(Enum):
    """Of a link's life."""

    OPENING = "opening"
    OPEN = "open"
    CLOSING = "closing"  # the modem still has to be told
    GONE = "gone"


class Link:
    """number: the modem's. wake: called when there is something to do: bytes to send, room for more, an end.

    till: the end that the caller of dial() gets. opened: what the modem says of the call, 0 is yes. unread: the modem keeps
    bytes for us. left: the far end has closed, and the modem may still keep what it sent before."""

    def __init__(self, number: int, wake: Callable[[], None]) -> None:
        self.number = number
        self.loop = asyncio.get_running_loop()
        self.stage = Stage.OPENING
        self.opened: asyncio.Future[int] = self.loop.create_future()
        self.till, self._near = socket.socketpair()
        for end in (self.till, self._near):
            end.setblocking(False)
            end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, PAIR_BYTES)
        self._wake = wake
        self._down = bytearray()  # from the far end, for the till
        self._up = b""  # from the till, refused by a modem that was full
        self._watched = False
        self.readable = False
        self.unread = False
        self.left = False
        self.ended = False  # the same, and nothing is left in the modem
        self.full_since_s: float | None = None  # the modem's buffer takes nothing since
        self.held_since_s: float | None = None  # the till reads nothing since
        self.resume_s = 0.0  # loop time before which it is not worth trying to send
        self.peek_s: float | None = None  # loop time at which to ask whether the modem forgot to tell of bytes

    def begin(self) -> None:
        """The far end took the call."""
        self.stage = Stage.OPEN
        self._watch()

    # -- towards the far end

    def take(self, most: int) -> bytes:
        """What the till wants sent, b"" where it is nothing. A till that hung up makes the link close."""
        if self._up:
            return self._up
        try:
            data = self._near.recv(most)
        except BlockingIOError:
            data = None
        except OSError:
            data = b""
        if data is None:
            self.readable = False
            self._watch()
            return b""
        if not data:
            self.close()
        return data

    def sent(self, data: bytes, done: int) -> None:
        """The modem took `done` bytes of data; the rest comes first next time."""
        self._up = data[done:]
        if done:
            self.full_since_s = None
        elif self.full_since_s is None:
            self.full_since_s = self.loop.time()

    @property
    def pending(self) -> bool:
        """Is there something to send?"""
        return self.stage is Stage.OPEN and not self.left and not self.ended and (bool(self._up) or self.readable)

    # -- towards the till

    def give(self, data: bytes) -> None:
        """Bytes of the far end."""
        if self.stage is not Stage.OPEN:
            return
        self._down += data
        self._pour()

    @property
    def crowded(self) -> bool:
        """Does the till leave too much unread?"""
        return len(self._down) > HOLD_BYTES

    @property
    def hungry(self) -> bool:
        """Is there room for one more read, and something to be had?"""
        return self.stage is Stage.OPEN and self.unread and len(self._down) <= HOLD_BYTES

    def hang_up(self) -> None:
        """The far end closed, and nothing of it is left in the modem: the till reads what is here, then the end."""
        self.ended = True
        if not self._down:
            self.close()

    def close(self) -> None:
        """The till's side ends now; the modem has to be told yet."""
        if self.stage in (Stage.CLOSING, Stage.GONE):
            return
        self._end(Stage.CLOSING)
        self._wake()

    def gone(self) -> None:
        """Nothing is left of it in the modem either."""
        self._end(Stage.GONE)

    def _end(self, stage: Stage) -> None:
        if self.stage in (Stage.OPENING, Stage.OPEN):
            self.loop.remove_reader(self._near)
            self.loop.remove_writer(self._near)
            self._near.close()
            if not self.opened.done():
                self.opened.set_exception(ConnectionError("the line went away during the call"))
                self.opened.exception()  # the caller may have gone, too
        self.stage = stage
        self._down.clear()
        self._up = b""
        self.held_since_s = None

    def _watch(self) -> None:
        if not self._watched:
            self._watched = True
            self.loop.add_reader(self._near, self._readable)

    def _readable(self) -> None:
        self.loop.remove_reader(self._near)
        self._watched = False
        self.readable = True
        self._wake()

    def _pour(self) -> None:
        """Into the till's socket, as much as it takes."""
        was_crowded = self.crowded
        try:
            while self._down:
                taken = self._near.send(self._down)
                del self._down[:taken]
                self.held_since_s = None
        except BlockingIOError:
            if self.held_since_s is None:
                self.held_since_s = self.loop.time()
            self.loop.add_writer(self._near, self._pour)
            if was_crowded and not self.crowded:
                self._wake()
            return
        except OSError:
            self.close()
            return
        self.loop.remove_writer(self._near)
        if self.ended:
            self.close()
        elif was_crowded or self.unread:
            self._wake()


class Call:
    """A link that is to be opened."""

    def __init__(self, link: Link, host: str, port: int) -> None:
        self.link = link
        self.host = host
        self.port = port
