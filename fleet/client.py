"""The collector's end of a broker: paho-mqtt in the loop, without its thread, over a socket that is connected already.

Not hal's client: fleet may not know the till's body, and a collector needs less. It needs one thing more: a message is
acknowledged to the broker by `done`, after COMMIT, so that a broker whose collector is slow keeps the rest to itself."""

import asyncio
import socket
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple, Protocol

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

GREETING_S = 10
SLACK_S = 0.1  # paho notes its own times a moment after ours
UNSUPPORTED = ("Unsupported protocol version", "Unacceptable protocol version")


class Refused(OSError):
    """The broker does not speak this version of MQTT, or ended the connection instead of saying so."""


class StreamClient(mqtt.Client):
    """Takes the socket that it is given, where paho would make one."""

    stream: socket.socket | None = None

    def _create_socket(self) -> socket.socket:
        if self.stream is None:
            raise OSError("this client had its one connection")
        stream, self.stream = self.stream, None
        return stream


class Connection(Protocol):
    """What messages come by, and where answers go: to a broker (below), or to NATS (fleet/nats_stream.py)."""

    ended: asyncio.Future[str]

    async def serve(self) -> None: ...
    def say(self, messages: Iterable[tuple[str, bytes]]) -> None: ...
    def done(self, delivery: "Delivery") -> None: ...
    def pause(self) -> None: ...
    def resume(self) -> None: ...
    def close(self, why: str = "closed") -> None: ...


class Delivery(NamedTuple):
    """A message, and the connection that it came by. number: its packet's, for `done`."""

    client: Connection
    topic: str
    payload: bytes
    retained: bool
    number: int
    qos: int


class Client:
    """One connection: open, then serve until it ends. Raises OSError with the reason."""

    def __init__(self, sock: socket.socket, heard: Callable[[Delivery], None], five: bool = False, limit: int = 0) -> None:
        """heard is handed each message, whose answers go to `say`, and then it is `done`. five: MQTT 5, else 3.1.1.
        limit: messages that a broker of MQTT 5 hands us before we acknowledged one; 0 leaves it to the broker."""
        self.loop = asyncio.get_running_loop()
        self.sock = sock
        self.five = five
        self.limit = limit
        self.ended: asyncio.Future[str] = self.loop.create_future()
        self.granted: asyncio.Future[None] = self.loop.create_future()
        self.heard = heard
        self.read = self.written = self.loop.time()
        self.subscriptions: list[str] = []
        self.reading = True
        self.greeted = False

    async def open(self, client_id: str, subscriptions: list[str], keepalive_s: int) -> None:
        """CONNECT and SUBSCRIBE at QoS 1, as a clean session: a collector that is dead must not keep its share. Raises
        Refused for a broker that speaks another MQTT."""
        mqtt.time_func = self.loop.time  # paho's only clock: virtual on the bench
        self.subscriptions = subscriptions
        self.keepalive_s = keepalive_s
        clean = None if self.five else True  # in MQTT 5 it is said with each CONNECT
        version = mqtt.MQTTv5 if self.five else mqtt.MQTTv311
        self.client = StreamClient(
            CallbackAPIVersion.VERSION2,
            client_id,
            clean_session=clean,
            protocol=version,
            reconnect_on_failure=False,
            manual_ack=True,
        )
        self.client.stream = self.sock
        self.client.on_connect = self._on_connect
        self.client.on_subscribe = self._on_subscribe
        self.client.on_message = self._on_message
        self.client.on_disconnect = self._on_disconnect
        self.client.on_socket_open = self._on_socket_open
        self.client.on_socket_close = self._on_socket_close
        self.client.on_socket_register_write = self._on_register_write
        self.client.on_socket_unregister_write = self._on_unregister_write
        try:
            self._connect()  # no I/O: CONNECT is queued
            await asyncio.wait((self.granted, self.ended), timeout=GREETING_S, return_when=asyncio.FIRST_COMPLETED)
            if not self.granted.done():
                why = self.ended.result() if self.ended.done() else "no answer to the greeting"
                raise (OSError if self.greeted or not self.ended.done() else Refused)(why)
        except BaseException:
            self.close()
            raise

    def _connect(self) -> None:
        if not self.limit:
            self.client.connect("stream", 1, self.keepalive_s)
            return
        properties: Any = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        properties.ReceiveMaximum = self.limit
        self.client.connect("stream", 1, self.keepalive_s, clean_start=True, properties=properties)

    async def serve(self) -> None:
        """Until the connection ends, with paho's keepalive called when it is due and not each second."""
        try:
            while not self.ended.done():
                due = min(self.read, self.written) + self.keepalive_s
                await asyncio.wait((self.ended,), timeout=max(due + SLACK_S - self.loop.time(), 0))
                if self.loop.time() >= due:
                    self.client.loop_misc()
                    self.read = self.written = self.loop.time()
            raise OSError(self.ended.result())
        finally:
            self.close()

    def say(self, messages: Iterable[tuple[str, bytes]]) -> None:
        """Publish, at QoS 0. To nobody, when the connection is gone."""
        if not self.ended.done():
            for topic, payload in messages:
                self.client.publish(topic, payload, 0)

    def done(self, delivery: Delivery) -> None:
        """The broker need not keep it any longer. In the order in which they came."""
        if not self.ended.done():
            self.client.ack(delivery.number, delivery.qos)

    def pause(self) -> None:
        """Read nothing more, until resume."""
        if self.reading and not self.ended.done():
            self.reading = False
            self.loop.remove_reader(self.sock)

    def resume(self) -> None:
        if not self.reading and not self.ended.done():
            self.reading = True
            self.read = self.loop.time()
            self.loop.add_reader(self.sock, self._readable)
            self._readable()

    def close(self, why: str = "closed") -> None:
        """Close the socket without a word, as a process that was killed would."""
        self._end(why)
        self.client.on_socket_close = self.client.on_socket_unregister_write = None
        self.client.on_socket_open = self.client.on_socket_register_write = self.client.on_disconnect = None
        if self.sock.fileno() >= 0:
            self.loop.remove_reader(self.sock)
            self.loop.remove_writer(self.sock)
            self.sock.close()

    def _end(self, why: str) -> None:
        if not self.ended.done():
            self.ended.set_result(why)

    def _readable(self) -> None:
        self.read = self.loop.time()
        self.client.loop_read()
        # what TLS has taken off the socket already wakes no loop
        while self.reading and not self.ended.done() and getattr(self.sock, "pending", int)() > 0:
            self.client.loop_read()

    def _writable(self) -> None:
        self.written = self.loop.time()
        self.client.loop_write()

    # ---- paho calls these

    def _on_socket_open(self, client: object, userdata: object, sock: Any) -> None:
        self.loop.add_reader(sock.fileno(), self._readable)

    def _on_socket_close(self, client: object, userdata: object, sock: Any) -> None:
        self.loop.remove_reader(sock.fileno())

    def _on_register_write(self, client: object, userdata: object, sock: Any) -> None:
        self.loop.add_writer(sock.fileno(), self._writable)

    def _on_unregister_write(self, client: object, userdata: object, sock: Any) -> None:
        self.loop.remove_writer(sock.fileno())

    def _on_connect(self, client: object, userdata: object, flags: object, reason: object, properties: object) -> None:
        if getattr(reason, "is_failure", False):
            self.greeted = str(reason) not in UNSUPPORTED
            self._end(f"the broker refused: {reason}")
        else:
            self.greeted = True
            if not self.subscriptions:
                self.granted.set_result(None)
                return
            self.client.subscribe([(subscription, 1) for subscription in self.subscriptions])

    def _on_subscribe(self, client: object, userdata: object, mid: int, reasons: list[Any], properties: object) -> None:
        if any(getattr(reason, "is_failure", False) for reason in reasons):
            self._end("the broker refused the subscription")
        elif not self.granted.done():
            self.granted.set_result(None)

    def _on_message(self, client: object, userdata: object, message: mqtt.MQTTMessage) -> None:
        try:
            topic = message.topic
        except UnicodeDecodeError:
            topic = ""  # no topic of ours
        self.heard(Delivery(self, topic, bytes(message.payload), message.retain, message.mid, message.qos))

    def _on_disconnect(self, client: object, userdata: object, flags: object, reason: object, properties: object) -> None:
        self._end(str(reason))
