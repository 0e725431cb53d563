"""Who a till is and what its past was: told by signatures and chains, with each forgery refused and somebody alarmed."""

import json

import pytest

from firmware.journal.codec import GENESIS, canonical
from firmware.sync import wire
from fleet.collector import Collector
from fleet.ledger import Ledger
from fleet.trust import Trust
from hal.keystore import seeded
from tests.fleet.till import TILL, deflated, head, sale, sales

NOW = 1795271526
KEYS, STRANGER = seeded(1, TILL), seeded(2, TILL)


class Fleet:
    """A collector and a till that speaks to it by hand."""

    def __init__(self):
        self.ledger = Ledger(":memory:")
        self.lines = []
        self.collector = Collector(self.ledger, lambda: NOW, self.lines.append)

    def hello(self, lines=(), keys=KEYS, utc=NOW, terminal=TILL, boot=1, trusted=True, **told):
        """A till with these records says hello; the fleet's one answer."""
        payload = wire.hello(boot, 0, len(lines), head(lines), utc, trusted, "0.1.0", **told)
        topic = wire.topic(terminal, wire.UP_HELLO)
        return self.send(topic, wire.signed(topic, payload, keys) if keys else payload)

    def batch(self, lines, first=1, prev=None, keys=KEYS, terminal=TILL):
        h = head(sales(first - 1)) if prev is None else prev
        text = wire.pack_batch(terminal, first, h, lines, keys.sign if keys else None)
        return self.send(wire.topic(terminal, wire.UP_BATCH), deflated(text))

    def send(self, topic, payload):
        [(topic, answer)] = self.collector.handle(topic, payload)
        return wire.read_ack(answer) if topic.endswith(wire.DN_ACK) else wire.read_welcome(answer)

    def alarms(self):
        return [(kind, seq, times) for _, kind, seq, _, _, _, times in self.ledger.alarms()]

    def booked(self):
        return [record["seq"] for _, record in self.ledger.records()]


@pytest.fixture
def fleet():
    return Fleet()


def test_the_first_key_is_the_till_s_for_good(fleet):
    assert fleet.hello()["ack"] == 0
    assert Trust(fleet.ledger).key(TILL) == KEYS.public()
    assert fleet.batch(sales(3))["to"] == 3
    assert fleet.hello(sales(3))["err"] == "" and fleet.alarms() == []
    assert fleet.hello(keys=STRANGER)["err"] == "key"
    assert Trust(fleet.ledger).key(TILL) == KEYS.public()
    assert fleet.alarms() == [("key", 0, 1)] and KEYS.public().hex()[:16] in fleet.ledger.alarms()[0][3]


def test_a_signature_by_another_key_or_none_books_nothing(fleet):
    fleet.hello()
    for keys in (STRANGER, None):
        answer = fleet.batch(sales(3), keys=keys)
        assert (answer["err"], answer["to"]) == ("seal", 0)
    assert fleet.hello(keys=None)["err"] == "key"
    assert fleet.booked() == [] and fleet.alarms() == [("key", 0, 1), ("seal", 0, 2)]
    assert fleet.batch(sales(3))["to"] == 3


def test_a_swapped_total_is_found_whatever_else_is_set_right(fleet):
    """The control: who changes a sale on its way must change the chain, and cannot sign the new one."""
    fleet.hello()
    text = wire.pack_batch(TILL, 1, GENESIS, sales(2), KEYS.sign)
    cheap = [sales(2)[0], sale(2, total=1)]
    signature = json.loads(text.split(b"\n")[0])["s"]
    chained = json.loads(wire.pack_batch(TILL, 1, GENESIS, cheap).split(b"\n")[0]) | {"s": signature}
    forged = [text.replace(sales(2)[1], cheap[1]), b"\n".join([canonical(chained), *cheap]) + b"\n"]
    told = [fleet.send(wire.topic(TILL, wire.UP_BATCH), deflated(each))["err"] for each in forged]
    assert told == ["chain", "seal"] and fleet.booked() == []
    assert fleet.send(wire.topic(TILL, wire.UP_BATCH), deflated(text))["to"] == 2


def test_one_flipped_bit_of_the_signature_is_found(fleet):
    fleet.hello()
    text = wire.pack_batch(TILL, 1, GENESIS, sales(1), KEYS.sign)
    top = json.loads(text.split(b"\n")[0])
    for digit in range(0, 128, 7):
        wrong = top["s"][:digit] + f"{int(top['s'][digit], 16) ^ 1:x}" + top["s"][digit + 1 :]
        forged = text.replace(top["s"].encode(), wrong.encode())
        assert fleet.send(wire.topic(TILL, wire.UP_BATCH), deflated(forged))["err"] == "seal"
    assert fleet.booked() == []


def test_a_replayed_batch_is_answered_again_and_changes_nothing(fleet):
    fleet.hello()
    text = wire.pack_batch(TILL, 1, GENESIS, sales(3), KEYS.sign)
    for _ in range(3):
        assert fleet.send(wire.topic(TILL, wire.UP_BATCH), deflated(text))["to"] == 3
    assert fleet.booked() == [1, 2, 3] and fleet.alarms() == []
    as_another = text.replace(TILL.encode(), b"BARROW-0002")
    fleet.hello(terminal="BARROW-0002", keys=STRANGER)
    assert fleet.send(wire.topic("BARROW-0002", wire.UP_BATCH), deflated(as_another))["err"] == "seal"


def test_a_hello_that_was_changed_on_its_way_is_refused(fleet):
    topic = wire.topic(TILL, wire.UP_HELLO)
    signed = wire.signed(topic, wire.hello(1, 0, 0, GENESIS, NOW, True, "0.1.0"), KEYS)
    assert fleet.send(topic, signed.replace(b'"boot":1', b'"boot":2'))["err"] == "seal"
    assert Trust(fleet.ledger).key(TILL) == b"", "a key was learnt from a forgery"
    assert fleet.send(topic, signed)["err"] == ""


def test_a_till_that_does_not_sign_is_not_believed(fleet):
    assert fleet.hello(keys=None)["err"] == "key"
    assert fleet.alarms() == [("key", 0, 1)]
    told = fleet.batch(sales(2), keys=None)
    assert (told["to"], told["gap"]) == (0, 1)  # whoever it is, it is to say hello first
    assert fleet.hello()["err"] == ""
    assert fleet.batch(sales(2), keys=None)["err"] == "seal"
    assert fleet.batch(sales(2))["to"] == 2


def test_a_batch_of_a_till_that_was_not_heard_yet_waits_for_its_hello(fleet):
    told = fleet.batch(sales(2))
    assert (told["to"], told["gap"], told["err"]) == (0, 1, "") and fleet.alarms() == []
    fleet.hello()
    assert fleet.batch(sales(2))["to"] == 2


def test_a_journal_of_the_past_is_refused_and_told(fleet):
    fleet.hello(utc=NOW)
    fleet.batch(sales(8))
    answer = fleet.hello(sales(5), utc=NOW + 60, boot=2)
    assert (answer["err"], answer["at"], answer["ack"]) == ("fork", 6, 8)
    assert fleet.alarms() == [("rollback", 5, 1)]


def test_a_hello_that_was_overtaken_by_a_batch_is_no_rollback(fleet):
    fleet.hello(utc=NOW)
    fleet.batch(sales(8))
    assert fleet.hello(sales(5), utc=NOW - 1)["err"] == "" and fleet.hello(sales(5), utc=NOW)["err"] == ""
    assert fleet.hello(sales(5), utc=NOW + 8)["err"] == "", "said again after 8 s, and the batch went another way"
    assert fleet.alarms() == []


def test_two_tills_with_one_key_are_found_by_their_starts(fleet):
    for boot, utc in ((1, 0), (1, 30), (2, 60), (2, 90), (3, 120)):
        assert fleet.hello(boot=boot, utc=NOW + utc)["err"] == ""
    assert fleet.alarms() == [], "a till that was switched on three times"
    assert fleet.hello(boot=2, utc=NOW + 150)["err"] == "", "its records are whole: only somebody must look"
    assert fleet.hello(boot=3, utc=NOW + 151)["err"] == ""
    assert fleet.alarms() == [("clone", 0, 1)] and "start 2 goes on, after start 3" in fleet.ledger.alarms()[0][3]


def test_hellos_that_come_late_are_no_clone(fleet):
    for boot, utc in ((1, 0), (2, 60), (1, 40), (3, 120), (2, 90), (1, 59)):
        fleet.hello(boot=boot, utc=NOW + utc)
    for boot, utc in ((4, 9000), (5, 200), (4, 9001)):  # a clock that is not trusted proves nothing
        fleet.hello(boot=boot, utc=NOW + utc, trusted=False)
    assert fleet.alarms() == []


def test_a_till_that_says_itself_that_the_ledger_is_ahead_is_believed(fleet):
    fleet.hello(utc=NOW)
    fleet.batch(sales(8))
    assert fleet.hello(sales(5), utc=NOW - 3600, parts=8)["err"] == "fork"  # its clock was lost with its disk
    assert fleet.alarms() == [("rollback", 5, 1)]


@pytest.mark.parametrize("at", [1, 4, 8])
def test_another_past_is_found_by_a_hello_alone(fleet, at):
    fleet.hello()
    fleet.batch(sales(3))
    fleet.batch(sales(5, 4), 4)
    other = [*sales(at - 1), sale(at, receipt="ask")]
    answer = fleet.hello(other, utc=NOW - 9)
    assert (answer["err"], answer["at"]) == ("fork", at) and fleet.alarms() == [("fork", at, 1)]


def test_a_till_tells_where_its_past_is_another(fleet):
    fleet.hello()
    fleet.batch(sales(3))
    other = [*sales(2), sale(3, receipt="ask"), *sales(4, 4)]
    assert fleet.hello(other)["err"] == "", "the ledger cannot know yet"
    assert fleet.hello(other, parts=3, ph=head(other[:3]))["err"] == "fork"
    assert fleet.hello(other, parts=3, ph=head(sales(3)))["err"] == "", "it says what the ledger says"
    assert fleet.alarms() == [("fork", 3, 1)]


def test_a_fork_by_batch_is_an_alarm_and_its_record_is_kept(fleet):
    fleet.hello()
    fleet.batch(sales(3))
    for _ in range(2):
        answer = fleet.batch([sale(3, receipt="ask")], 3)
        assert (answer["err"], answer["at"], answer["to"]) == ("fork", 3, 3)
    assert fleet.alarms() == [("fork", 3, 2)] and fleet.ledger.quarantined() == [(TILL, 3, "fork")]
    assert fleet.booked() == [1, 2, 3]


def test_the_chain_is_known_at_every_record_also_over_a_quarantined_one(fleet):
    lines = [*sales(3), sale(4, total=1), *sales(4, 5)]
    fleet.hello()
    fleet.batch(lines[:5])
    fleet.batch(lines[5:], 6, head(lines[:5]))
    assert fleet.ledger.quarantined()[0][1] == 4
    trust = Trust(fleet.ledger)
    assert [trust.chain_at(TILL, seq) for seq in range(9)] == [head(lines[:seq]) for seq in range(9)]
    fleet.ledger.db.execute("DELETE FROM anchors")  # a ledger of before there were any
    assert [trust.chain_at(TILL, seq) for seq in range(9)] == [head(lines[:seq]) for seq in range(9)]


def test_a_head_that_was_booked_can_be_shown_with_its_signature(fleet):
    fleet.hello()
    fleet.batch(sales(3))
    [(seq, h, signature)] = fleet.ledger.db.execute("SELECT seq, h, signature FROM anchors").fetchall()
    batch = wire.read_batch(wire.pack_batch(TILL, 1, GENESIS, sales(3), KEYS.sign))
    assert (seq, h, signature) == (3, head(sales(3)), KEYS.sign(batch.said))


def test_a_replaced_card_is_trusted_when_somebody_says_so(fleet):
    fleet.hello()
    assert Trust(fleet.ledger).forget(TILL) and not Trust(fleet.ledger).forget("NOBODY-1")
    assert fleet.hello(keys=STRANGER)["err"] == ""
    assert fleet.hello()["err"] == "key"


def test_hostile_seals_never_raise(fleet):
    topic = wire.topic(TILL, wire.UP_HELLO)
    whole = json.loads(wire.signed(topic, wire.hello(1, 0, 0, GENESIS, NOW, True, "0"), KEYS))
    for changed in ({"k": "\x1b[2J"}, {"s": []}, {"k": "0" * 64}, {"s": "0" * 128}, {"k": None}, {"x": 0.5}, {"ph": "x"}):
        answers = fleet.collector.handle(topic, json.dumps(whole | changed).encode())
        assert not answers or wire.read_ack(answers[0][1])["err"] == "seal"
    assert Trust(fleet.ledger).key(TILL) == b"" and "\x1b" not in "".join(fleet.lines)
