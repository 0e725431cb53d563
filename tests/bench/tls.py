"""What a call costs a till in bytes, both ways, over TLS 1.3 with both certificates: up to the subscription's answer.

Counted between the till and a real mosquitto. The peer is the same call without the session of the one before. And a
QoS 1 message of 100 bytes whose topic the broker knows by its number; the peer is the first one, with its topic in full."""

import asyncio
import sys
import tempfile
from pathlib import Path

from tests.bench.figure import Figure
from tests.sync.air import ENGINE, TILL, UP, Air, Certified, Mosquitto
from tests.sync.certificates import Authority

RESUMED_LIMIT = 2200  # research/sync.md 1.4 measured 2,098
NUMBERED_LIMIT = 165


async def calls(broker: Mosquitto, identity: Certified) -> "list[int]":
    """A first call, and one that resumes it."""
    air, costs = Air([broker.broker], identity), []
    for _ in range(2):
        costs.append(sum(await air.connect()))
        await air.link.disconnect()
    return costs


async def messages(broker: Mosquitto, identity: Certified) -> "list[int]":
    """Three to one topic, each with its PUBACK."""
    air, costs = Air([broker.broker], identity), []
    await air.connect()
    for _ in range(3):
        before = air.line.up + air.line.down
        await air.link.publish(UP, bytes(100), 1, False)
        await air.until(lambda: not air.link.session.unanswered)
        costs.append(air.line.up + air.line.down - before)
    await air.link.disconnect()
    return costs


def measure() -> "list[Figure]":
    if not ENGINE:
        print("mosquitto is not here: nothing is measured of TLS", file=sys.stderr)
        return []
    with tempfile.TemporaryDirectory() as folder:
        authority = Authority(Path(folder))
        identity = Certified(authority.file, *authority.till(TILL))
        with Mosquitto(Path(folder), authority) as broker:
            full, resumed = asyncio.run(calls(broker, identity))
            whole, _, numbered = asyncio.run(messages(broker, identity))
    return [
        Figure("air.tls_resume_bytes", resumed, "B", RESUMED_LIMIT, "a full handshake", full),
        Figure("air.message_bytes", numbered, "B", NUMBERED_LIMIT, "its topic in full", whole),
    ]
