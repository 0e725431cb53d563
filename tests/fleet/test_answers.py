"""What the fleet answers to a till that asks: once, to nobody else, and in the same transaction as what it did."""

import json
import threading

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from firmware.journal.codec import canonical
from firmware.sync import wire
from fleet import answers as room
from fleet.answers import HORIZON_S, Answers, Refusal, find_sale
from fleet.collector import Collector
from fleet.ledger import Ledger
from hal.keystore import seeded
from tests.fleet.till import TILL, deflated, head, met, published, sale, sales

NOW = 1795271530
KEYS, STRANGER = seeded(1, TILL), seeded(2, TILL)
FLEET = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
TOPIC = wire.topic(TILL, wire.UP_REQ)


class Desk:
    """A till that says hello and asks, at a collector that signs."""

    def __init__(self, where):
        self.now, self.lines = NOW, []
        self.ledger = Ledger(where)
        self.collector = Collector(self.ledger, lambda: self.now, self.lines.append, sign=FLEET.sign)
        hello = wire.hello(1, 0, 0, bytes(32), NOW, True, "0.1.0")
        topic = wire.topic(TILL, wire.UP_HELLO)
        self.collector.handle(topic, wire.signed(topic, hello, KEYS))

    def send(self, payload):
        """(tail, message) of the one answer."""
        [(topic, said)] = self.collector.handle(TOPIC, payload)
        return wire.terminal_of(topic)[1], json.loads(said), said

    def ask(self, id, op, body, exp=None, keys=KEYS):
        """What is published, and what it says."""
        payload = wire.request(id, self.now + 5 if exp is None else exp, op, body)
        return self.send(wire.signed(TOPIC, payload, keys))[:2]


@pytest.fixture
def desk():
    made = Desk(":memory:")
    yield made
    made.ledger.close()


@pytest.fixture
def anywhere(where):
    """The same desk, on each database in turn."""
    made = Desk(where)
    yield made
    made.ledger.close()


def test_what_time_is_it(desk):
    tail, told = desk.ask("a-1", "time", {})
    assert (tail, told["id"], told["op"], told["body"]) == (wire.DN_RES, "a-1", "time", {"utc": NOW})


def test_whose_key_is_that(desk):
    tail, told = desk.ask("a-1", "key", {"terminal": TILL})
    assert (tail, told["body"]) == (wire.DN_RES, {"key": KEYS.public().hex()})
    assert desk.ask("a-2", "key", {"terminal": "BARROW-9999"})[1]["err"] == "unknown"
    assert desk.ask("a-3", "key", {"terminal": [1]})[1]["err"] == desk.ask("a-4", "key", {})[1]["err"] == "unknown"


def test_an_answer_is_signed_for_one_till(desk):
    payload = wire.signed(TOPIC, wire.request("a-1", NOW + 5, "time", {}), KEYS)
    said = desk.send(payload)[2]
    till = seeded(1, TILL, FLEET.public_key().public_bytes_raw())
    assert wire.vouched(wire.topic(TILL, wire.DN_RES), said, till)
    assert not wire.vouched(wire.topic("BARROW-0002", wire.DN_RES), said, till)
    assert not wire.vouched(wire.topic(TILL, wire.DN_RES), said.replace(b'"utc":1', b'"utc":2'), till)


def test_a_welcome_is_an_anchor(desk):
    topic = wire.topic(TILL, wire.UP_HELLO)
    hello = wire.signed(topic, wire.hello(1, 0, 0, bytes(32), NOW + 1, True, "0.1.0"), KEYS)
    [(topic, said)] = desk.collector.handle(topic, hello)
    till = seeded(1, TILL, FLEET.public_key().public_bytes_raw())
    assert topic.endswith(wire.DN_WELCOME) and wire.vouched(topic, said, till)
    assert wire.read_welcome(said)["ack"] == 0


def test_did_my_sale_arrive(anywhere):
    lines = [sale(1), sale(2, no=7), canonical({"kind": "print", "seq": 3, "no": 7, "copy": 0, "done": True})]
    lines += [sale(4, no=8, total=999), sale(5, no=9)]
    batch = wire.topic(TILL, wire.UP_BATCH)
    text = wire.pack_batch(TILL, 1, head([]), lines, KEYS.sign)
    anywhere.collector.handle(batch, deflated(text))
    told = {no: anywhere.ask(f"a-{no}", "sale", {"no": no})[1]["body"] for no in (1, 7, 8, 9, 10, 5)}
    assert told[7] == {"state": "booked", "seq": 2, "total": 350, "cur": "GBP", "at": NOW}
    assert (told[1]["seq"], told[9]["seq"]) == (1, 5)
    assert (told[8]["state"], told[8]["seq"]) == ("quarantine", 4) and "total" in told[8]["reason"]
    assert told[10] == told[5] == {"state": "unknown", "to": 5}
    for body in ({}, {"no": "7"}, {"no": 0}, {"no": True}):
        assert anywhere.ask(f"b-{len(str(body))}-{body.get('no')}".lower(), "sale", body)[1]["err"] == "body"


def test_a_sale_is_found_by_its_number_among_many(desk):
    plain = Ledger(":memory:")
    met(plain)
    collector = Collector(plain, lambda: NOW)
    for first in range(1, 401, 100):
        collector.handle(wire.topic(TILL, wire.UP_BATCH), published(sales(100, first), first))
    assert [find_sale(plain, TILL, no)[0] for no in (1, 2, 199, 200, 399, 400)] == [1, 2, 199, 200, 399, 400]
    assert find_sale(plain, TILL, 401) is find_sale(plain, TILL, 0) is find_sale(plain, "BARROW-0002", 1) is None
    plain.close()


def counting(desk):
    """An op that does something in the ledger, each time that it is done."""
    done = []

    def book(terminal, body):
        done.append(body)
        desk.ledger.alarm(terminal, "done", len(done), "by request", desk.now)
        if body.get("stop"):
            raise Refusal("no")
        return {"count": len(done)}

    desk.collector.clerk.answers.add("book", book)
    return done


def test_asking_again_gives_the_stored_answer_and_does_nothing(anywhere):
    done = counting(anywhere)
    first = anywhere.ask("a-1", "book", {"n": 1})
    anywhere.now += 3600
    assert anywhere.ask("a-1", "book", {"n": 1}) == first and len(done) == 1
    assert anywhere.ask("a-1", "book", {"n": 1}, exp=NOW) == first, "an answer there is, whatever the deadline"
    assert anywhere.ask("a-2", "book", {"n": 1})[1]["body"] == {"count": 2}


def test_an_id_that_asks_something_else_is_refused(desk):
    done = counting(desk)
    desk.ask("a-1", "book", {"n": 1})
    assert desk.ask("a-1", "book", {"n": 2})[1]["err"] == desk.ask("a-1", "time", {})[1]["err"] == "taken"
    assert len(done) == 1


def test_a_refusal_did_nothing_and_is_the_answer_for_ever(anywhere):
    done = counting(anywhere)
    assert anywhere.ask("a-1", "book", {"stop": 1})[1]["err"] == "no"
    assert anywhere.ledger.alarms() == [], "refused, and half done"
    assert anywhere.ask("a-1", "book", {"stop": 1})[1]["err"] == "no" and len(done) == 1


def test_an_expired_request_is_refused_and_stays_refused(desk):
    done = counting(desk)
    assert desk.ask("a-1", "book", {}, exp=NOW - 1)[1]["err"] == "expired"
    assert desk.ask("a-1", "book", {})[1]["err"] == "expired", "told that it was not done, and then it was"
    assert desk.ask("a-2", "book", {}, exp=NOW + 90_000)[1]["err"] == "far"
    assert done == []


def test_an_unknown_op_is_refused_by_name(desk):
    assert desk.ask("a-1", "dance", {})[1]["err"] == "op"


def test_another_version_is_refused_by_id(desk):
    payload = wire.signed(TOPIC, canonical({"v": 2, "id": "a-1", "op": "time", "else": True}), KEYS)
    tail, told, _ = desk.send(payload)
    assert (tail, told["id"], told["err"], told["v"]) == (wire.DN_RES, "a-1", "version", 1)


@pytest.mark.parametrize("keys", [STRANGER, None])
def test_a_stranger_gets_no_answer_that_a_till_could_take_for_its_own(desk, keys):
    done = counting(desk)
    payload = wire.request("a-1", NOW + 5, "book", {})
    tail, told, _ = desk.send(wire.signed(TOPIC, payload, keys) if keys else payload)
    assert (tail, told["err"]) == (wire.DN_ACK, "key") and done == []
    assert desk.ask("a-1", "book", {})[1]["body"] == {"count": 1}, "the till's own question was spoilt"


def test_a_request_that_was_changed_on_its_way_is_refused(desk):
    done = counting(desk)
    payload = wire.signed(TOPIC, wire.request("a-1", NOW + 5, "book", {"n": 1}), KEYS)
    assert desk.send(payload.replace(b'"n":1', b'"n":2'))[1]["err"] == "seal" and done == []
    other = wire.topic("BARROW-0002", wire.UP_REQ)
    assert json.loads(desk.collector.handle(other, payload)[0][1])["err"] == "key", "asked in another till's name"


def test_a_fault_of_the_ledger_answers_nothing_and_leaves_nothing(desk):
    def fails(terminal, body):
        desk.ledger.alarm(terminal, "done", 1, "by request", desk.now)
        desk.ledger.db.execute("SELECT * FROM nowhere")

    desk.collector.clerk.answers.add("book", fails)
    payload = wire.signed(TOPIC, wire.request("a-1", NOW + 5, "book", {}), KEYS)
    assert desk.collector.handle(TOPIC, payload) == [] and desk.ledger.alarms() == []
    done = counting(desk)
    assert desk.ask("a-1", "book", {})[1]["body"] == {"count": 1} and len(done) == 1


def test_a_till_that_asks_without_end_is_told_to_come_back(desk, monkeypatch):
    monkeypatch.setattr(room, "HOURLY_MAX", 5)
    told = [desk.ask(f"a-{n}", "time", {})[1].get("err") for n in range(7)]
    assert told == [None] * 5 + ["busy"] * 2
    assert desk.ask("a-3", "time", {})[1]["body"] == {"utc": NOW}, "what was answered is still answered"
    desk.now += 3601
    assert desk.ask("a-6", "time", {})[1]["body"] == {"utc": desk.now}


def test_answers_are_forgotten_after_the_horizon_and_then_refused(anywhere):
    done = counting(anywhere)
    anywhere.ask("a-1", "book", {})
    anywhere.now += HORIZON_S + 1
    anywhere.ask("a-2", "book", {})
    assert anywhere.ledger.db.execute("SELECT count(*) FROM answers").fetchone()[0] == 1
    assert anywhere.ask("a-1", "book", {}, exp=NOW + 5)[1]["err"] == "expired", "an old request was played again, and done"
    assert len(done) == 2


def test_what_is_too_long_to_keep_is_done_again(desk):
    done = []
    desk.collector.clerk.answers.add("read", lambda terminal, body: done.append(body) or {"n": len(done)}, stored=False)
    assert [desk.ask("a-1", "read", {})[1]["body"]["n"] for _ in range(2)] == [1, 2]
    assert desk.ledger.db.execute("SELECT count(*) FROM answers").fetchone()[0] == 0


def test_refusals_are_counted_by_terminal_and_reason_in_bounded_rows(desk):
    for n in range(100):
        desk.collector.handle(f"barrow/v1/MADE-UP-{n}/up/hello", b"x" * 5000)
        desk.collector.handle(wire.topic(TILL, wire.UP_BATCH), b"\x01" + bytes([n % 256]) * 9)
        desk.collector.handle(f"barrow/v1/{TILL}/up/nothing-{n}", b"")
        desk.now += n % 3 == 0
    desk.ask("b-1", "dance", {})
    desk.collector.clerk.refusals.flush(desk.now)
    rows = {(terminal, reason): times for terminal, reason, times, _, _ in desk.collector.clerk.refusals.all()}
    assert rows[("-", "size")] == rows[(TILL, "topic")] == 100 and rows[(TILL, "op")] == 1
    assert len(rows) <= 8 and sum(rows.values()) == 301, rows


def test_two_collectors_with_the_same_questions_do_each_once(where):
    """Each in a thread with a connection of its own, as two processes would be; whoever comes second waits for the first."""
    first = Desk(where)
    second = Answers(Ledger(where), lambda: NOW, FLEET.sign)
    ends, done, told = [first.collector.clerk.answers, second], [], {}

    def book(terminal, body):
        done.append(body["n"])
        return body

    def ask_all(number):
        for n in range(20):
            payload = wire.signed(TOPIC, wire.request(f"a-{n}", NOW + 5, "book", {"n": n}), KEYS)
            told[number, n] = ends[number].take(TILL, payload)

    for end in ends:
        end.add("book", book)
    threads = [threading.Thread(target=ask_all, args=(number,)) for number in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(done) == list(range(20)), "done twice, or not at all"
    assert all(told[0, n] == told[1, n] for n in range(20))
    first.ledger.close()
    second.ledger.close()
