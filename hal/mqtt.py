"""The link: MQTT over whichever line the board has, and raw deflate beside it.

A line carries bytes (hal/ip_line.py, a modem, the bench's own): `state` is "off" or "line", `name` is "wifi", "4g" or
"off", `bars` is 0..4; `start(moved)` has moved() called at each change; `dial()` gives a connected non-blocking socket,
or raises LinkDown or OSError. Every fault that the network knows becomes LinkDown here."""

import asyncio
import importlib
import socket
import zlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from hal.ports.board import Clock, Link, Log
from hal.ports.faults import LinkDown
from hal.ports.keys import LinkMoved

if TYPE_CHECKING:
    from hal.mqtt_client import Session
    from hal.ports.board import Input

DIAL_S = 30


class Line(Protocol):
    """What carries the bytes."""

    @property
    def state(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def bars(self) -> int: ...
    def start(self, moved: Callable[[], None]) -> None: ...
    async def dial(self) -> socket.socket: ...


class MqttLink(Link):
    """The link port over one line."""

    def __init__(self, line: Line, clock: Clock, log: Log) -> None:
        self.line = line
        self.clock = clock
        self.log = log
        self.session: Session | None = None
        self.dialling: asyncio.Future[socket.socket] | None = None
        self.post: Callable[[Input], None] = lambda event: None
        self.on_message: Callable[[str, bytes], None] = lambda topic, payload: None

    def start(self, post: "Callable[[Input], None]", on_message: "Callable[[str, bytes], None]") -> None:
        self.post = post
        self.on_message = on_message
        self.line.start(self._line_moved)
        self._note()

    async def connect(self, client_id: str, subscribe: str, will_topic: str, will: bytes, keepalive_s: int) -> None:
        if self.line.state == "off":
            raise LinkDown("no line")
        if self.session:
            self.session.drop("a new session takes over")
        began = self.clock.now_ms()
        paho = importlib.import_module("hal.mqtt_client")  # 57 ms the first time, long after the first frame
        sock = await self._dial()
        session: Session = paho.Session(sock, client_id, self.on_message, self._ended)
        self.session = session
        try:
            await session.open(subscribe, will_topic, will, keepalive_s)
        except OSError as fault:
            raise LinkDown(str(fault)) from fault
        self.log.say("net", f"online after {self.clock.now_ms() - began} ms")
        self._note()

    async def _dial(self) -> socket.socket:
        """The line's own socket. Raises LinkDown, and at once when the line goes away meanwhile."""
        self.dialling = asyncio.ensure_future(self.line.dial())
        try:
            await asyncio.wait((self.dialling,), timeout=DIAL_S)
            if not self.dialling.done():
                raise LinkDown(f"the broker did not take the call in {DIAL_S} s")
            if self.dialling.cancelled():
                raise LinkDown("the line went away during the call")
            return self.dialling.result()
        except OSError as fault:
            raise LinkDown(f"the broker does not take calls: {fault}") from fault
        finally:
            self.dialling.cancel()
            self.dialling = None

    async def publish(self, topic: str, payload: bytes, qos: int, retain: bool) -> None:
        if self.session is None:
            raise LinkDown("no session")
        self.session.publish(topic, payload, qos, retain)

    async def disconnect(self) -> None:
        if self.session:
            await self.session.close()

    def drop(self) -> None:
        """The power is gone: the socket closes and nothing is said to anyone."""
        self.post = lambda event: None
        self._hang_up("the power is gone")

    def deflate(self, data: bytes, dictionary: bytes) -> bytes:
        packer = zlib.compressobj(9, zlib.DEFLATED, -15, 9, zlib.Z_DEFAULT_STRATEGY, dictionary)
        return packer.compress(data) + packer.flush()

    def _line_moved(self) -> None:
        if self.line.state == "off":
            self._hang_up("the line is gone")
        self._note()

    def _hang_up(self, why: str) -> None:
        if self.dialling:
            self.dialling.cancel()
        if self.session:
            self.session.drop(why)

    def _ended(self, why: str) -> None:
        if self.session and self.session.greeted:  # of one that never came to be, the LinkDown of connect() tells
            self.log.say("net", why)
        self.session = None
        self._note()

    def _note(self) -> None:
        """Look at the line and the session, and tell whoever waits when something is not as it was."""
        up = self.line.state != "off"
        state = "off" if not up else "online" if self.session and self.session.greeted else "line"
        was = (self.state, self.name, self.bars)
        self.state, self.name, self.bars = state, self.line.name if up else "off", self.line.bars if up else 0
        if was != (self.state, self.name, self.bars):
            self.post(LinkMoved())
