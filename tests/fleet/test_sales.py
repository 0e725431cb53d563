"""python -m fleet sales, as an operator's book-keeper meets it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from fleet.ledger import Ledger
from fleet.sales import money
from tests.fleet.till import TILL, batch, head, sale

ROOT = Path(__file__).parents[2]


def fleet(*args, **env):
    return subprocess.run(
        [sys.executable, "-m", "fleet", *map(str, args)],
        cwd=ROOT,
        env=os.environ | env,
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.fixture
def db(tmp_path):
    """Three sales of two tills, and a record in quarantine."""
    path = tmp_path / "ledger.db"
    ledger = Ledger(path)
    lines = [sale(1), sale(2, total=1), sale(3, cur="KWD", off=-12600)]
    ledger.take(batch(lines), 1)
    ledger.take(batch([sale(1, no=301, cur="JPY")], terminal="BARROW-0002"), 1)
    assert ledger.head(TILL) == (3, head(lines))
    ledger.close()
    return path


def test_json_is_one_object_a_line(db):
    done = fleet("sales", "--json", "--db", db)
    assert done.returncode == 0 and "1 record is in quarantine" in done.stderr
    assert [json.loads(line) for line in done.stdout.splitlines()] == [
        {"terminal": TILL, "seq": 1, "no": 1, "total": "3.50", "currency": "GBP", "at": "2026-11-21T15:32:07+01:00"},
        {"terminal": TILL, "seq": 3, "no": 3, "total": "0.350", "currency": "KWD", "at": "2026-11-21T11:02:09-03:30"},
        {"terminal": "BARROW-0002", "seq": 1, "no": 301, "total": "350", "currency": "JPY", "at": "2026-11-21T15:32:07+01:00"},
    ]


def test_the_table_is_for_people(db):
    done = fleet("sales", "--db", db)
    assert done.returncode == 0
    assert done.stdout.splitlines()[1].split() == [TILL, "0001", "2026-11-21", "15:32:07", "+01:00", "3.50", "GBP"]
    assert done.stdout.splitlines()[-1] == "3 sales: 3.50 GBP, 350 JPY, 0.350 KWD"


def test_nothing_there_is_said_in_words(tmp_path):
    missing = fleet("sales", "--db", tmp_path / "none.db")
    assert missing.returncode == 1 and "no ledger at" in missing.stderr and not missing.stdout
    Ledger(tmp_path / "ledger.db").close()
    empty = fleet("sales", "--db", tmp_path / "ledger.db")
    assert empty.returncode == 0 and empty.stdout == "no sales yet\n"
    assert fleet("sales", "--json", "--db", tmp_path / "ledger.db").stdout == ""


def test_the_ledger_is_looked_for_where_make_run_puts_it(tmp_path):
    for env, folder in (
        ({"BARROW_STATE": str(tmp_path / "own")}, tmp_path / "own"),
        ({"XDG_STATE_HOME": str(tmp_path / "xdg"), "BARROW_STATE": ""}, tmp_path / "xdg" / "barrow"),
        ({"HOME": str(tmp_path), "XDG_STATE_HOME": "", "BARROW_STATE": ""}, tmp_path / ".local" / "state" / "barrow"),
    ):
        assert str(folder / "market" / "ledger.db") in fleet("sales", **env).stderr
        (folder / "market").mkdir(parents=True)
        Ledger(folder / "market" / "ledger.db").close()
        assert fleet("sales", **env).stdout == "no sales yet\n"


def test_a_wrong_file_is_exit_5_and_no_traceback(tmp_path):
    (tmp_path / "notes\x1b[2J.txt").write_text("not a ledger " * 99)
    done = fleet("sales", "--db", tmp_path / "notes\x1b[2J.txt")
    assert done.returncode == 5 and "not a database" in done.stderr
    assert "Traceback" not in done.stderr and "\x1b" not in done.stderr


def test_usage_is_exit_2():
    assert fleet().returncode == 2
    assert fleet("sell").returncode == 2
    assert fleet("collect", "--broker", "nonsense").returncode == 2


def test_amounts_have_the_decimals_of_their_currency():
    assert [money(*of) for of in ((1580, "GBP"), (5, "GBP"), (-5, "GBP"), (500, "JPY"), (1, "KWD"), (-12345, "KWD"))] == [
        "15.80", "0.05", "-0.05", "500", "0.001", "-12.345"
    ]  # fmt: skip
