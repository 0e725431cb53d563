"""python -m fleet alarms and trust: read by somebody who must decide what to do."""

import json
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from fleet import schema
from fleet.ledger import Ledger
from fleet.trust import Trust
from hal.keystore import seeded
from tests.fleet.till import TILL, batch, sale, sales

ROOT = Path(__file__).parents[2]


def fleet(*arguments):
    return subprocess.run([sys.executable, "-m", "fleet", *arguments], capture_output=True, text=True, cwd=ROOT, timeout=60)


@pytest.fixture
def db(tmp_path):
    path = tmp_path / "ledger.db"
    ledger = Ledger(path)
    ledger.take(batch(sales(3)), 1795271526)
    ledger.take(batch([sale(3, receipt="ask")], 3), 1795271600)
    ledger.take(batch([sale(3, receipt="ask")], 3), 1795271700)
    ledger.close()
    return path


def test_an_alarm_says_which_till_what_where_and_when(db):
    done = fleet("alarms", "--db", str(db))
    assert done.returncode == 0 and done.stderr == ""
    [top, row] = done.stdout.splitlines()
    assert row.split()[:6] == [TILL, "fork", "3", "2026-11-21", "14:35:00", "2"] and "two pasts" in row
    assert top.split()[:3] == ["terminal", "alarm", "record"]


def test_for_machines(db):
    [row] = [json.loads(line) for line in fleet("alarms", "--json", "--db", str(db)).stdout.splitlines()]
    assert (row["terminal"], row["alarm"], row["record"], row["times"]) == (TILL, "fork", 3, 2)
    assert (row["first"], row["last"]) == ("2026-11-21T14:33:20+00:00", "2026-11-21T14:35:00+00:00")


def test_a_quiet_fleet_says_so(tmp_path):
    Ledger(tmp_path / "ledger.db").close()
    assert fleet("alarms", "--db", str(tmp_path / "ledger.db")).stdout == "no alarms\n"
    missing = fleet("alarms", "--db", str(tmp_path / "none.db"))
    assert missing.returncode == 1 and "no ledger" in missing.stderr


def test_no_control_code_reaches_the_terminal(db):
    ledger = Ledger(db)
    ledger.alarm("T\x1b]0;x\x07", "\x1bkind", 1, "\x1b[2J words", 1795271800)
    ledger.close()
    done = fleet("alarms", "--db", str(db))
    assert "\x1b" not in done.stdout and "\x07" not in done.stdout and done.returncode == 0


def test_trust_lets_a_replaced_till_in(db):
    ledger = Ledger(db)
    ledger.db.execute("INSERT INTO tills VALUES (?, ?, 1, 1)", (TILL, seeded(1, TILL).public()))
    assert fleet("trust", TILL, "--db", str(db)).returncode == 0
    assert Trust(ledger).key(TILL) == b""
    ledger.close()
    again = fleet("trust", TILL, "--db", str(db))
    assert again.returncode == 1 and "no key is known" in again.stdout


def test_a_ledger_of_before_there_were_keys_gets_what_it_lacks(tmp_path):
    path = tmp_path / "old.db"
    db = sqlite3.connect(path)
    for statement in schema.BOOKS.strip().split(";\n"):
        db.execute(statement)
    db.execute("INSERT INTO heads VALUES (?, 1, ?)", (TILL, bytes(32)))
    db.execute("PRAGMA user_version = 1")
    db.commit()
    db.close()
    ledger = Ledger(path)
    assert ledger.head(TILL) == (1, bytes(32)) and ledger.alarms() == []
    assert ledger.db.execute("PRAGMA user_version").fetchone() == (len(schema.VERSIONS),)
    ledger.close()
