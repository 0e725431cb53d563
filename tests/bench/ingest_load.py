"""The load of the ingest bench, and cheap, since it shares the machine with what it measures: batches that were packed,
signed and deflated before the clock starts, sent by a bare MQTT 3.1.1 client that keeps one batch of a till in the air."""

import asyncio
import json
import zlib

from firmware.journal.codec import GENESIS, chain
from firmware.sync import wire
from hal.keystore import seeded
from tests.fleet.till import sale

CONNECT = b"\x10\x17\x00\x04MQTT\x04\x02\x00\x00\x00\x0bbench-loads"
STILL = 2  # looks without anything new, after which tills send again


AT_S = 123456789  # where the template has the time of the sale
TEMPLATE = sale(987654321, at=AT_S).replace(b"%", b"%%").replace(b"987654321", b"%d").replace(b"123456789", b"%d")


def payload(seq):
    """The sale of this seq, byte for byte as tests.fleet.till has it, at a hundredth of the price."""
    return TEMPLATE % (1795271526 + seq, seq, seq)


def length(size):
    out = b""
    while True:
        size, low = size >> 7, size & 127
        out += bytes([low | 128 if size else low])
        if not size:
            return out


def publish(topic, payload, number):
    """A PUBLISH at QoS 1."""
    body = len(topic).to_bytes(2, "big") + topic.encode() + number.to_bytes(2, "big") + payload
    return b"\x32" + length(len(body)) + body


def deflate(data, dictionary):
    packer = zlib.compressobj(6, zlib.DEFLATED, -15, 9, zlib.Z_DEFAULT_STRATEGY, dictionary)
    return packer.compress(data) + packer.flush()


class Till:
    """One till's batches, as they travel."""

    def __init__(self, number, batches, size):
        self.name = f"BENCH-{number:04d}"
        self.keys = seeded(number, self.name)
        self.topic = wire.topic(self.name, wire.UP_BATCH)
        self.messages, prev = [], GENESIS
        for at in range(batches):
            first = at * size + 1
            lines = [payload(seq) for seq in range(first, first + size)]
            batch = wire.packed(self.name, first, prev, lines, self.keys.sign, deflate)
            for line in lines:
                prev = chain(prev, line)
            self.messages.append(publish(self.topic, batch, at % 65535 + 1))
        self.last, self.size = batches * size, size
        self.sent = self.acked = 0

    def hello(self):
        topic = wire.topic(self.name, wire.UP_HELLO)
        plain = wire.hello(1, 0, 0, GENESIS, 1795271526, True, "bench")
        return publish(topic, wire.signed(topic, plain, self.keys), 65535)


class Load(asyncio.Protocol):
    """All tills over one connection: with the name in the topic, the broker and the collector cannot tell."""

    def __init__(self, tills):
        self.tills = {till.name: till for till in tills}
        self.greeted, self.welcomed, self.finished = (asyncio.get_running_loop().create_future() for _ in range(3))
        self.incoming = bytearray()
        self.rows = self.refused = 0
        self.left, self.strangers = len(tills), len(tills)
        self.refusal = b""

    def connection_made(self, transport):
        self.transport = transport
        topic = b"barrow/v1/+/dn/#"
        body = b"\0\1" + len(topic).to_bytes(2, "big") + topic + b"\0"
        transport.write(CONNECT + b"\x82" + length(len(body)) + body)

    def data_received(self, data):
        self.incoming += data
        while len(self.incoming) >= 2:
            size = shift = at = 0
            while True:
                at += 1
                if at >= len(self.incoming):
                    return
                size |= (self.incoming[at] & 127) << shift
                shift += 7
                if not self.incoming[at] & 128:
                    break
            if len(self.incoming) < at + 1 + size:
                return
            kind, body = self.incoming[0] >> 4, bytes(self.incoming[at + 1 : at + 1 + size])
            del self.incoming[: at + 1 + size]
            if kind == 3:
                self.told(body)
            elif kind == 9 and not self.greeted.done():
                self.greeted.set_result(None)

    def told(self, body):
        size = int.from_bytes(body[:2], "big")
        _, _, name, _, tail = body[2 : 2 + size].decode().split("/")
        till = self.tills[name]
        if tail == "welcome":
            self.strangers -= 1
            if not self.strangers:
                self.welcomed.set_result(None)
        elif tail == "ack":
            answer = json.loads(body[2 + size :])
            if "err" in answer or "gap" in answer:
                self.refused += 1
                self.refusal = body[2 + size :]
            elif answer["to"] == till.sent * till.size and till.acked < till.sent:
                till.acked = till.sent
                self.rows += till.size
                self.send(till)

    def send(self, till):
        if till.sent < len(till.messages):
            self.transport.write(till.messages[till.sent])
            till.sent += 1
        else:
            self.left -= 1
            if not self.left:
                self.finished.set_result(None)

    def again(self):
        """Nobody answers: each till that waits sends its batch again."""
        for till in self.tills.values():
            if till.acked < till.sent:
                self.transport.write(till.messages[till.sent - 1])

    async def introduce(self):
        """Each till's key becomes known."""
        await self.greeted
        for till in self.tills.values():
            self.transport.write(till.hello())
        await asyncio.wait_for(self.welcomed, 60)


async def drive(port, tills, limit_s, watch=lambda rows: None):
    """Seconds until every row of every till is acknowledged. watch(rows) is called now and then."""
    loop = asyncio.get_running_loop()
    _, load = await loop.create_connection(lambda: Load(tills), "127.0.0.1", port)
    await load.introduce()
    start = loop.time()
    for till in tills:
        load.send(till)
    rows = still = 0
    while not load.finished.done():
        await asyncio.wait((load.finished,), timeout=1)
        still = 0 if load.rows > rows else still + 1
        rows = load.rows
        if still == STILL:
            load.again()
            still = 0
        watch(rows)
        assert not load.refused, load.refusal
        assert loop.time() - start < limit_s, f"{load.rows} rows in {limit_s} s"
    seconds = loop.time() - start
    load.transport.close()
    assert not load.refused, load.refusal
    return seconds
