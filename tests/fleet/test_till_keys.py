"""The list of the tills' keys, made from the ledger: who is in it, what has ended when, and how rarely a new one goes out."""

import argparse

import pytest

from firmware.sync.wire import archive, document, door, tills
from fleet import lives, push_tills, sign
from fleet.clerk import Clerk
from fleet.documents import Documents, Wrong
from fleet.ledger import Ledger
from fleet.till_keys import DAILY, DAY_S, LONGEST_S, QUIET_S, Gathering, TillKeys, give_out, past
from fleet.trust import Trust
from hal import keystore

ONE, TWO = "BARROW-0001", "BARROW-0002"
KEY = sign.seeded(1)
LOOK_S = 2  # as the collector looks


def key(n):
    """32 bytes, another for each n."""
    return n.to_bytes(32, "big")


class Office:
    """A ledger, its clock, and what a collector does every LOOK_S."""

    def __init__(self, where):
        self.ledger, self.now = Ledger(where), 1000
        self.keys = TillKeys(self.ledger, lambda: self.now)
        self.documents = Documents(self.ledger, lambda: self.now)
        self.gathering = Gathering(self.keys, self.documents)

    def hear(self, terminal, public):
        """As its first hello does, or enrol."""
        known = """INSERT INTO tills(terminal, key, since, utc) VALUES (?, ?, ?, 0)
            ON CONFLICT(terminal) DO UPDATE SET key = excluded.key, since = excluded.since"""
        self.ledger.db.execute(known, (terminal, public, self.now))

    def claim(self, terminal, public, state):
        row = (f"{terminal}{state}{self.now}", terminal, b"", public, state, b"", b"", 0, self.now)
        self.ledger.db.execute("INSERT INTO claims VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)

    def listed(self):
        """terminal -> [(key's number, until)], settled as of now."""
        self.keys.settle()
        found = {}
        for line in self.keys.body().split(b"\n")[1:-1]:
            terminal, keys = tills.row(line) if line else ("", [])
            found[terminal] = [(int.from_bytes(each.public, "big"), each.until) for each in keys]
        return found

    def watch(self, seconds):
        """The versions that went out in that time."""
        out = []
        for _ in range(0, seconds, LOOK_S):
            self.now += LOOK_S
            gone = self.gathering.look(KEY.sign)
            out += [gone.version] if gone else []
        return out


@pytest.fixture
def office(where):
    made = Office(where)
    yield made
    made.ledger.close()


def test_a_key_that_is_replaced_stays_with_its_end(office):
    office.hear(ONE, key(1))
    office.hear(TWO, key(2))
    assert office.listed() == {ONE: [(1, 0)], TWO: [(2, 0)]}
    office.now = 2000
    office.hear(ONE, key(3))
    assert office.listed() == {ONE: [(3, 0), (1, 2000)], TWO: [(2, 0)]}
    office.now = 3000
    assert Trust(office.ledger).forget(TWO)
    assert office.listed()[TWO] == [(2, 3000)]
    office.now = 4000
    office.hear(TWO, key(2))
    assert office.listed() == {ONE: [(3, 0), (1, 2000)], TWO: [(2, 0)]}, "its storage was its own after all"


def test_other_hardware_under_a_name_leaves_the_key_of_the_old_one_in_the_list(office):
    office.hear(ONE, key(1))
    office.listed()
    office.now = 2000
    with office.ledger.db.transaction():
        lives.close(office.ledger.db, ONE)
        office.hear(ONE, key(2))
    assert office.listed() == {ONE: [(2, 0), (1, 2000)]}


def test_lives_that_ended_before_there_was_a_list_are_in_it():
    rows = [("A~1", key(1), 10), ("A~2", key(2), 20), ("A", key(3), 30), ("B~1", key(4), 10)]
    assert past(rows, 99) == {("A", key(1)): 20, ("A", key(2)): 30, ("B", key(4)): 99}


def test_whose_certificate_was_taken_back_speaks_for_its_till_no_more(office):
    office.hear(ONE, key(1))
    office.claim(ONE, key(1), door.ENROLLED)
    assert office.listed() == {ONE: [(1, 0)]}
    office.ledger.db.execute("UPDATE claims SET state = ?", (door.REVOKED,))
    office.now = 2000
    assert office.listed() == {ONE: [(1, 2000)]}
    office.now = 3000
    assert office.listed() == {ONE: [(1, 2000)]}, "it ended once"
    office.claim(ONE, key(1), door.ENROLLED)
    assert office.listed() == {ONE: [(1, 0)]}


def test_two_hundred_tills_that_come_up_make_one_list(office):
    out = []
    for n in range(200):
        office.hear(f"BARROW-{n:04}", key(n + 1))
        if n % 10 == 9:
            out += office.watch(LOOK_S)
    out += office.watch(3 * LONGEST_S)
    assert out == [1]
    assert len(office.listed()) == 200 and office.watch(600) == [], "and nothing more while nothing changes"


def test_a_list_does_not_wait_for_ever_for_quiet(office):
    office.hear(ONE, key(1))
    for n in range(LONGEST_S // LOOK_S):
        office.hear(f"BARROW-{n + 10:04}", key(n + 2))
        if office.watch(LOOK_S):
            return
    assert office.watch(LOOK_S + QUIET_S) == [1]


def test_a_large_fleet_gets_few_lists_but_an_end_at_once(office):
    rows = [(f"BARROW-{n:09}", key(n + 1), office.now, 0) for n in range(10_000)]
    with office.ledger.db.transaction():
        office.ledger.db.load("tills", ("terminal", "key", "since", "utc"), rows)
    assert office.watch(2 * QUIET_S) == [1]
    _, body = office.documents.newest("tills")
    assert len(body) < 930_004 < document.LENGTHS["tills"], len(body)
    pause = len(body) * DAY_S // DAILY
    office.hear(ONE, key(77_777))
    assert office.watch(60) == []
    office.now += pause - 120
    assert office.watch(300) == [2]
    Trust(office.ledger).forget(ONE)
    assert office.watch(2 * QUIET_S) == [3]
    assert [out.version for out in office.documents.out()] == [2, 3], "nobody is offered the first any more"


def test_two_collectors_make_one_list(office):
    other = Gathering(office.keys, office.documents)
    office.hear(ONE, key(1))
    out = [office.watch(LOOK_S) + [bool(other.look(KEY.sign))] for _ in range(20)]
    assert sum(len(versions) - 1 + versions[-1] for versions in out) == 1
    assert Gathering(office.keys, office.documents).look(KEY.sign) is None, "nor does one that starts later"
    assert office.watch(60) == []


def test_a_fleet_too_large_for_a_list_says_so(office, monkeypatch):
    office.hear(ONE, key(1))
    monkeypatch.setitem(document.LENGTHS, "tills", 50)
    with pytest.raises(Wrong, match="the limit is 50"):
        give_out(office.keys, office.documents, KEY.sign)
    said = []
    clerk = Clerk(office.ledger, lambda: office.now, said.append, KEY.sign)
    clerk.gather()
    office.now += QUIET_S
    clerk.gather()
    assert said == ["no new list of the tills' keys: tills: 90 bytes, the limit is 50"]


def test_the_command_makes_it_once_and_saves_what_a_laptop_reads(tmp_path, capsys):
    db = tmp_path / "ledger.db"
    office = Office(db)
    office.hear(ONE, key(1))
    office.ledger.close()
    told = argparse.Namespace(db=str(db), key=None, save=tmp_path / "list")
    assert push_tills.run(told) == 0 and push_tills.run(told) == 0
    public = sign.kept(sign.beside(db)).public
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "tills 1 is out for every till: 90 bytes" and lines[2] == lines[0] + ", as before"
    assert lines[1] == f"the fleet's public key: {public.hex()}"
    label, body = archive.unpacked((tmp_path / "list").read_bytes())
    assert keystore.verify(public, label.said, label.signature) and key(1).hex().encode() in body
