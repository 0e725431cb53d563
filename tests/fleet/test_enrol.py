"""A till at the door: by the code on its screen it gets its certificate, once, and by nothing else; and what becomes of a
name whose hardware is replaced."""

import json
from datetime import UTC, datetime

import pytest

from firmware.journal.codec import GENESIS, canonical, chain
from firmware.sync import door, wire
from fleet import lives
from fleet.authority import Authority
from fleet.collector import Collector
from fleet.enrol import Desk, NotEnrolled
from fleet.ingest import NotBooked, ingest, records
from fleet.ledger import Ledger
from fleet.revoke import take_back
from fleet.sign import seeded
from fleet.trust import Trust
from tests.fleet.applicant import Applicant
from tests.sync.probes import deflated
from tests.sync.stack import sale

AT_S = 1795271526
TILL = "BARROW-0001"


class Fleet:
    """A ledger, a collector and an authority; `at` is what their clocks say."""

    def __init__(self, folder, where=":memory:"):
        self.at = AT_S
        self.ledger = Ledger(where)
        self.key = seeded(1)
        self.authority = Authority.init(folder / "ca", "Market fleet", lambda: datetime.fromtimestamp(self.at, UTC))
        self.log = []
        self.collector = Collector(self.ledger, lambda: self.at, self.log.append, sign=self.key.sign)

    @property
    def desk(self):
        return Desk(self.ledger, self.authority, self.key.public, self.at)

    def alarms(self):
        return [(terminal, kind) for terminal, kind, *_ in self.ledger.alarms()]


@pytest.fixture
def fleet(tmp_path):
    return Fleet(tmp_path)


@pytest.fixture
def till(tmp_path, fleet):
    return Applicant(tmp_path / "till", fleet.authority)


@pytest.fixture
def both(tmp_path, where):
    """On either database."""
    made = Fleet(tmp_path, where)
    yield made
    made.ledger.close()


@pytest.fixture
def till_of_both(tmp_path, both):
    return Applicant(tmp_path / "till", both.authority)


def journal(count, first=1, no=1, prev=GENESIS):
    """(payloads, head) of so many sales."""
    lines = [canonical(sale(no + i, AT_S) | {"kind": "sale", "seq": first + i, "no": no + i}) for i in range(count)]
    for line in lines:
        prev = chain(prev, line)
    return lines, prev


def send(fleet, till, lines, first=1, prev=GENESIS):
    """As a till does: a hello, and a batch; the ack."""
    topic = wire.topic(till.terminal, wire.UP_HELLO)
    hello = wire.hello(1, 0, first - 1 + len(lines), chain_of(prev, lines), AT_S, True, "0.1.0")
    fleet.collector.handle(topic, wire.signed(topic, hello, till.keys))
    text = wire.pack_batch(till.terminal, first, prev, lines, till.keys.sign)
    ((_, ack),) = fleet.collector.handle(wire.topic(till.terminal, wire.UP_BATCH), deflated(text))
    return wire.read_ack(ack)


def chain_of(h, lines):
    for line in lines:
        h = chain(h, line)
    return h


def exported(lines):
    """As `hal journal export --format jsonl` writes it."""
    return records(json.dumps(json.loads(line), sort_keys=True) + "\n" for line in lines)


# ---- the everyday way


def test_a_till_waits_until_somebody_names_its_code_and_then_has_its_certificate(both, till_of_both):
    fleet, till = both, till_of_both
    assert till.knock(fleet.collector)["state"] == door.WAITING and not till.identity.held()
    fleet.desk.enrol(TILL, till.code)
    answer = till.knock(fleet.collector)
    assert answer["state"] == door.ENROLLED
    till.take(answer)
    assert till.identity.held() and till.identity.context() is not None
    assert till.keys.fleet() == till.identity.fleet() == fleet.key.public
    assert Trust(fleet.ledger).key(TILL) == till.keys.public()
    till.boot()
    assert till.identity.held(), "it was not kept"


def test_an_answer_that_got_lost_is_given_again(fleet, till):
    till.knock(fleet.collector)
    fleet.desk.enrol(TILL, till.code)
    assert till.knock(fleet.collector) == till.knock(fleet.collector)


def test_a_till_keeps_its_code_over_a_reboot_and_another_has_another(fleet, till, tmp_path):
    code = till.code
    till.boot()
    assert till.code == code != Applicant(tmp_path / "other", fleet.authority).code


def test_a_certificate_that_ends_within_a_year_is_made_anew_and_fetched_at_the_door(fleet, till):
    till.knock(fleet.collector)
    fleet.desk.enrol(TILL, till.code)
    first = till.knock(fleet.collector)["crt"]
    assert fleet.desk.renew() == [] and till.knock(fleet.collector)["crt"] == first
    fleet.at += 1000 * 86400
    assert fleet.desk.renew() == [TILL] and fleet.desk.renew() == []
    answer = till.knock(fleet.collector)
    assert answer["crt"] != first
    till.take(answer)
    assert till.identity.held()
    fleet.at += 1000 * 86400
    assert len(fleet.authority.living(TILL)) == 1
    assert take_back(fleet.ledger, fleet.authority, TILL) == 1 and fleet.desk.renew() == []


# ---- what is refused, in words


def refused(fleet, terminal, code, words):
    with pytest.raises(NotEnrolled, match=words):
        fleet.desk.enrol(terminal, code)


def test_a_code_that_nobody_waits_with(fleet, till):
    refused(fleet, TILL, till.code, "no till has asked with this code")


def test_a_code_is_used_once(fleet, till):
    till.knock(fleet.collector)
    fleet.desk.enrol(TILL, till.code)
    fleet.authority.revoke(TILL)
    refused(fleet, TILL, till.code, "this code was used")


def test_a_code_that_was_last_heard_a_day_ago(fleet, till):
    till.knock(fleet.collector)
    fleet.at += 86401
    refused(fleet, TILL, till.code, "within a day")


def test_a_name_that_has_a_living_certificate(fleet, till, tmp_path):
    till.knock(fleet.collector)
    fleet.desk.enrol(TILL, till.code)
    other = Applicant(tmp_path / "other", fleet.authority)
    other.knock(fleet.collector)
    refused(fleet, TILL, other.code, "has a certificate")
    assert len(fleet.authority.living(TILL)) == 1


def test_another_s_code(fleet, till):
    till.knock(fleet.collector)
    refused(fleet, "BARROW-0002", till.code, "that is the code of BARROW-0001")


def test_a_till_that_is_known_by_another_key(fleet, till, tmp_path):
    lines, _ = journal(1)
    send(fleet, Applicant(tmp_path / "before", fleet.authority), lines)
    till.knock(fleet.collector)
    refused(fleet, TILL, till.code, "is known by the key")


@pytest.mark.parametrize("spoil", ["keys", "name", "signature", "request", "topic"])
def test_a_claim_that_is_not_its_sender_s_own_is_not_even_kept(fleet, till, tmp_path, spoil):
    other = Applicant(tmp_path / "other", fleet.authority, "BARROW-0002")
    topic, payload = door.up(till.code), till.ask()
    if spoil == "keys":
        payload = wire.signed(topic, door.ask(till.code, TILL, till.identity.request(), other.keys), other.keys)
    if spoil == "name":
        payload = door.ask(till.code, "BARROW-0002", till.identity.request(), till.keys)
    if spoil == "signature":
        payload = payload[:-4] + (b"0" if payload[-4:-3] != b"0" else b"1") + payload[-3:]
    if spoil == "request":
        payload = door.ask(till.code, TILL, other.identity.request(), till.keys)
    if spoil == "topic":
        topic = door.up(other.code)
    assert fleet.collector.handle(topic, payload) == []
    assert fleet.ledger.db.execute("SELECT count(*) FROM claims").fetchone()[0] == 0 and fleet.log


def test_whatever_else_comes_to_the_door_is_refused(fleet, till):
    topic, whole = door.up(till.code), till.ask()
    for payload in (b"", b"{}", b"\xff" * 99, b"[" * 5000, whole[:-1], whole + b" ", whole * 20):
        assert fleet.collector.handle(topic, payload) == []
    for bad in (door.down(till.code), "barrow/v1/claim//up", f"barrow/v1/claim/{'0' * 13}/up/x", "barrow/v1/claim/+/up"):
        assert fleet.collector.handle(bad, whole) == []


def test_a_flood_of_claims_is_forgotten_and_no_grant_with_it(both, till_of_both, monkeypatch):
    fleet, till = both, till_of_both
    monkeypatch.setattr("fleet.doorkeeper.WAITING_MAX", 5)
    till.knock(fleet.collector)
    fleet.desk.enrol(TILL, till.code)
    made = "INSERT INTO claims(code, terminal, request, key, state, certificate, documents, first, at) VALUES "
    for i in range(20):
        fleet.ledger.db.execute(made + "(?, 'X', ?, ?, 'waiting', ?, ?, 0, ?)", (f"{i:013}", b"", b"", b"", b"", AT_S + i))
    late = Applicant(till.folder.parent / "late", fleet.authority, "BARROW-0009")
    fleet.at += 100
    late.knock(fleet.collector)
    assert fleet.ledger.db.execute("SELECT count(*) FROM claims WHERE state = 'waiting'").fetchone()[0] == 5
    assert till.knock(fleet.collector)["state"] == door.ENROLLED


# ---- the end of a certificate, and other hardware in its name


def test_a_till_that_was_revoked_is_told_so_and_is_an_alarm(fleet, till):
    till.knock(fleet.collector)
    fleet.desk.enrol(TILL, till.code)
    assert take_back(fleet.ledger, fleet.authority, TILL) == 1
    answer = till.knock(fleet.collector)
    assert (answer["state"], answer["why"]) == (door.REFUSED, door.REVOKED)
    assert fleet.alarms() == [(TILL, "revoked")]


def test_a_spare_takes_over_a_name_and_what_the_old_one_had_not_sent_is_not_lost(both, till_of_both, tmp_path):
    fleet, till = both, till_of_both
    till.knock(fleet.collector)
    fleet.desk.enrol(TILL, till.code)
    lines, _ = journal(12)
    assert send(fleet, till, lines[:5])["to"] == 5  # seven were sold with no line
    spare = Applicant(tmp_path / "spare", fleet.authority)
    spare.knock(fleet.collector)
    assert "BARROW-0001~1" in fleet.desk.replace(TILL, spare.code, restored=False)
    answer = spare.knock(fleet.collector)
    assert answer["first"] == 100_001
    spare.take(answer)
    # the spare begins a journal of its own, under the same name
    own, _ = journal(3, no=answer["first"])
    assert send(fleet, spare, own)["to"] == 3
    # the old one comes back: it is refused, and somebody hears of it
    assert till.knock(fleet.collector)["state"] == door.REFUSED
    assert send(fleet, till, lines)["err"] == "seal"
    assert {(TILL, "revoked"), (TILL, "key")} <= set(fleet.alarms())
    # its card is read: what it had not sent is booked, once
    assert ingest(fleet.ledger, TILL, exported(lines), AT_S) == ("BARROW-0001~1", 7)
    assert ingest(fleet.ledger, TILL, exported(lines), AT_S) == ("BARROW-0001~1", 0)
    booked = [(terminal, record["no"]) for terminal, record in fleet.ledger.records("sale")]
    assert booked == [(TILL, 100_001 + i) for i in range(3)] + [("BARROW-0001~1", i) for i in range(1, 13)]
    assert send(fleet, spare, own)["to"] == 3 and fleet.ledger.refused() == 0


def test_a_second_spare_numbers_on_from_beyond_the_first(fleet, till, tmp_path):
    firsts = []
    for i in range(3):
        spare = Applicant(tmp_path / f"spare{i}", fleet.authority)
        spare.knock(fleet.collector)
        fleet.desk.replace(TILL, spare.code, restored=False)
        firsts.append(spare.knock(fleet.collector)["first"])
    assert firsts == [100_001, 200_001, 300_001]
    assert lives.earlier(fleet.ledger.db, TILL) == [f"BARROW-0001~{i}" for i in (3, 2, 1)]


def test_hardware_with_the_old_one_s_journal_goes_on_with_it(fleet, till, tmp_path):
    till.knock(fleet.collector)
    fleet.desk.enrol(TILL, till.code)
    lines, _ = journal(8)
    send(fleet, till, lines[:5])
    spare = Applicant(tmp_path / "spare", fleet.authority)
    spare.knock(fleet.collector)
    fleet.desk.replace(TILL, spare.code, restored=True)
    answer = spare.knock(fleet.collector)
    assert answer["first"] == 0
    assert send(fleet, spare, lines)["to"] == 8 and len(fleet.authority.living(TILL)) == 1
    assert till.knock(fleet.collector)["state"] == door.REFUSED


@pytest.mark.parametrize("what", ["another chain", "cut", "a gap", "not replaced", "too old"])
def test_a_journal_that_does_not_go_on_from_the_ledger_is_not_booked(fleet, till, tmp_path, what):
    lines, _ = journal(9)
    till.knock(fleet.collector)
    fleet.desk.enrol(TILL, till.code)
    send(fleet, till, lines[:5])
    if what != "not replaced":
        lives.close(fleet.ledger.db, TILL)
    told = {
        "another chain": journal(9, no=50)[0], "cut": lines[6:], "a gap": lines[:3] + lines[4:], "too old": lines[:3],
    }.get(what, lines)  # fmt: skip
    with pytest.raises(NotBooked):
        ingest(fleet.ledger, TILL, exported(told), AT_S)
    assert len(list(fleet.ledger.records())) == 5


@pytest.mark.parametrize("line", ["", "[]", "null", "{}", '{"seq": 0}', '{"seq": 1.5}', '{"seq": "1"}', "[" * 99999, '{"seq": 1'])
def test_a_file_that_is_no_journal_is_refused_by_its_line(line):
    with pytest.raises(NotBooked):
        records([line + "\n"])
