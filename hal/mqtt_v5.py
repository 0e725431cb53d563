"""What only MQTT 5 has: what CONNECT may ask for, and topics by number. Numbers in brackets are sections of its standard."""

from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

TAKES_MOST = 1 << 18  # bytes of a packet that a broker may send us; what comes down is far smaller


def asked() -> Properties:
    """With CONNECT (3.1.2.11). That the session ends with its connection is what is assumed without a word."""
    properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
    properties.MaximumPacketSize = TAKES_MOST
    return properties


class Aliases:
    """Topics by number (3.3.2.3.4): from its second message on, a topic travels as two bytes. most: as the broker allows."""

    def __init__(self) -> None:
        self.most = 0
        self.known: dict[str, int] = {}  # 0: sent to once, without a number

    def of(self, topic: str) -> tuple[str, Properties | None]:
        """What to publish to, and with which properties."""
        known = self.known.get(topic)
        if known is None or (not known and max(self.known.values()) >= self.most):
            self.known[topic] = 0
            return topic, None
        self.known[topic] = number = known or max(self.known.values()) + 1
        properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
        properties.TopicAlias = number
        return "" if known else topic, properties
