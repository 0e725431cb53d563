"""MQTT 3.1.1 packets, from the OASIS standard (mqtt-v3.1.1-os, section numbers in brackets): for the bench's own broker."""

from collections.abc import Iterator

CONNECT, CONNACK, PUBLISH, PUBACK, SUBSCRIBE, SUBACK = 1, 2, 3, 4, 8, 9
UNSUBSCRIBE, UNSUBACK, PINGREQ, PINGRESP, DISCONNECT = 10, 11, 12, 13, 14
FLAGS = {SUBSCRIBE: 2, UNSUBSCRIBE: 2}  # 2.2.2: these two must say 2, others but PUBLISH must say 0
MAX_PACKET = 1 << 20


class Violation(Exception):
    """A client broke the standard; the text says how, and its session ends (4.8)."""


class Body:
    """What stands behind a fixed header, read from front to back (1.5)."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def take(self, n: int) -> bytes:
        if self.at + n > len(self.data):
            raise Violation("a packet ends too early")
        self.at += n
        return self.data[self.at - n : self.at]

    def byte(self) -> int:
        return self.take(1)[0]

    def word(self) -> int:
        return int.from_bytes(self.take(2), "big")

    def blob(self) -> bytes:
        return self.take(self.word())

    def text(self) -> str:
        try:
            text = self.blob().decode()
        except UnicodeDecodeError as fault:
            raise Violation("text that is not UTF-8") from fault
        if "\0" in text:
            raise Violation("U+0000 in a text")
        return text

    def more(self) -> bool:
        return self.at < len(self.data)

    def rest(self) -> bytes:
        return self.take(len(self.data) - self.at)


def packets(buffer: bytearray) -> Iterator[tuple[int, int, bytes]]:
    """(type, flags, body) of each whole packet at the front of the buffer, which it eats (2.2)."""
    while len(buffer) >= 2:
        size, at = 0, 1
        while True:
            if at >= len(buffer):
                return
            size |= (buffer[at] & 0x7F) << 7 * (at - 1)
            at += 1
            if buffer[at - 1] < 0x80:
                break
            if at > 4:
                raise Violation("a length of more than four bytes")
        if size > MAX_PACKET:
            raise Violation(f"a packet of {size} bytes")
        if len(buffer) < at + size:
            return
        head, body = buffer[0], bytes(buffer[at : at + size])
        del buffer[: at + size]
        yield head >> 4, head & 15, body


def length(n: int) -> bytes:
    """Seven bits a byte, low ones first (2.2.3)."""
    out = bytearray()
    while True:
        out.append(n & 0x7F | (0x80 if n > 0x7F else 0))
        n >>= 7
        if not n:
            return bytes(out)


def fits(wanted: str, topic: str) -> bool:
    """Does a filter with + and # take this topic (4.7)?"""
    want, have = wanted.split("/"), topic.split("/")
    if topic[0] == "$" and want[0] in ("+", "#"):
        return False
    for i, level in enumerate(want):
        if level == "#":
            return True
        if i >= len(have) or level not in ("+", have[i]):
            return False
    return len(want) == len(have)
