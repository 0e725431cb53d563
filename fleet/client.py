"""The collector's end of a broker: paho-mqtt in the loop, without its thread, over a socket that is connected already.

Not hal's client: fleet may not know the till's body, and a collector needs less. A message is acknowledged to the broker
by paho as it is read; the answer that a till trusts is the ledger's, after COMMIT."""

import asyncio
import socket
from collections.abc import Callable
from typing import Any

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

GREETING_S = 10
SLACK_S = 0.1  # paho notes its own times a moment after ours

Heard = Callable[[str, bytes, bool], list[tuple[str, bytes]]]


class StreamClient(mqtt.Client):
    """Takes the socket that it is given, where paho would make one."""

    stream: socket.socket | None = None

    def _create_socket(self) -> socket.socket:
        if self.stream is None:
            raise OSError("this client had its one connection")
        stream, self.stream = self.stream, None
        return stream


class Client:
    """One connection: open, then serve until it ends. Raises OSError with the reason."""

    def __init__(self, sock: socket.socket, heard: Heard) -> None:
        """heard(topic, payload, retained) is handed each message, and its answers are published."""
        self.loop = asyncio.get_running_loop()
        self.sock = sock
        self.ended: asyncio.Future[str] = self.loop.create_future()
        self.granted: asyncio.Future[None] = self.loop.create_future()
        self.heard = heard
        self.read = self.written = self.loop.time()
        self.subscriptions: list[str] = []

    async def open(self, client_id: str, subscriptions: list[str], keepalive_s: int) -> None:
        """CONNECT and SUBSCRIBE at QoS 1, as a clean session: a collector that is dead must not keep its share."""
        mqtt.time_func = self.loop.time  # paho's only clock: virtual on the bench
        self.subscriptions = subscriptions
        self.keepalive_s = keepalive_s
        self.client = StreamClient(
            CallbackAPIVersion.VERSION2, client_id, clean_session=True, protocol=mqtt.MQTTv311, reconnect_on_failure=False
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
            self.client.connect("stream", 1, keepalive_s)  # no I/O: CONNECT is queued
            await asyncio.wait((self.granted, self.ended), timeout=GREETING_S, return_when=asyncio.FIRST_COMPLETED)
            if not self.granted.done():
                raise OSError(self.ended.result() if self.ended.done() else "no answer to the greeting")
        except BaseException:
            self.close()
            raise

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

    def close(self) -> None:
        """Close the socket without a word, as a process that was killed would."""
        self._end("closed")
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
            self._end(f"the broker refused: {reason}")
        else:
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
            return  # no topic of ours
        for answer_topic, payload in self.heard(topic, bytes(message.payload), message.retain):
            self.client.publish(answer_topic, payload, 0)

    def _on_disconnect(self, client: object, userdata: object, flags: object, reason: object, properties: object) -> None:
        self._end(str(reason))
