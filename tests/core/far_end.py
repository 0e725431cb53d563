"""A line with a fleet behind it, in the dialect: a Link double whose far end keeps what it was sent, and answers as told."""

from firmware.journal.codec import GENESIS, chain
from firmware.sync import wire
from hal.ports import board as ports
from hal.ports.faults import LinkDown
from hal.ports.keys import LinkMoved
from tests.core import vtime

TILL = "BARROW-0001"


class FarEnd(ports.Link):
    """taking: the broker takes calls. answering: the collector answers. chain: what the ledger holds, h after each record.

    calls: ms of every attempt to connect. sent: (ms, tail of the topic, payload). answer: what becomes of each answer,
    a function of (topic, payload) that gives a list of them, so that a test can lose, double or reorder.
    deed: op, body -> the body of the answer, or the name of a refusal; deeds: those that were done. told: id -> its answer.
    keys: the fleet's, which sign what is told; None for a fleet that does not sign. utc: its clock, s."""

    def __init__(self):
        self.taking = True
        self.answering = True
        self.chain = [GENESIS]
        self.booked = []
        self.calls = []
        self.sent = []
        self.answer = lambda topic, payload: [(topic, payload)]
        self.deed = lambda op, body: {"did": op} | body
        self.deeds = []
        self.told = {}
        self.keys = None
        self.utc = 1_800_000_000

    def start(self, post, on_message):
        self.post = post
        self.on_message = on_message

    def move(self, state, name="wifi"):
        self.state = state
        self.name = name if state != "off" else "off"
        self.bars = 4 if state != "off" else 0
        self.post(LinkMoved())

    async def connect(self, client_id, subscribe, will_topic, will, keepalive_s):
        assert self.state == "line", "a call without a line"
        assert (client_id, subscribe) == (TILL, "barrow/v1/BARROW-0001/dn/#")
        assert will_topic == "barrow/v1/BARROW-0001/st" and not wire.read_state(will)
        self.calls.append(vtime.now_ms())
        if not self.taking:
            raise LinkDown("the broker does not take calls")
        self.move("online")

    async def publish(self, topic, payload, qos, retain):
        if self.state != "online":
            raise LinkDown("no session")
        tail = wire.terminal_of(topic)[1]
        self.sent.append((vtime.now_ms(), tail, payload))
        if tail == wire.STATE:
            assert retain and wire.read_state(payload)
        elif self.answering:
            for answer in self.answer(*self.heard(tail, payload)):
                self.on_message(*answer)

    async def disconnect(self):
        self.move("line")

    def deflate(self, data, dictionary):
        assert dictionary == wire.DICTIONARY
        return data

    def heard(self, tail, payload):
        """What the fleet answers to a hello, a request or a batch."""
        if tail == wire.UP_HELLO:
            wire.read_hello(payload)
            return self.signed(wire.DN_WELCOME, wire.welcome(self.to, self.chain[-1], self.utc + vtime.now_ms() // 1000))
        if tail == wire.UP_REQ:
            return self.signed(wire.DN_RES, self.done(wire.read_request(payload)))
        batch = self.opened(payload)
        assert batch.terminal == TILL
        if batch.first > self.to + 1:
            return self.topic(wire.DN_ACK), wire.ack(self.to, self.chain[-1], gap=batch.first)
        if batch.prev != self.chain[batch.first - 1]:
            return self.topic(wire.DN_ACK), wire.ack(self.to, self.chain[-1], err="fork", at=batch.first)
        for line in batch.lines[self.to + 1 - batch.first :]:
            self.chain.append(chain(self.chain[-1], line))
            self.booked.append(line)
        return self.topic(wire.DN_ACK), wire.ack(self.to, self.chain[-1])

    def opened(self, payload):
        """The batch that was published: nothing is deflated here."""
        return wire.opened(TILL, payload, lambda data, dictionary: data)

    def done(self, asked):
        """The answer to a request: done once."""
        id, op = asked["id"], asked["op"]
        if id not in self.told:
            said = self.deed(op, asked["body"])
            self.deeds.append((id, op))
            refused = isinstance(said, str)
            self.told[id] = wire.answer(id, op, self.utc, {} if refused else said, said if refused else "")
        return self.told[id]

    def signed(self, tail, payload):
        """As this fleet tells it."""
        topic = self.topic(tail)
        return topic, wire.countersigned(topic, payload, self.keys.sign) if self.keys else payload

    @property
    def to(self):
        return len(self.chain) - 1

    def topic(self, tail):
        return wire.topic(TILL, tail)

    def times(self, tail):
        """When something was sent to this topic."""
        return [ms for ms, to, _ in self.sent if to == tail]

    def seqs(self):
        """(first, last) of each batch that was sent."""
        batches = [self.opened(payload) for _, tail, payload in self.sent if tail == wire.UP_BATCH]
        return [(batch.first, batch.last) for batch in batches]
