"""The link: MQTT over whichever line the board has, with TLS between them, and raw deflate beside it.

A line carries bytes to wherever it is told (hal/ip_line.py, hal/modem.py, the bench's own); whom to call, and how, is
hal/caller.py's. Every fault that the network knows becomes LinkDown."""

import asyncio
import zlib
from collections.abc import Callable
from typing import TYPE_CHECKING

from hal.brokers import Broker
from hal.caller import Caller, Hello
from hal.caller import Identity as Identity
from hal.caller import Line as Line
from hal.ports.board import Clock, Link, Log
from hal.ports.faults import LinkDown
from hal.ports.keys import LinkMoved

if TYPE_CHECKING:
    from hal.mqtt_client import Session
    from hal.ports.board import Input

METERED_KEEPALIVE_S = 300  # where a byte costs money, a ping a minute would be more than the sales
TOPIC = 96  # bytes of a message beside its payload, at most


class MqttLink(Link):
    """The link port over one line."""

    def __init__(self, line: Line, brokers: tuple[Broker, ...], identity: Identity, clock: Clock, log: Log) -> None:
        self.line = line
        self.clock = clock
        self.log = log
        self.caller = Caller(line, brokers, identity, clock, log, self._heard, self._ended)
        self.calling: asyncio.Future[Session] | None = None
        self.session: Session | None = None
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
        if self.line.cost:
            keepalive_s = max(keepalive_s, METERED_KEEPALIVE_S)
        began = self.clock.now_ms()
        self.calling = asyncio.ensure_future(self.caller.call(Hello(client_id, subscribe, will_topic, will, keepalive_s)))
        try:
            await asyncio.wait((self.calling,))
            if self.calling.cancelled():
                raise LinkDown("the line went away during the call")
            session = self.calling.result()
        finally:
            self.calling.cancel()
            self.calling = None
        if session.over.is_set():
            raise LinkDown("the session broke off in the moment it began")
        self.session = session
        self.largest = max(session.largest - TOPIC, 1) if session.largest else 0
        self.log.say("net", f"online after {self.clock.now_ms() - began} ms")
        self._note()

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

    def _heard(self, topic: str, payload: bytes) -> None:
        self.on_message(topic, payload)

    def _line_moved(self) -> None:
        if self.line.state == "off":
            self._hang_up("the line is gone")
        elif self.line.name != self.name:
            self.caller.line_moved()
            if self.caller.over not in ("", self.line.name):
                self._hang_up(f"{self.line.name} takes over")
        self._note()

    def _hang_up(self, why: str) -> None:
        if self.calling:
            self.calling.cancel()
        if self.session:
            self.session.drop(why)

    def _ended(self, why: str, silent: bool) -> None:
        """The session is over. Silence is the line's fault, as far as anyone can tell."""
        self.log.say("net", why)
        self.session = None
        if silent:
            self.line.report(False, why)
        self._note()

    def _note(self) -> None:
        """Look at the line and the session, and tell whoever waits when something is not as it was."""
        up = self.line.state != "off"
        state = "off" if not up else "online" if self.session else "line"
        was = (self.state, self.name, self.bars)
        self.state, self.name, self.bars = state, self.line.name if up else "off", self.line.bars if up else 0
        if was != (self.state, self.name, self.bars):
            self.post(LinkMoved())
