"""The link: MQTT over whichever line the board has, with TLS between them, and raw deflate beside it.

A line carries bytes to wherever it is told (hal/ip_line.py, hal/modem.py, the bench's own); whom to call, what is said and
in which tongue is decided here. Every fault that the network knows becomes LinkDown."""

import asyncio
import importlib
import ssl
import zlib
from collections.abc import Callable
from socket import socket
from typing import TYPE_CHECKING, Protocol

from hal import tls
from hal.brokers import Broker, Turns
from hal.ports.board import Clock, Link, Log
from hal.ports.faults import LinkDown
from hal.ports.keys import LinkMoved

if TYPE_CHECKING:
    from hal.mqtt_client import Session
    from hal.ports.board import Input

DIAL_S = 30
METERED_KEEPALIVE_S = 300  # where a byte costs money, a ping a minute would be more than the sales


class Line(Protocol):
    """What carries the bytes.

    state: "off" or "line". name: "wifi", "4g" or "off", the one in use. bars: 0..4. cost: 0 free, 1 metered.
    start() has moved() called at each change. dial() gives a connected, non-blocking socket and raises LinkDown or
    OSError. report() tells the line how an attempt ended: good, when a broker greeted us; else no broker did, or one that
    had fell silent. spent(): bytes carried since the start, both ways; 0 where nobody counts."""

    @property
    def state(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def bars(self) -> int: ...
    @property
    def cost(self) -> int: ...
    def start(self, moved: Callable[[], None]) -> None: ...
    async def dial(self, host: str, port: int) -> socket: ...
    def report(self, good: bool, why: str) -> None: ...
    def spent(self) -> int: ...


class Identity(Protocol):
    """Who the till is to a broker with TLS: its certificate, and the one CA that it trusts. None: it has none yet.

    The same context as long as it is the same identity: TLS sessions are resumed only within one."""

    def context(self) -> ssl.SSLContext | None: ...


class NoGreeting(LinkDown):
    """Every broker was called, and none greeted us."""


class MqttLink(Link):
    """The link port over one line."""

    def __init__(self, line: Line, brokers: tuple[Broker, ...], identity: Identity, clock: Clock, log: Log) -> None:
        self.line = line
        self.identity = identity
        self.clock = clock
        self.log = log
        self.turns = Turns(brokers, clock.now_ms)
        self.session: Session | None = None
        self.calling: asyncio.Future[None] | None = None
        self.over = ""  # the name of the line that the last attempt began on
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
        self.over = self.line.name
        self.calling = asyncio.ensure_future(self._call_around(client_id, subscribe, will_topic, will, keepalive_s))
        try:
            await asyncio.wait((self.calling,))
            if self.calling.cancelled():
                raise LinkDown("the line went away during the call")
            self.calling.result()
        except NoGreeting as fault:
            self.line.report(False, str(fault))
            raise
        finally:
            self.calling.cancel()
            self.calling = None
        self.log.say("net", f"online after {self.clock.now_ms() - began} ms")
        self._note()

    async def _call_around(self, client_id: str, subscribe: str, will_topic: str, will: bytes, keepalive_s: int) -> None:
        """The first broker that greets us. Raises LinkDown with every one's reason."""
        faults = []
        for broker in self.turns.order(client_id):
            try:
                await self._call(broker, client_id, subscribe, will_topic, will, keepalive_s)
            except LinkDown as fault:
                self.turns.failed(broker)
                faults.append(f"{broker}: {fault}")
            else:
                self.turns.greeted(broker)
                return
        raise NoGreeting("; ".join(faults))

    async def _call(self, broker: Broker, client_id: str, subscribe: str, will_topic: str, will: bytes, keepalive_s: int) -> None:
        paho = importlib.import_module("hal.mqtt_client")  # 57 ms the first time, long after the first frame
        stream = await self._reach(broker)
        session: Session = paho.Session(stream, client_id, self.on_message, self._ended)
        self.session = session
        try:
            await session.open(subscribe, will_topic, will, keepalive_s)
        except OSError as fault:
            raise LinkDown(str(fault)) from fault
        self.line.report(True, "")

    async def _reach(self, broker: Broker) -> "socket | tls.Stream":
        """The line's own socket, with TLS over it where the broker has it. Raises LinkDown."""
        context = self.identity.context() if broker.tls else None
        if broker.tls and context is None:
            raise LinkDown("it asks for a certificate, and this till has none yet")
        try:
            async with asyncio.timeout(DIAL_S):
                sock = await self.line.dial(broker.host, broker.port)
        except asyncio.TimeoutError:
            raise LinkDown(f"did not take the call in {DIAL_S} s") from None
        except OSError as fault:
            raise LinkDown(f"does not take calls: {fault}") from fault
        return sock if context is None else await tls.wrap(sock, context, broker.host)

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
        elif self.line.name != self.over:
            self._hang_up(f"{self.line.name} takes over")
        self._note()

    def _hang_up(self, why: str) -> None:
        if self.calling:
            self.calling.cancel()
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
