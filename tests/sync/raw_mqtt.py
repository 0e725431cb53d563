"""An MQTT client that says whatever it is told to say: for attackers, who keep to no library."""

import contextlib
import socket
import ssl
import struct
import time
import warnings

WAIT_S = 5
PUBREL = b"\x62\x02\0\7"  # of the packet id that publish_packet gives
CONNACK, PUBLISH, PUBACK, SUBACK, PINGRESP = 0x20, 0x30, 0x40, 0x90, 0xD0
NAMES = {3: b"MQIsdp", 4: b"MQTT", 5: b"MQTT"}  # by protocol level


class Gone(Exception):
    """The other end has closed, refused or fallen silent."""


def text(data):
    data = data.encode() if isinstance(data, str) else data
    return struct.pack(">H", len(data)) + data


def packet(head, body, length=None):
    """One packet; length: what it says of itself, when that shall be a lie."""
    left, said = length if length is not None else len(body), b""
    while True:
        left, digit = divmod(left, 128)
        said += bytes([digit | (0x80 if left else 0)])
        if not left:
            return bytes([head]) + said + body


def connect_packet(client_id, level=4, user=None, will=None, flags=0, keepalive=60, will_retain=False):
    """will: (topic, payload), QoS 1."""
    flags |= 0x02 | (0x80 if user is not None else 0) | ((0x2C if will_retain else 0x0C) if will else 0)
    body = text(NAMES[level]) + bytes([level, flags]) + struct.pack(">H", keepalive)
    body += b"\0" if level == 5 else b""
    body += text(client_id)
    if will:
        body += (b"\0" if level == 5 else b"") + text(will[0]) + text(will[1])
    if user is not None:
        body += text(user)
    return packet(0x10, body)


def publish_packet(topic, payload, level=4, qos=1, retain=False, mid=7, properties=b""):
    body = text(topic) + (struct.pack(">H", mid) if qos else b"")
    body += bytes([len(properties)]) + properties if level == 5 else b""
    return packet(PUBLISH | qos << 1 | retain, body + payload)


def subscribe_packet(topic, level=4, mid=9):
    return packet(0x82, struct.pack(">H", mid) + (b"\0" if level == 5 else b"") + text(topic) + b"\1")


class Raw:
    """One connection. heard: (topic, payload) of everything that was delivered, in order."""

    def __init__(self, port, context=None, level=4):
        self.level = level
        self.heard = []
        self.pending = b""
        try:
            self.sock = socket.create_connection(("127.0.0.1", port), WAIT_S)
            self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if context:
                self.sock = context.wrap_socket(self.sock, server_hostname="127.0.0.1")
        except (OSError, ValueError) as fault:
            raise Gone(str(fault)) from fault

    def send(self, data):
        try:
            self.sock.sendall(data)
        except OSError as fault:
            raise Gone(str(fault)) from fault

    def open(self, client_id, **kwargs):
        """CONNECT, and what CONNACK says: 0 for welcome."""
        self.send(connect_packet(client_id, self.level, **kwargs))
        return self.until(CONNACK)[1]

    def say(self, topic, payload, **kwargs):
        """Publish, and wait until the broker has dealt with it."""
        self.send(publish_packet(topic, payload, self.level, **kwargs))
        self.send(PUBREL if kwargs.get("qos") == 2 else b"")
        self.ping()

    def ask(self, topic):
        self.send(subscribe_packet(topic, self.level))
        return self.until(SUBACK)

    def ping(self):
        """Everything sent before has been dealt with once this returns."""
        self.send(b"\xc0\0")
        self.until(PINGRESP)

    def until(self, kind):
        """The body of the next packet of this kind; what is published meanwhile is heard."""
        end = time.monotonic() + WAIT_S
        while True:
            head, body = self.packet(end)
            if head & 0xF0 == PUBLISH:
                self.hear(head, body)
            elif head & 0xF0 == kind:
                return body

    def await_topic(self, topic, payload):
        """Until this very message has come."""
        end = time.monotonic() + WAIT_S
        while (topic, payload) not in self.heard:
            head, body = self.packet(end)
            if head & 0xF0 == PUBLISH:
                self.hear(head, body)

    def hear(self, head, body):
        size = struct.unpack(">H", body[:2])[0]
        rest = body[2 + size :]
        if head & 0x06:
            self.send(packet(PUBACK, rest[:2]))
            rest = rest[2:]
        if self.level == 5:
            rest = rest[1 + rest[0] :]
        self.heard.append((body[2 : 2 + size].decode("utf-8", "replace"), rest))

    def packet(self, end):
        while True:
            found = whole(self.pending)
            if found:
                head, body, self.pending = found
                return head, body
            self.pending += self.more(end)

    def more(self, end):
        left = end - time.monotonic()
        if left <= 0:
            raise Gone("silence")
        self.sock.settimeout(left)
        try:
            data = self.sock.recv(65536)
        except OSError as fault:
            raise Gone(str(fault)) from fault
        if not data:
            raise Gone("closed")
        return data

    def gone(self):
        """Has the other end closed, or does it once it has dealt with a ping?"""
        try:
            self.ping()
        except Gone:
            return True
        return False

    def close(self):
        with contextlib.suppress(OSError):
            self.sock.close()


def whole(data):
    """(head, body, rest) of the packet at the start of data; None while it is not all there."""
    length, shift, at = 0, 0, 1
    while True:
        if len(data) <= at:
            return None
        length |= (data[at] & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if not data[at - 1] & 0x80:
            break
    return (data[0], data[at : at + length], data[at + length :]) if len(data) >= at + length else None


def trusting(ca, paper=None, lowest=ssl.TLSVersion.TLSv1_2, highest=None, ciphers=None):
    """The context of a client that trusts the fleet's CA, with a certificate and key or without."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(ca)
    if ciphers:
        context.set_ciphers(ciphers)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # that TLS 1.0 is out of date is what is to be proven
        context.minimum_version = lowest
        if highest:
            context.maximum_version = highest
    if paper:
        context.load_cert_chain(*paper)
    return context
