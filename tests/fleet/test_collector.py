"""The collector's mind: what it answers to what comes up, however strange."""

import zlib

import pytest

from firmware.journal.codec import GENESIS
from firmware.sync import wire
from fleet.collector import Collector
from fleet.ledger import Ledger
from tests.fleet.till import KEYS, TILL, deflated, head, met, published, sale, sales

NOW = 1795271526


class Desk:
    """A collector with its ledger and its log."""

    def __init__(self):
        self.ledger = Ledger(":memory:")
        met(self.ledger)
        self.lines = []
        self.collector = Collector(self.ledger, lambda: NOW, self.lines.append)

    def send(self, tail, payload, terminal=TILL):
        return self.collector.handle(wire.topic(terminal, tail), payload)

    def acked(self, payload, terminal=TILL):
        """The one ack to a batch."""
        [(topic, answer)] = self.send(wire.UP_BATCH, payload, terminal)
        assert topic == wire.topic(terminal, wire.DN_ACK)
        return wire.read_ack(answer)


@pytest.fixture
def desk():
    return Desk()


def test_a_hello_is_welcomed_with_where_the_ledger_stands(desk):
    topic = wire.topic(TILL, wire.UP_HELLO)
    hello = wire.signed(topic, wire.hello(1, 0, 5, bytes(32), NOW, True, "0.1.0"), KEYS)
    desk.send(wire.UP_BATCH, published(sales(3)))
    [(topic, answer)] = desk.send(wire.UP_HELLO, hello)
    assert topic == "barrow/v1/BARROW-0001/dn/welcome"
    assert wire.read_welcome(answer) == {"ack": 3, "h": head(sales(3)), "utc": NOW, "err": "", "at": 0}


def test_a_till_that_is_on_is_welcomed_and_one_that_is_off_is_not(desk):
    assert len(desk.send(wire.STATE, wire.state(True, 1))) == 1
    assert desk.send(wire.STATE, wire.state(False, 1)) == []


def test_a_batch_is_acknowledged_once_it_is_in_the_ledger(desk):
    ack = desk.acked(published(sales(4)))
    assert (ack["to"], ack["h"], ack["err"]) == (4, head(sales(4))[: wire.ACK_BYTES], "")
    assert not desk.ledger.db.depth and len(list(desk.ledger.records())) == 4


def test_no_answer_when_the_ledger_fails(desk):
    desk.ledger.db.execute("PRAGMA query_only = ON")
    assert desk.send(wire.UP_BATCH, published(sales(1))) == []
    assert "nothing is acknowledged" in desk.lines[0]
    desk.ledger.db.execute("PRAGMA query_only = OFF")
    assert desk.acked(published(sales(1)))["to"] == 1


def test_gap_fork_and_chain_are_named(desk):
    desk.acked(published(sales(2)))
    assert desk.acked(published(sales(1, 9), 9))["gap"] == 9
    forked = desk.acked(published([sale(2, receipt="ask")], 2))
    assert (forked["err"], forked["at"], forked["to"]) == ("fork", 2, 2)
    text = wire.pack_batch(TILL, 3, head(sales(2)), sales(1, 3), KEYS.sign).replace(b'"auto"', b'"none"')
    assert desk.acked(deflated(text))["err"] == "chain"
    assert [line for line in desk.lines if "ALARM fork at record 2" in line]


BOMB = deflated(bytes(64 << 20))


@pytest.mark.parametrize(
    ("payload", "why"),
    [
        (b"", "no layout"),
        (b"\x00abc", "no layout"),
        (b"\x02" + bytes(101), "no layout"),
        (b"\x01", "does not end"),
        (b"\x01\xff\xff\xff", "not deflated"),
        (published(sales(1))[:-5], "does not end"),
        (published(sales(1)) + b"x", "does not end"),
        (BOMB, "more than 1048576 bytes"),
        (deflated(b"hello\n"), "not a JSON object"),
        (published(sales(1), terminal="BARROW-0002"), "not the terminal of the topic"),
    ],
)
def test_a_payload_that_is_no_batch_of_ours_is_told_so_and_counted(desk, payload, why):
    ack = desk.acked(payload)
    assert (ack["err"], ack["to"]) == ("form", 0)
    assert why in desk.lines[0] and desk.collector.refused == 1
    assert desk.acked(published(sales(1)))["to"] == 1  # the queue goes on


def test_another_version_of_the_wire_is_told_which_one_is_spoken_here(desk):
    later = deflated(wire.pack_batch(TILL, 1, GENESIS, sales(1), KEYS.sign).replace(b'"v":1', b'"v":7'))
    for tail, payload in (
        (wire.UP_BATCH, later),
        (wire.UP_BATCH, b"\x07abc"),
        (wire.UP_HELLO, b'{"everything":"is otherwise","v":7}'),
    ):
        [(topic, payload)] = desk.send(tail, payload)
        ack = wire.read_ack(payload)
        assert (topic, ack["err"], ack["v"], ack["to"]) == (wire.topic(TILL, wire.DN_ACK), "version", 1, 0)
    assert all("v: 7, and this end speaks 1" in line for line in desk.lines) and len(desk.lines) == 3
    assert desk.acked(published(sales(1)))["to"] == 1  # the queue goes on


@pytest.mark.parametrize("topic", ["", "x", "barrow/v1/abc/up/batch", "barrow/v9/BARROW-0001/up/hello", "\x1b[2J" * 50])
def test_a_topic_that_is_not_ours_has_no_answer(desk, topic):
    assert desk.collector.handle(topic, b"\x1b[2J") == []
    assert desk.collector.refused == 1 and "\x1b" not in desk.lines[0]


def test_the_content_of_what_is_refused_is_not_logged(desk):
    desk.send(wire.UP_HELLO, b'{"secret":"4111111111111111"}')
    desk.send(wire.UP_BATCH, deflated(b'{"v":1,"t":"4111111111111111"}\n'))
    desk.send("up/strange", b"4111111111111111")
    assert len(desk.lines) == 3 and not any("4111" in line for line in desk.lines)


def test_a_bomb_makes_no_more_than_the_limit(desk):
    import tracemalloc

    tracemalloc.start()
    desk.acked(BOMB)
    assert tracemalloc.get_traced_memory()[1] < 4 * wire.MAX_RAW
    tracemalloc.stop()


def test_the_longest_record_gets_through(desk):
    payload = sale(1, note="x" * 500_000)
    assert desk.acked(published([payload]))["to"] == 1 and desk.ledger.quarantined() == []


def test_another_sender_may_deflate_as_it_likes(desk):
    packer = zlib.compressobj(1, zlib.DEFLATED, -15, 1)  # no dictionary, weakest
    text = wire.pack_batch(TILL, 1, GENESIS, sales(2), KEYS.sign)
    assert desk.acked(b"\x01" + packer.compress(text) + packer.flush())["to"] == 2
