"""One MQTT session: paho-mqtt driven by the loop, without its thread, over a socket that is connected already.

Imported by hal/mqtt.py at the first connect, because paho costs 57 ms. A new client object for each connection: what an
old one had in hand is gone with it, and the journal is the queue. Facts of paho are from its 2.2 source; numbers in
brackets are sections of the OASIS standard of MQTT 5."""

import asyncio
from collections.abc import Callable
from socket import socket
from typing import Any

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from hal import mqtt_v5
from hal.ports.faults import LinkDown
from hal.refusal import FAULTS, Mute, OldBroker, Refused
from hal.tls import Stream

V5, V311 = mqtt.MQTTv5, mqtt.MQTTv311
GREETING_S = 20  # for CONNACK and SUBACK together
UNANSWERED_S = 20  # a broker that leaves a QoS 1 message without PUBACK so long sits at the end of a dead line
UNSPECIFIED = 0x80  # what paho says where it means that the connection is lost
SLACK_S = 0.1  # paho notes its own times a moment after ours, and must find its deadline passed
PUBLISH_HEAD = 16  # bytes of a PUBLISH beside topic and payload, at most: length, packet id, properties


class StreamClient(mqtt.Client):
    """paho asks for a socket here, and would connect with blocking calls; it gets one that is ready."""

    stream: socket | Stream | None = None

    def _create_socket(self) -> "socket | Stream":
        if self.stream is None:
            raise OSError("this client had its one connection")
        stream, self.stream = self.stream, None
        return stream


class Session:
    """From CONNECT to the end.

    said(text) gets what the log should know. ended(why, silent) is called once, when what was open is over; silent:
    because no answer came where one was due. largest: bytes of a packet that the broker takes; 0 where it does not say."""

    def __init__(
        self,
        sock: "socket | Stream",
        protocol: MQTTProtocolVersion,
        client_id: str,
        on_message: Callable[[str, bytes], None],
        said: Callable[[str], None],
        ended: Callable[[str, bool], None],
    ) -> None:
        self.loop = asyncio.get_running_loop()
        self.sock = sock
        self.protocol = protocol
        self.on_message = on_message
        self.said = said
        self.ended = ended
        self.greeted = False
        self.accepted = False  # by CONNACK
        self.largest = 0
        self.over = asyncio.Event()
        self.answer: asyncio.Future[None] = self.loop.create_future()
        self.aliases = mqtt_v5.Aliases()
        self.unanswered: dict[int, str] = {}  # packet id, and the topic of what waits for its PUBACK
        self.patience: asyncio.TimerHandle | None = None
        self.ticker: asyncio.TimerHandle | None = None
        self.heard = self.spoke = self.loop.time()
        self.keepalive_s = 0
        self.subscription = ""
        mqtt.time_func = self.loop.time  # paho's only clock: virtual on the bench
        self.client = StreamClient(CallbackAPIVersion.VERSION2, client_id, protocol=protocol, reconnect_on_failure=False)
        self._hook(self.client)

    def _hook(self, client: StreamClient) -> None:
        client.stream = self.sock
        client.on_connect = self._on_connect
        client.on_subscribe = self._on_subscribe
        client.on_message = self._on_message
        client.on_publish = self._on_publish
        client.on_disconnect = self._on_disconnect
        client.on_socket_open = self._on_socket_open
        client.on_socket_close = self._on_socket_close
        client.on_socket_register_write = self._on_register_write
        client.on_socket_unregister_write = self._on_unregister_write

    async def open(self, subscribe: str, will_topic: str, will: bytes, keepalive_s: int, patience_s: float = GREETING_S) -> None:
        """CONNECT, CONNACK, SUBSCRIBE, SUBACK, all within patience_s. Raises LinkDown, and then the session is over."""
        self.subscription = subscribe
        self.keepalive_s = keepalive_s
        if will_topic:
            self.client.will_set(will_topic, will, 1, True)
        try:
            # no I/O: the name is kept and not looked up, and CONNECT is queued; the session is clean in both versions
            self.client.connect("stream", 1, keepalive_s, properties=mqtt_v5.asked() if self.protocol == V5 else None)
            await asyncio.wait_for(self.answer, patience_s)
        except asyncio.TimeoutError:
            self.drop("no answer from the broker", True)
            raise Mute("no answer from the broker") from None
        except BaseException:
            self.drop("the greeting was broken off")
            raise
        self.greeted = True
        self._tick()

    def publish(self, topic: str, payload: bytes, qos: int, retain: bool) -> None:
        """Hand it to the client. Raises LinkDown, also for what is larger than the broker takes."""
        if self.largest and PUBLISH_HEAD + len(topic) + len(payload) > self.largest:
            raise LinkDown(f"{len(payload)} B to {topic}: the broker takes {self.largest} B")
        name, properties = self.aliases.of(topic)
        info = self.client.publish(name, payload, qos, retain, properties)
        if info.rc != mqtt.MQTT_ERR_SUCCESS or self.over.is_set():
            raise LinkDown(mqtt.error_string(info.rc))
        if qos:
            self.unanswered[info.mid] = topic
            self._await_puback()

    async def close(self) -> None:
        """DISCONNECT, so that the broker forgets the will; after 2 s without success, just close."""
        self.client.disconnect()
        try:
            await asyncio.wait_for(self.over.wait(), 2)
        except asyncio.TimeoutError:
            self.drop("the broker did not take the goodbye")

    def drop(self, why: str, silent: bool = False, fault: type[LinkDown] = LinkDown) -> None:
        """Close the socket, now and without a word to the broker. fault: what open() raises when it still waits."""
        if self.over.is_set():
            return
        self.over.set()
        for timer in (self.patience, self.ticker):
            if timer:
                timer.cancel()
        client = self.client
        client.on_socket_open = client.on_socket_close = None
        client.on_socket_register_write = client.on_socket_unregister_write = None
        client.on_disconnect = None
        if self.sock.fileno() >= 0:
            self.loop.remove_reader(self.sock)
            self.loop.remove_writer(self.sock)
            self.sock.close()
        if not self.answer.done():
            self.answer.set_exception(fault(why))
            self.answer.exception()  # whoever waits gets it; without a waiter nobody is told
        if self.greeted:
            self.ended(why, silent)

    # ---- the socket

    def _readable(self) -> None:
        self.heard = self.loop.time()
        self.client.loop_read()
        # one TLS record may hold many packets, for which select() will not fire again
        while not self.over.is_set() and getattr(self.sock, "pending", int)() > 0:
            self.client.loop_read()

    def _writable(self) -> None:
        self.spoke = self.loop.time()
        self.client.loop_write()

    def _tick(self) -> None:
        """paho's keepalive, called when it is due and not each second: PINGREQ, or the end when a ping had no answer."""
        now = self.loop.time()
        if now >= min(self.heard, self.spoke) + self.keepalive_s:
            self.client.loop_misc()
            self.heard = self.spoke = now
        if not self.over.is_set():
            self.ticker = self.loop.call_at(min(self.heard, self.spoke) + self.keepalive_s + SLACK_S, self._tick)

    def _await_puback(self) -> None:
        if self.patience is None:
            self.patience = self.loop.call_later(UNANSWERED_S, self.drop, f"no PUBACK for {UNANSWERED_S} s", True)

    # ---- paho calls these

    def _on_socket_open(self, client: object, userdata: object, sock: Any) -> None:
        self.loop.add_reader(sock.fileno(), self._readable)

    def _on_socket_close(self, client: object, userdata: object, sock: Any) -> None:
        self.loop.remove_reader(sock.fileno())

    def _on_register_write(self, client: object, userdata: object, sock: Any) -> None:
        self.loop.add_writer(sock.fileno(), self._writable)

    def _on_unregister_write(self, client: object, userdata: object, sock: Any) -> None:
        self.loop.remove_writer(sock.fileno())

    def _on_connect(self, client: object, userdata: object, flags: object, reason: Any, properties: Any) -> None:
        if reason.is_failure:
            self.drop(f"the broker refused: {reason}", fault=FAULTS.get(reason.value, Refused))
            return
        self.accepted = True
        self.largest = getattr(properties, "MaximumPacketSize", 0)
        self.keepalive_s = getattr(properties, "ServerKeepAlive", self.keepalive_s)  # its word counts (3.2.2.3.14)
        self.aliases.most = getattr(properties, "TopicAliasMaximum", 0)
        self.client.subscribe(self.subscription, 0)

    def _on_subscribe(self, client: object, userdata: object, mid: int, reasons: list[Any], properties: object) -> None:
        refused = [reason for reason in reasons if reason.is_failure]
        if refused:
            self.drop(f"the broker refused the subscription: {refused[0]}", fault=Refused)
        elif not self.answer.done():
            self.answer.set_result(None)

    def _on_message(self, client: object, userdata: object, message: mqtt.MQTTMessage) -> None:
        try:
            topic = message.topic
        except UnicodeDecodeError:
            topic = "(not UTF-8)"
        self.on_message(topic, bytes(message.payload))

    def _on_publish(self, client: object, userdata: object, mid: int, reason: Any, properties: object) -> None:
        topic = self.unanswered.pop(mid, "")
        if reason.is_failure:
            self.said(f"the broker refused what was sent to {topic}: {reason}")
        if self.patience:
            self.patience.cancel()
            self.patience = None
        if self.unanswered:
            self._await_puback()

    def _on_disconnect(self, client: object, userdata: object, flags: Any, reason: Any, properties: object) -> None:
        """The broker's DISCONNECT, a dead line, the end of the stream, or bytes that are no MQTT."""
        trouble = getattr(self.sock, "trouble", "")
        silent = reason.getName() == "Keep alive timeout"
        if trouble:
            why = trouble
        elif flags.is_disconnect_packet_from_server:
            why = f"the broker ended the session: {reason}"
        elif reason.value == UNSPECIFIED:
            why = "the session broke off" if self.accepted else "the broker hung up on the greeting"
        else:
            why = f"the session is over: {reason}"
        old = self.protocol == V5 and not self.accepted and not trouble
        self.drop(why, silent, OldBroker if old else LinkDown)
