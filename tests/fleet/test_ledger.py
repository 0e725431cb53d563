"""The ledger: each record once, a bad one apart, and two pasts of one till never mixed."""

import pytest

from firmware.journal.codec import GENESIS, canonical, chain
from fleet.db import DbFault
from fleet.ledger import Ledger, WrongLedger
from tests.fleet.till import TILL, batch, head, sale, sales


@pytest.fixture
def ledger(where):
    book = Ledger(where)
    yield book
    book.close()


def booked(ledger):
    return [record["seq"] for _, record in ledger.records()]


def test_a_batch_is_booked_and_answered_with_where_the_book_stands(ledger):
    lines = sales(3)
    assert ledger.take(batch(lines), 1795280000) == (3, head(lines), 0, "", 0)
    assert ledger.head(TILL) == (3, head(lines))
    assert [(terminal, record["no"], record["total"]) for terminal, record in ledger.records("sale")] == [
        (TILL, 1, 350), (TILL, 2, 350), (TILL, 3, 350)
    ]  # fmt: skip


def test_an_unknown_till_stands_at_nothing(ledger):
    assert ledger.head("NOBODY-1") == (0, GENESIS)


def test_the_same_batch_again_changes_nothing(ledger):
    first = ledger.take(batch(sales(5)), 1)
    for _ in range(3):
        assert ledger.take(batch(sales(5)), 2) == first
        assert ledger.take(batch(sales(2, 2), 2), 2) == first  # a part of it, from another batch size
    assert booked(ledger) == [1, 2, 3, 4, 5]


def test_a_batch_that_overlaps_adds_only_what_is_new(ledger):
    ledger.take(batch(sales(5)), 1)
    assert ledger.take(batch(sales(6, 3), 3), 2).to == 8
    assert booked(ledger) == [1, 2, 3, 4, 5, 6, 7, 8]
    assert ledger.head(TILL) == (8, head(sales(8)))


def test_a_gap_is_named_and_nothing_is_booked(ledger):
    ledger.take(batch(sales(2)), 1)
    assert ledger.take(batch(sales(2, 5), 5), 1) == (2, head(sales(2)), 5, "", 0)
    assert booked(ledger) == [1, 2]


def test_tills_do_not_meet(ledger):
    ledger.take(batch(sales(2)), 1)
    ledger.take(batch(sales(3), terminal="BARROW-0002"), 1)
    assert ledger.head(TILL)[0] == 2 and ledger.head("BARROW-0002")[0] == 3


def test_every_kind_is_kept_also_one_that_nobody_knows(ledger):
    lines = [
        canonical({"kind": "no_sale", "seq": 1, "no": 0, "reason": ""}),
        canonical({"kind": "print", "seq": 2, "no": 7, "copy": 0, "done": True}),
        canonical({"kind": "tomorrow", "seq": 3, "no": 0, "x": [1, {"y": False}]}),
    ]
    assert ledger.take(batch(lines), 1).to == 3
    assert [record["kind"] for _, record in ledger.records()] == ["no_sale", "print", "tomorrow"]


@pytest.mark.parametrize(
    ("clone", "at"),
    [
        (batch([sale(2, receipt="never")], 2, head(sales(1))), 2),  # another record where one is booked
        (batch([sale(4)], 4, chain(head(sales(2)), b"{}")), 4),  # the next record, upon another past
        (batch([sale(2, receipt="never"), sale(3), sale(4)], 2, head(sales(1))), 2),  # both, in one batch
        (batch([*sales(2, 2), sale(4)], 2, chain(GENESIS, b"{}")), 2),  # our records, upon another past
    ],
)
def test_a_second_past_is_a_fork_and_does_not_get_in(ledger, clone, at):
    ledger.take(batch(sales(3)), 1)
    for _ in range(2):  # the second time it must not pass for a duplicate of what is in quarantine
        answer = ledger.take(clone, 2)
        assert (answer.to, answer.h, answer.err, answer.at) == (3, head(sales(3)), "fork", at)
    assert booked(ledger) == [1, 2, 3]
    assert ledger.quarantined() == [(TILL, at, "fork")]
    assert ledger.take(batch(sales(1, 4), 4), 3).to == 4  # the rightful till goes on


def test_a_batch_that_breaks_its_own_chain_is_told_so(ledger):
    torn = batch(sales(3))
    torn.lines[1] = sale(2, receipt="never")
    assert ledger.take(torn, 1)[2:] == (0, "chain", 3)
    assert booked(ledger) == [] and ledger.take(batch(sales(3)), 1).to == 3


WRONG = {
    "lines 340 and added tax 0 do not make the total 350": {
        "lines": [{"code": "11", "names": {}, "price": 340, "qty": 1000, "total": 340, "rate": "standard"}]
    },
    "lines 350 and added tax 58 do not make the total 350": {
        "tax": [{"rate": "standard", "bp": 2000, "mode": "added", "net": 292, "tax": 58}]
    },
    "legs 350 do not pay the total 350 rounded by 5": {"rounding": 5},
    "legs 0 do not pay the total 350 rounded by 0": {"legs": []},
    "given 500 less change 100 is not the amount 350": {"legs": [{"tender": "cash", "amount": 350, "given": 500, "change": 100}]},
    "total: no integer": {"total": "350"},
    "lines: no list of objects": {"lines": [1]},
    "legs: no list of objects": {"legs": {}},
    "cur: no ISO 4217 code": {"cur": "\x1b[2"},
    "at, off: no time of this calendar": {"at": 1 << 52},
    "seq: 9, and it stands at 2": {"seq": 9},
    "no: no integer": {"no": True},
    "kind: no short text": {"kind": ""},
}


@pytest.mark.parametrize("reason", WRONG)
def test_a_record_that_does_not_add_up_goes_apart_and_stops_nothing(ledger, reason):
    lines = [sale(1), sale(2, **WRONG[reason]), sale(3)]
    for _ in range(2):
        assert ledger.take(batch(lines), 1).to == 3
    assert booked(ledger) == [1, 3]
    assert ledger.quarantined() == [(TILL, 2, reason)]
    assert ledger.take(batch(sales(1, 4), 4, head(lines)), 1).to == 4


@pytest.mark.parametrize(
    "payload", [b"", b"{}", b"\xff\x00", b'{"seq":2, "kind":"x"}', b"[" * 5000, b'{"a":1.5}', b'"\\ud800"', b'{"a":NaN}']
)
def test_bytes_that_are_no_record_go_apart_whole(ledger, payload):
    lines = [sale(1), payload, sale(3)]
    assert ledger.take(batch(lines), 1).to == 3
    assert booked(ledger) == [1, 3]
    assert ledger.db.execute("SELECT payload FROM quarantine").fetchall() == [(payload,)]


def test_added_tax_and_rounded_cash_are_in_order(ledger):
    line = {"code": "1", "names": {}, "price": 999, "qty": 1000, "total": 999, "rate": "t"}
    tax = {"rate": "t", "bp": 500, "mode": "added", "net": 999, "tax": 50}
    leg = {"tender": "cash", "amount": 1050, "given": 2000, "change": 950}
    ledger.take(batch([sale(1, lines=[line], tax=[tax], total=1049, rounding=1, legs=[leg])]), 1)
    assert ledger.quarantined() == [] and booked(ledger) == [1]


def test_what_was_answered_is_there_after_the_process_is_gone(where):
    first = Ledger(where)
    answered = first.take(batch(sales(4)), 1)  # never closed
    again = Ledger(where)
    assert again.head(TILL) == answered[:2]
    again.close()


def test_sqlite_keeps_what_it_committed_through_a_power_cut(tmp_path):
    ledger = Ledger(tmp_path / "ledger.db")
    assert ledger.db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert ledger.db.execute("PRAGMA synchronous").fetchone() == (2,)  # FULL
    ledger.close()


def test_a_batch_that_fails_half_way_leaves_nothing(ledger):
    """A record that is booked already, though the head does not say so: the third of five."""
    row = (TILL, 3, "sale", 3, b"{}", 1, 1, "GBP", 1)
    ledger.db.execute("INSERT INTO frames VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
    with pytest.raises(DbFault):
        ledger.take(batch(sales(5)), 1)
    ledger.db.execute("DELETE FROM frames")
    assert booked(ledger) == [] and ledger.head(TILL) == (0, GENESIS)
    assert ledger.take(batch(sales(5)), 1).to == 5


def test_a_file_that_is_no_ledger_is_refused_in_words(tmp_path):
    (tmp_path / "notes.txt").write_text("this is no database, and long enough to be sure of it" * 20)
    with pytest.raises(WrongLedger, match=r"notes.txt: file is not a database"):
        Ledger(tmp_path / "notes.txt")
    later = Ledger(tmp_path / "later.db")
    later.db.execute("PRAGMA user_version = 99")
    later.close()
    with pytest.raises(WrongLedger, match="version 99"):
        Ledger(tmp_path / "later.db")
    with pytest.raises(WrongLedger, match="unable to open"):
        Ledger(tmp_path / "no such folder" / "ledger.db")
