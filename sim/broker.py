"""The broker of headless runs: MQTT 3.1.1 in the loop, over socket pairs, exact to the instant of virtual time.

Written from the OASIS standard (mqtt-v3.1.1-os; section numbers below) and from nothing of hal/ or fleet/, so that two
implementations meet on the wire. What it is not: no sessions that outlive a connection, no QoS 2, no passwords. amqtt,
which `make run` embeds, can run in this loop too; but its session monitor ticks every second, 86,400 instants in a
virtual day in which nothing else happens, and a client that comes back quickly waits one of its seconds."""

import asyncio
import socket

from sim.packets import (
    CONNACK,
    CONNECT,
    DISCONNECT,
    FLAGS,
    PINGREQ,
    PINGRESP,
    PUBACK,
    PUBLISH,
    SUBACK,
    SUBSCRIBE,
    UNSUBACK,
    UNSUBSCRIBE,
    Body,
    Violation,
    fits,
    length,
    packets,
)  # fmt: skip

CHUNK = 65536
TICK_S = 0.001  # a rest of time smaller than a float can show must not be waited for, again and again


class Broker:
    """connect() is a client's end of a new connection; down() is a crash, up() the start after it.

    violations: what clients did that the standard forbids; a test wants it empty."""

    def __init__(self) -> None:
        self.running = True
        self.sessions: dict[str, Session] = {}
        self.fresh: list[Session] = []  # connected, not yet introduced
        self.retained: dict[str, tuple[bytes, int]] = {}  # payload, QoS
        self.violations: list[str] = []

    def connect(self) -> socket.socket:
        """A connected, non-blocking socket. Raises ConnectionRefusedError while the broker is down."""
        if not self.running:
            raise ConnectionRefusedError("the broker is down")
        near, far = socket.socketpair()
        near.setblocking(False)
        far.setblocking(False)
        self.fresh.append(Session(self, near))
        return far

    def down(self) -> None:
        """As after kill -9: connections end, no will is sent, what was retained is gone."""
        self.running = False
        for session in [*self.sessions.values(), *self.fresh]:
            session.close()
        self.sessions.clear()
        self.fresh.clear()
        self.retained.clear()

    def up(self) -> None:
        """Take connections again."""
        self.running = True

    def introduced(self, session: "Session") -> None:
        """A new session under its name; an older one of the same name ends (3.1.4)."""
        self.fresh.remove(session)
        older = self.sessions.pop(session.client_id, None)
        if older:
            older.lost()
        self.sessions[session.client_id] = session

    def left(self, session: "Session") -> None:
        """The connection is closed, for whatever reason."""
        if session in self.fresh:
            self.fresh.remove(session)
        if self.sessions.get(session.client_id) is session:
            del self.sessions[session.client_id]

    def publish(self, topic: str, payload: bytes, qos: int, retain: bool) -> None:
        """To every session with a filter that fits, once each, at the best QoS granted (3.3.5)."""
        if retain:
            self.retained.pop(topic, None)
            if payload:
                self.retained[topic] = (payload, qos)
        for session in list(self.sessions.values()):
            granted = [most for wanted, most in session.filters.items() if fits(wanted, topic)]
            if granted:
                session.deliver(topic, payload, min(qos, max(granted)), False)


class Session:
    """One connection: its packets, its filters, its will."""

    def __init__(self, broker: Broker, sock: socket.socket) -> None:
        self.broker = broker
        self.sock = sock
        self.loop = asyncio.get_running_loop()
        self.client_id = ""
        self.filters: dict[str, int] = {}
        self.will: tuple[str, bytes, int, bool] | None = None
        self.incoming = bytearray()
        self.outgoing = bytearray()
        self.packet_id = 0
        self.heard = self.loop.time()
        self.patience: asyncio.TimerHandle | None = None
        self.loop.add_reader(sock, self.readable)

    # ---- bytes

    def readable(self) -> None:
        try:
            data = self.sock.recv(CHUNK)
        except OSError:
            data = b""
        if not data:
            self.lost()
            return
        self.heard = self.loop.time()
        self.incoming += data
        try:
            for kind, flags, body in packets(self.incoming):
                self.packet(kind, flags, Body(body))
                if self.sock.fileno() < 0:
                    return
        except Violation as fault:
            self.broker.violations.append(f"{self.client_id or 'a stranger'}: {fault}")
            self.lost()

    def send(self, kind: int, flags: int, body: bytes) -> None:
        self.outgoing += bytes((kind << 4 | flags,)) + length(len(body)) + body
        self.writable()

    def writable(self) -> None:
        if self.sock.fileno() < 0:
            return
        try:
            del self.outgoing[: self.sock.send(self.outgoing)]
        except BlockingIOError:
            pass
        except OSError:
            self.lost()
            return
        if self.outgoing:
            self.loop.add_writer(self.sock, self.writable)
        else:
            self.loop.remove_writer(self.sock)

    def close(self) -> None:
        """End the connection and forget the will."""
        if self.patience:
            self.patience.cancel()
        if self.sock.fileno() >= 0:
            self.loop.remove_reader(self.sock)
            self.loop.remove_writer(self.sock)
            self.sock.close()

    def lost(self) -> None:
        """The connection ended without DISCONNECT: the will is due (3.1.2.5)."""
        if self.sock.fileno() < 0:
            return
        self.close()
        self.broker.left(self)
        if self.will:
            self.broker.publish(*self.will)

    # ---- packets

    def packet(self, kind: int, flags: int, body: "Body") -> None:
        if kind != PUBLISH and flags != FLAGS.get(kind, 0):
            raise Violation(f"flags {flags} on packet type {kind}")
        if bool(self.client_id) == (kind == CONNECT):
            raise Violation("CONNECT must come first, and once")
        if kind == CONNECT:
            self.on_connect(body)
        elif kind == PUBLISH:
            self.on_publish(flags, body)
        elif kind == SUBSCRIBE:
            self.on_subscribe(body)
        elif kind == UNSUBSCRIBE:
            packet_id = body.word()
            while body.more():
                self.filters.pop(body.text(), None)
            self.send(UNSUBACK, 0, packet_id.to_bytes(2, "big"))
        elif kind == PINGREQ:
            self.send(PINGRESP, 0, b"")
        elif kind == DISCONNECT:
            self.close()
            self.broker.left(self)
        elif kind != PUBACK:  # a PUBACK frees the packet id, and ids here are never short
            raise Violation(f"packet type {kind}")

    def on_connect(self, body: "Body") -> None:
        if body.text() != "MQTT":
            raise Violation("not MQTT")
        if body.byte() != 4:
            self.send(CONNACK, 0, b"\0\1")  # 3.1.2.2: another version of it is no violation, and gets an answer
            self.close()
            self.broker.left(self)
            return
        flags, keepalive, client_id = body.byte(), body.word(), body.text()
        if flags & 1 or not flags & 2 or flags & 0xC0 or not client_id:
            raise Violation(f"connect flags {flags:#04x}: named clean sessions without password only")
        if flags & 4:
            topic, payload = body.text(), body.blob()
            self.will = (topic, payload, flags >> 3 & 3, bool(flags & 0x20))
        self.client_id = client_id
        self.broker.introduced(self)
        self.send(CONNACK, 0, b"\0\0")
        if keepalive:
            self.watch(keepalive * 1.5)  # 3.1.2.10

    def watch(self, limit: float) -> None:
        silence = self.loop.time() - self.heard
        if silence >= limit - TICK_S:
            self.lost()
        else:
            self.patience = self.loop.call_later(limit - silence, self.watch, limit)

    def on_publish(self, flags: int, body: "Body") -> None:
        qos, topic = flags >> 1 & 3, body.text()
        if qos > 1 or not topic or "+" in topic or "#" in topic:
            raise Violation(f"publish at QoS {qos} to {topic!r}")
        packet_id = body.word() if qos else 0
        self.broker.publish(topic, body.rest(), qos, bool(flags & 1))
        if qos:
            self.send(PUBACK, 0, packet_id.to_bytes(2, "big"))

    def on_subscribe(self, body: "Body") -> None:
        packet_id, granted, new = body.word(), b"", []
        while body.more():
            wanted, qos = body.text(), body.byte()
            self.filters[wanted] = min(qos, 1)
            granted += bytes((min(qos, 1),))
            new.append(wanted)
        self.send(SUBACK, 0, packet_id.to_bytes(2, "big") + granted)
        for topic, (payload, qos) in list(self.broker.retained.items()):
            for wanted in new:
                if fits(wanted, topic):
                    self.deliver(topic, payload, min(qos, self.filters[wanted]), True)

    def deliver(self, topic: str, payload: bytes, qos: int, retained: bool) -> None:
        body = len(topic.encode()).to_bytes(2, "big") + topic.encode()
        if qos:
            self.packet_id = self.packet_id % 65535 + 1
            body += self.packet_id.to_bytes(2, "big")
        self.send(PUBLISH, qos << 1 | retained, body + payload)
