"""Calls: which broker, over TLS or not, in which version of MQTT. What is learnt of a broker is kept while the till is on."""

import asyncio
import importlib
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from socket import socket
from typing import TYPE_CHECKING, Any, Protocol

from hal import tls
from hal.brokers import Broker, Turns, loopback
from hal.ports.board import Clock, Log
from hal.ports.faults import LinkDown
from hal.refusal import Mute, OldBroker, Refused

if TYPE_CHECKING:
    from hal.mqtt_client import Session

DIAL_S = 30
FIRST_S, FIRST_NEAR_S = 3.0, 0.5  # for the first greeting of all; on this very machine


class Line(Protocol):
    """What carries the bytes.

    state: "off" or "line". name: "wifi", "4g" or "off", the one in use. bars: 0..4. cost: 0 free, 1 metered.
    start() has moved() called at each change. dial() gives a connected, non-blocking socket and raises LinkDown or
    OSError. report() tells the line how a round ended: good, when a broker answered us; else no handshake, no greeting, or
    silence where an answer was due. spent(): bytes carried since the start, both ways; 0 where nobody counts."""

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


@dataclass(frozen=True)
class Hello:
    """What a session begins with."""

    client_id: str
    subscribe: str
    will_topic: str
    will: bytes
    keepalive_s: int


class Nameless(LinkDown):
    """We cannot even call: the till has no certificate."""


class Caller:
    """Gets a session with a broker. on_message and ended: the session's own callbacks (hal/mqtt_client.py)."""

    def __init__(
        self,
        line: Line,
        brokers: tuple[Broker, ...],
        identity: Identity,
        clock: Clock,
        log: Log,
        on_message: Callable[[str, bytes], None],
        ended: Callable[[str, bool], None],
    ) -> None:
        self.line = line
        self.identity = identity
        self.log = log
        self.on_message = on_message
        self.ended = ended
        self.turns = Turns(brokers, clock.now_ms)
        self.hurry = asyncio.Event()
        self.over = ""  # the name of the line that the session, or the call for one, goes over; "" without either
        self.versions: dict[Broker, int] = {}
        self.tickets: dict[Broker, tuple[ssl.SSLContext, ssl.SSLSession | None]] = {}

    def line_moved(self) -> None:
        """Another line: what waits because all brokers refused us need not wait any longer."""
        self.turns.hurry()
        self.hurry.set()

    async def call(self, hello: Hello) -> "Session":
        """A session with the first broker that greets us. Raises LinkDown, with the reason of each."""
        await self._wait_for_turn()
        faults: list[LinkDown] = []
        for broker in self.turns.order(hello.client_id):
            try:
                session = await self._call(broker, hello)
            except LinkDown as fault:
                self.turns.failed(broker)
                self.versions.pop(broker, None)
                self.tickets.pop(broker, None)  # one that fails is not tried twice
                fault.args = (f"{broker}: {fault}",)
                faults.append(fault)
            else:
                self.turns.greeted(broker)
                return session
        self.over = ""
        self.turns.refused(hello.client_id, [crowded(fault) for fault in faults])
        if not all(isinstance(fault, Nameless) for fault in faults):
            self.line.report(any(isinstance(fault, Refused) for fault in faults), "; ".join(map(str, faults)))
        raise LinkDown("; ".join(map(str, faults)))

    async def _wait_for_turn(self) -> None:
        """Until it is this till's turn, or another line is there."""
        left_ms = self.turns.left_ms()
        if not left_ms:
            return
        self.log.say("net", f"every broker refuses: this till's turn is in {left_ms // 1000} s")
        self.hurry.clear()
        waiting = asyncio.ensure_future(self.hurry.wait())
        try:
            await asyncio.wait((waiting,), timeout=left_ms / 1000)
        finally:
            waiting.cancel()

    async def _call(self, broker: Broker, hello: Hello) -> "Session":
        """In the newest version of MQTT that this broker has; that it lacks MQTT 5 costs one call, once.

        A call that ends because the line goes away says nothing of the broker: what is known of it stays known."""
        # 57 ms the first time: long after the first frame, and beside the loop
        paho = await asyncio.to_thread(importlib.import_module, "hal.mqtt_client")
        known = self.versions.get(broker)
        try:
            session: Session = await self._greet(
                paho, broker, known or paho.V5, hello, paho.GREETING_S if known else first_patience_s(broker)
            )
        except (OldBroker, Mute) as fault:
            if known:
                raise
            self.log.say("net", f"{broker}: {fault}; once more with MQTT 3.1.1")
            if isinstance(fault, OldBroker):
                self.versions[broker] = paho.V311
            session = await self._greet(paho, broker, paho.V311, hello, paho.GREETING_S)
        self.versions[broker] = session.protocol
        return session

    async def _greet(self, paho: Any, broker: Broker, protocol: int, hello: Hello, patience_s: float) -> "Session":
        stream, context = await self._reach(broker)
        session: Session = paho.Session(
            stream, protocol, hello.client_id, self.on_message, lambda text: self.log.say("net", text), self.ended
        )
        try:
            await session.open(hello.subscribe, hello.will_topic, hello.will, hello.keepalive_s, patience_s)
        except OSError as fault:  # of a socket that was gone before its first byte
            raise LinkDown(f"the line broke off before the greeting: {fault}") from fault
        self.line.report(True, "")
        if context:
            self.tickets[broker] = (context, stream.session)
        return session

    async def _reach(self, broker: Broker) -> "tuple[Any, ssl.SSLContext | None]":
        """A socket to it, with TLS over it where the broker has that. Raises LinkDown."""
        context = self.identity.context() if broker.tls else None
        if broker.tls and context is None:
            raise Nameless("it asks for a certificate, and this till has none yet")
        sock = await self._dial(broker)
        if context is None:
            return sock, None
        former, ticket = self.tickets.get(broker, (context, None))
        return await tls.wrap(sock, context, broker.host, ticket if former is context else None), context

    async def _dial(self, broker: Broker) -> socket:
        self.over = self.line.name
        try:
            async with asyncio.timeout(DIAL_S):
                return await self.line.dial(broker.host, broker.port)
        except asyncio.TimeoutError:
            raise LinkDown(f"did not take the call in {DIAL_S} s") from None
        except OSError as fault:
            raise LinkDown(f"does not take calls: {fault}") from fault


def first_patience_s(broker: Broker) -> float:
    """With a broker of which nothing is known yet: amqtt leaves a CONNECT of MQTT 5 without an answer."""
    return FIRST_NEAR_S if loopback(broker.host) else FIRST_S


def crowded(fault: LinkDown) -> bool:
    """Does the broker refuse everybody? Then all tills hear it, and would all come back at once."""
    return (isinstance(fault, Refused) and fault.busy) or isinstance(fault.__cause__, ConnectionRefusedError)
