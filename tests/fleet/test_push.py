"""What the fleet sends out: who may sign, what is refused before it is signed, who is offered what, and who took it."""

import argparse
import json
import subprocess
import sys

import pytest

from firmware.journal.codec import GENESIS, canonical
from firmware.sync.wire import document
from fleet import documents_command, push, sign
from fleet.answers import Refusal
from fleet.documents import Documents, Wrong
from fleet.ledger import Ledger
from fleet.trust import signed_by
from tests.fleet.till import TILL, batch, sale

OTHER = "BARROW-0002"
BODY = b'{"items":[]}'
KEY = sign.seeded(1)


@pytest.fixture
def ledger(where):
    book = Ledger(where)
    yield book
    book.close()


@pytest.fixture
def out(ledger):
    return Documents(ledger, lambda: 1000)


def used(doc, version, seq, **more):
    return canonical(
        {"kind": "document", "seq": seq, "no": 0, "doc": doc, "version": version, "sha256": "", "id": "d", "at": 9} | more
    )


def book(ledger, lines):
    ledger.take(batch(lines, 1, GENESIS), 1)


def body_of(out, terminal, kind, after=0):
    """All of it, piece by piece, and its label."""
    piece = document.read_chunk(out.doc(terminal, {"kind": kind, "after": after}))
    label, whole = piece.label, piece.data
    while len(whole) < label.length:
        piece = document.read_chunk(out.doc(terminal, {"kind": kind, "version": label.version, "at": len(whole)}))
        whole += piece.data
    return label, whole


def test_a_document_goes_out_signed_and_whole(out):
    body = b'{"items":[' + b" " * 30_000 + b"]}"
    out.push("catalogue", body, "*", KEY)
    label, whole = body_of(out, TILL, "catalogue")
    assert whole == body and label.terminal == "*" and label.version == 1
    assert signed_by(KEY.public, label.said, label.signature)


def test_versions_rise_by_kind(out):
    versions = [out.push(kind, BODY, "*", KEY).version for kind in ("catalogue", "texts", "catalogue")]
    assert versions == [1, 1, 2]


def test_a_restored_database_gives_no_version_twice(ledger, out):
    book(ledger, [used("catalogue", 41, 1)])
    assert out.push("catalogue", BODY, "*", KEY).version == 42


def test_each_till_is_offered_what_is_for_it(out):
    out.push("catalogue", BODY, "*", KEY)
    out.push("catalogue", BODY, OTHER, KEY)
    assert out.hint(TILL) == {"catalogue": 1} and out.hint(OTHER) == {"catalogue": 2}
    assert out.doc(TILL, {"kind": "catalogue", "after": 1}) == {"none": True}
    assert out.doc(TILL, {"kind": "catalogue", "version": 2, "at": 0}) == {"none": True}


def test_what_a_till_uses_is_not_offered_again(ledger, out):
    out.push("catalogue", BODY, "*", KEY)
    out.push("texts", BODY, "*", KEY)
    book(ledger, [sale(1), used("catalogue", 1, 2)])
    assert out.hint(TILL) == {"texts": 1} and out.hint(OTHER) == {"catalogue": 1, "texts": 1}


def test_commands_are_given_one_after_another(out):
    for lines in (1, 2, 3):
        out.push("command", json.dumps({"do": "logs", "lines": lines}).encode(), TILL, KEY)
    assert [body_of(out, TILL, "command", after)[0].version for after in (0, 1, 2)] == [1, 2, 3]
    assert out.doc(TILL, {"kind": "command", "after": 3}) == {"none": True}


def test_what_is_over_is_not_offered(out):
    out.push("catalogue", BODY, "*", KEY, until=999)
    assert out.hint(TILL) == {} and out.doc(TILL, {"kind": "catalogue", "after": 0}) == {"none": True}


def test_what_was_declined_for_good_is_not_offered_to_that_till_again(out):
    out.push("catalogue", BODY, "*", KEY)
    out.declined(TILL, {"kind": "catalogue", "version": 1, "check": "content", "why": "row 3: price"})
    assert out.hint(TILL) == {} and out.hint(OTHER) == {"catalogue": 1}
    assert out.refusals() == [(TILL, "catalogue", 1, "content: row 3: price")]


def test_what_was_tampered_with_on_its_way_is_offered_again(out):
    out.push("catalogue", BODY, "*", KEY)
    out.declined(TILL, {"kind": "catalogue", "version": 1, "check": "hash", "why": "x"})
    assert out.hint(TILL) == {"catalogue": 1}


def test_newer_pieces_stop_older_ones(out):
    out.push("catalogue", BODY, "*", KEY)
    out.push("catalogue", BODY, "*", KEY)
    assert out.doc(TILL, {"kind": "catalogue", "version": 1, "at": 5}) == {"none": True}


@pytest.mark.parametrize(
    "body",
    [
        {}, {"kind": "catalogue"}, {"kind": 7, "after": 0}, {"kind": "catalogue", "after": -1},
        {"kind": "catalogue", "after": "0"}, {"kind": "catalogue", "after": True},
        {"kind": "catalogue", "version": 1, "at": 1 << 60}, {"kind": ["x"], "after": 0},
    ],
)  # fmt: skip
def test_a_question_that_is_none(out, body):
    with pytest.raises(Refusal):
        out.doc(TILL, body)


def test_a_question_beyond_the_end_gets_nothing_that_a_till_takes(out):
    out.push("catalogue", BODY, "*", KEY)
    assert document.read_chunk(out.doc(TILL, {"kind": "catalogue", "version": 1, "at": 99})).data == b""


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("weather", b"{}"), ("catalogue", b""), ("catalogue", b"[]"), ("catalogue", b"{"), ("catalogue", b"\xff"),
        ("limits", b"{" + b" " * 70_000 + b"}"), ("command", b"{}"), ("command", b'{"do":"lock"}'), ("catalogue", b"[" * 90_000),
        ("command", b'{"do":"lock","words":{"en":"' + b"x" * 61 + b'"}}'),
    ],
)  # fmt: skip
def test_what_no_till_would_take_is_not_signed(out, kind, body):
    with pytest.raises(Wrong):
        out.push(kind, body, TILL, KEY)
    assert out.out() == []


def test_who_has_news(ledger, out):
    ledger.db.execute("INSERT INTO tills VALUES (?, ?, 0, 0)", (TILL, b"k"))
    ledger.db.execute("INSERT INTO tills VALUES (?, ?, 0, 0)", (OTHER, b"k"))
    out.push("texts", BODY, "*", KEY)
    assert out.news() == []
    out.push("catalogue", BODY, OTHER, KEY)
    assert out.news() == [OTHER] and out.news() == []
    out.push("catalogue", BODY, "*", KEY)
    assert out.news() == [TILL, OTHER]


def test_a_log_is_kept_line_by_line_however_often_it_comes(out):
    for _ in range(2):
        out.log(TILL, {"version": 3, "at": 0, "lines": ["a", "b"]})
        out.log(TILL, {"version": 3, "at": 2, "lines": ["c"]})
    assert out.lines(TILL) == [(3, "a"), (3, "b"), (3, "c")]
    for wrong in ({"version": 3, "at": 299, "lines": ["x", "y"]}, {"version": 3, "at": 0, "lines": ["x" * 201]}, {"lines": []}):
        with pytest.raises(Refusal):
            out.log(TILL, wrong)


# ---- the ledger's holes


def test_lost_rows_come_back_behind_a_chain_that_the_ledger_knows(ledger):
    lines = [sale(seq) for seq in range(1, 9)]
    for first in (1, 3, 5, 7):
        ledger.take(batch(lines[first - 1 : first + 1], first), 1)
    ledger.db.execute("DELETE FROM frames WHERE seq IN (3, 4, 6)")
    answer = ledger.take(batch(lines[2:6], 3), 2)
    assert (answer.to, answer.err) == (8, "")
    assert [record["seq"] for _, record in ledger.records()] == [1, 2, 3, 4, 5, 6, 7, 8]


def test_another_past_is_not_let_in_by_a_hole(ledger):
    lines = [sale(seq) for seq in range(1, 9)]
    for first in (1, 3, 5, 7):
        ledger.take(batch(lines[first - 1 : first + 1], first), 1)
    ledger.db.execute("DELETE FROM frames WHERE seq IN (3, 4)")
    forged = [sale(3, receipt="never"), sale(4)]
    for lie in (batch(forged, 3, bytes(32)), batch([*forged, *lines[4:8]], 3), batch(lines[3:4], 4)):
        assert ledger.take(lie, 2).err == "fork", lie.first
    assert [record["seq"] for _, record in ledger.records()] == [1, 2, 5, 6, 7, 8]


# ---- on the command line


def told(*words):
    parser = argparse.ArgumentParser()
    commands = parser.add_subparsers()
    push.add(commands)
    documents_command.add(commands)
    found = parser.parse_args(words)
    return found.run(found)


def test_push_and_documents(tmp_path, capsys):
    db = tmp_path / "ledger.db"
    book = Ledger(db)
    prices = tmp_path / "prices.json"
    prices.write_text('{"items": [ ]}')
    assert told("push", "catalogue", str(prices), "--all", "--db", str(db)) == 0
    assert told("push", "command", "lock", TILL, "en=Closed", "zh=关门", "--expires", "2h", "--db", str(db)) == 0
    assert told("push", "command", "message", "all", "Hello", "--db", str(db)) == 0
    assert "catalogue 1 is out for every till: 12 bytes" in capsys.readouterr().out
    book.take(
        batch([used("catalogue", 1, 1), used("command", 1, 2, done=True, order={"do": "lock", "words": {}})], 1, GENESIS), 1
    )
    Documents(book, lambda: 9).declined(OTHER, {"kind": "catalogue", "version": 1, "check": "content", "why": "row 2"})
    book.close()
    assert told("documents", "--db", str(db)) == 0
    table = capsys.readouterr().out
    assert "out       catalogue 1" in table and "taken     catalogue 1" in table and "lock" in table and "content: row 2" in table
    assert told("documents", "--json", "--db", str(db)) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["what"] for row in rows].count("out") == 3


def test_one_ledger_has_one_document_key_on_however_many_machines(ledger, tmp_path):
    here, there = tmp_path / "here" / sign.NAME, tmp_path / "there" / sign.NAME
    key = sign.of(ledger.db, here)
    with pytest.raises(sign.WrongKey, match="is missing, and this ledger has its document key already: copy"):
        sign.of(ledger.db, there)
    assert not there.exists()  # nothing is made that no till would believe
    assert sign.kept(there).public != key.public
    with pytest.raises(sign.WrongKey, match="not this ledger's document key"):
        sign.of(ledger.db, there)
    there.write_bytes(here.read_bytes())
    assert sign.of(ledger.db, there).public == key.public == sign.of(ledger.db, here).public


def test_the_key_is_made_once_and_for_nobody_else(tmp_path):
    first = sign.kept(tmp_path / sign.NAME)
    assert (tmp_path / sign.NAME).stat().st_mode & 0o777 == 0o600
    assert sign.kept(tmp_path / sign.NAME).public == first.public
    (tmp_path / sign.NAME).chmod(0o640)
    with pytest.raises(sign.WrongKey):
        sign.kept(tmp_path / sign.NAME)
    (tmp_path / "bad.key").write_text("zz")
    (tmp_path / "bad.key").chmod(0o600)
    with pytest.raises(sign.WrongKey):
        sign.read(tmp_path / "bad.key")


@pytest.mark.parametrize(
    "words",
    [
        ("command", "lock", TILL), ("command", "logs", TILL, "many"), ("command", "resend", TILL),
        ("command", "unlock", TILL, "x"), ("command", "message", TILL, "x" * 61), ("catalogue", "/dev/null", "--all"),
    ],
)  # fmt: skip
def test_a_wrong_push_says_why_and_sends_nothing(tmp_path, capsys, words):
    db = tmp_path / "ledger.db"
    Ledger(db).close()
    assert told("push", *words, "--db", str(db)) == 2
    assert capsys.readouterr().err.strip()


@pytest.mark.parametrize(
    "words", [("command", "lock", "no till"), ("catalogue", "x"), ("command", "logs", TILL, "5", "--expires", "soon")]
)
def test_a_wrong_command_line_is_usage(tmp_path, words):
    with pytest.raises(SystemExit) as left:
        told("push", *words)
    assert left.value.code == 2


def test_without_a_ledger_there_is_nothing_to_push_into(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "fleet", "push", "command", "unlock", TILL, "--db", str(tmp_path / "none.db")],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 1 and "no ledger" in done.stderr
