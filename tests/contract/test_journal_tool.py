"""`python -m hal journal`, as somebody with a laptop and a till's card uses it."""

import asyncio
import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from firmware.journal.codec import SECTOR, read_head
from firmware.journal.journal import Journal
from firmware.journal.rollup import Rollup
from firmware.sale import proof
from firmware.sync import archive, document, tills
from fleet import sign
from hal import keystore
from hal.store import FileStore, OsDisk
from hal.worker import Inline
from tests.core.memory_store import QuietLog
from tests.sync.stack import sale

ROOT = Path(__file__).parents[2]
SEGMENT = 1 << 14
SALES = 60
TILL = "BARROW-0001"


def hal(*arguments):
    arguments = [str(each) for each in arguments]
    return subprocess.run(
        [sys.executable, "-m", "hal", "journal", *arguments], capture_output=True, text=True, cwd=ROOT, timeout=60
    )


@pytest.fixture(scope="module")
def card(tmp_path_factory):
    """A folder with a journal and keys, and the proof of each sale's receipt."""
    folder = tmp_path_factory.mktemp("card")
    keys, log = keystore.kept(folder), QuietLog()
    proofs = []

    async def sell():
        journal = Journal(FileStore(OsDisk(folder), Inline(), log), "main", Rollup(), log, SEGMENT, keystore=keys)
        await journal.recover()
        for no in range(1, SALES + 1):
            body = sale(no, 1795271526 + 60 * no)
            if no == 9:
                body["lines"][0]["names"]["en"] = "\x1b[2J\x07\u202e"
                body["cashier"] = "=HYPERLINK(1)"
            await journal.append("sale", no, body)
            proofs.append(proof.text(keys, TILL, body | {"no": no}, journal.head))
            await journal.append("print", no, {"copy": 0, "done": True})

    asyncio.run(sell())
    return folder, keys, proofs


@pytest.fixture
def copied(card, tmp_path):
    """The same, to be damaged."""
    for path in card[0].iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
        (tmp_path / path.name).chmod(0o600)
    return tmp_path


def first_segment(folder):
    return min(folder.glob("main-*.seg"))


def last_segment(folder):
    """The live one: the newest may be blank, made ahead."""
    return max(path for path in folder.glob("main-*.seg") if frames_of(path))


def frames_of(path):
    data = path.read_bytes()
    return [at for at in range(0, len(data), SECTOR) if read_head(data, at)]


def test_a_sound_journal_is_called_so(card):
    folder, _, _ = card
    before = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
    done = hal("verify", folder, "--keys", folder)
    assert (done.returncode, done.stderr) == (0, "")
    assert "120 frames, the last is seq 120" in done.stdout and "60 print, 60 sale" in done.stdout
    assert done.stdout.endswith("sound\n") and "sealed with this till's key: " in done.stdout
    assert before == {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}, "it touched the card"


def test_the_figures_of_a_day_a_month_and_a_year_are_what_the_records_add_up_to(card):
    folder, _, _ = card
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    records = [json.loads(line) for line in hal("export", folder, "--kind", "sale").stdout.splitlines()]
    total = sum(record["total"] for record in records)
    for period in ("2026-11-21", "2026", ""):
        told = json.loads(hal("figures", folder, *[period] * bool(period), "--json").stdout)
        assert (told["period"], told["sales"], told["total"], told["longer"]) == (period, SALES, total, "")
        assert sum(told["tenders"].values()) == total + told["rounding"]
        assert sum(row[1] for row in told["items"].values()) == sum(line["total"] for r in records for line in r["lines"])
    assert json.loads(hal("figures", folder, "2026-11-20", "--json").stdout)["sales"] == 0
    page = hal("figures", folder, "2026-11").stdout
    assert page.startswith(f"2026-11: {SALES} sales GBP\n") and f"{total // 100}.{total % 100:02}\n" in page
    assert "=HYPERLINK(1)" in page and "cashiers (sales, total)" in page
    assert before == {path.name: path.read_bytes() for path in folder.iterdir()}, "it touched the card"


def test_figures_are_never_those_of_a_journal_that_is_damaged(copied):
    assert hal("figures", copied, "yesterday").returncode == 2
    path = last_segment(copied)
    data = bytearray(path.read_bytes())
    at = next(at for at in frames_of(path)[1:] if read_head(data, at).kind == 2)
    data[at + 60] ^= 4
    path.write_bytes(data)
    done = hal("figures", copied, "2026")
    assert (done.returncode, done.stdout) == (1, "") and path.name in done.stderr


def test_a_torn_tail_is_in_no_figure_and_stays_where_it_is(copied):
    path = last_segment(copied)
    data = bytearray(path.read_bytes())
    at = frames_of(path)[-1]
    assert read_head(data, at).kind == 3, "a print"
    data[at + 60] ^= 4
    path.write_bytes(data)
    done = hal("figures", copied, "2026", "--json")
    assert json.loads(done.stdout)["sales"] == SALES and path.read_bytes() == data


def test_a_break_is_named_by_segment_offset_and_seq(copied):
    path = first_segment(copied)
    at = frames_of(path)[5]
    data = bytearray(path.read_bytes())
    data[at + 60] ^= 4
    path.write_bytes(data)
    done = hal("verify", copied)
    assert done.returncode == 1 and done.stdout.endswith("BROKEN in 1 places\n")
    assert f"BROKEN {path.name}: offset {at}: seq 5: not sound" in done.stderr
    assert hal("list", copied).returncode == 1


def test_a_segment_that_is_missing_or_of_another_till_is_found(copied, card):
    segments = sorted(copied.glob("main-*.seg"))
    assert len(segments) > 3
    whole = segments[1].read_bytes()
    segments[1].unlink()
    assert hal("verify", copied).returncode == 1
    segments[1].write_bytes(whole)
    assert hal("verify", copied).returncode == 0
    strange = copied / "other"
    strange.mkdir()
    keystore.kept(strange)
    done = hal("verify", copied, "--keys", strange)
    assert done.returncode == 1 and "not sealed with this till's key" in done.stderr


def test_last_week_s_card_is_told_from_today_s_by_the_fleet_s_head(copied):
    head = hal("verify", copied).stdout.split("head: ")[1][:64]
    done = hal("verify", copied, "--known", f"120:{head[:16]}")
    assert done.returncode == 0 and "seq 120 is the one that was acknowledged" in done.stdout
    assert hal("verify", copied, "--known", f"119:{head}").returncode == 1
    done = hal("verify", copied, "--known", f"121:{head}")
    assert done.returncode == 1 and "it ends here, and seq 121 was acknowledged" in done.stderr
    assert hal("verify", copied, "--known", "121").returncode == 2


def test_what_a_power_cut_left_is_no_break(copied):
    path = max(path for path in copied.glob("main-*.seg") if any(path.read_bytes()[:4]))
    end = frames_of(path)[-1] + SECTOR
    with path.open("r+b") as file:
        file.seek(end)
        file.write(b"\xffBRW" + b"x" * 60)
    done = hal("verify", copied)
    assert done.returncode == 0 and "a write that was cut short" in done.stdout


def test_a_list_is_for_people_and_takes_what_one_asks(card):
    lines = hal("list", card[0], "--kind", "sale").stdout.splitlines()
    assert len(lines) == 1 + SALES and lines[0].split()[:4] == ["seq", "kind", "receipt", "at"]
    assert lines[1].split() == ["1", "sale", "0001", "2026-11-21T14:33:06+00:00", "7.00", "GBP", "cash"]
    assert len(hal("list", card[0], "--no", 7).stdout.splitlines()) == 3
    assert len(hal("list", card[0], "--amount", "10.50").stdout.splitlines()) == 1 + 20
    told = hal("list", card[0], "--since", "2026-11-21T14:40", "--until", "2026-11-21T14:45:00+00:00", "--tender", "cash")
    assert len(told.stdout.splitlines()) == 1 + 5
    assert hal("list", card[0], "--since", "yesterday").returncode == 2


def test_nothing_that_is_in_a_record_steers_a_terminal(card):
    for arguments in (("list",), ("export",), ("export", "--format", "csv")):
        done = hal(arguments[0], card[0], *arguments[1:])
        assert done.returncode == 0 and all(c.isprintable() or c in "\r\n" for c in done.stdout), arguments


def test_csv_is_read_back_and_runs_nothing(card):
    rows = list(csv.DictReader(io.StringIO(hal("export", card[0], "--format", "csv").stdout)))
    assert len(rows) == 2 * SALES and rows[0]["total"] == "7.00" and rows[0]["currency"] == "GBP"
    assert [row["cashier"] for row in rows if row["no"] == "9" and row["kind"] == "sale"] == ["'=HYPERLINK(1)"]


def test_json_lines_are_the_records(card):
    records = [json.loads(line) for line in hal("export", card[0]).stdout.splitlines()]
    assert [record["seq"] for record in records] == list(range(1, 2 * SALES + 1))
    assert records[16]["lines"][0]["names"]["en"] == "\x1b[2J\x07\u202e"


def test_a_receipt_is_genuine_or_not(card):
    folder, keys, proofs = card
    public = hal("key", folder).stdout.strip()
    assert public == keys.public().hex()
    done = hal("check-receipt", proofs[41], "--key", public, "--journal", folder)
    assert done.returncode == 0 and "genuine: BARROW-0001, receipt 0042, 3.50 GBP" in done.stdout
    assert done.stdout.endswith("the journal has this very sale\n")
    parts = proofs[41].split("/")
    swapped = "/".join([*parts[:3], "1", *parts[4:]])
    for forged in (swapped, "/".join([*parts[:7], proofs[40].split("/")[7]]), proofs[41][:-4] + "AAAA", "BW1/x", "\x1b[2J"):
        done = hal("check-receipt", forged, "--key", public)
        assert done.returncode == 1 and done.stderr.startswith("NOT GENUINE") and "\x1b" not in done.stderr
    assert hal("check-receipt", proofs[41], "--key", keystore.seeded(1, TILL).public().hex()).returncode == 1
    assert hal("check-receipt", proofs[41], "--key", "abc").returncode == 2


def test_a_receipt_is_judged_by_the_fleet_s_list_on_a_laptop(card, tmp_path):
    _, keys, proofs = card
    fleet, old, file = sign.seeded(1), keystore.seeded(9, TILL), tmp_path / "tills"
    listed = tills.body([(TILL, [tills.Key(keys.public(), 0), tills.Key(old.public(), 1000)])])
    file.write_bytes(archive.packed(document.label("tills", 3, "*", 0, 0, "d", listed, fleet.sign), listed))
    by = ("--tills", file, "--fleet", fleet.public.hex())
    done = hal("check-receipt", proofs[41], *by, "--journal", card[0])
    assert done.returncode == 0 and done.stdout.endswith("the journal has this very sale\n")
    late = proof.text(old, TILL, sale(42, 1) | {"no": 42, "at": 1001}, bytes(32))
    for text, key, words in (
        (proofs[41].replace("/350/", "/950/"), by[3], "NOT GENUINE: BARROW-0001 never signed that"),
        (late, by[3], "ceased to speak for BARROW-0001 at 1000"),
        (proofs[41], sign.seeded(2).public.hex(), "tills 3: is not signed by this fleet"),
    ):
        done = hal("check-receipt", text, *by[:3], key)
        assert done.returncode == 1 and words in done.stderr and not done.stdout, done.stderr
    assert hal("check-receipt", proofs[41], *by[:2]).returncode == 2


def test_a_receipt_of_another_past_is_not_in_the_journal(card):
    """Signed with the right key, by a till whose journal was rolled back and sold this number once more."""
    folder, keys, _ = card
    other = proof.text(keys, TILL, sale(42, 1) | {"no": 42}, bytes(32))
    public = keys.public().hex()
    assert hal("check-receipt", other, "--key", public).returncode == 0
    done = hal("check-receipt", other, "--key", public, "--journal", folder)
    assert done.returncode == 1 and "another sale has this number" in done.stderr
    later = proof.text(keys, TILL, sale(99, 1) | {"no": 99}, bytes(32))
    assert "no sale has this number" in hal("check-receipt", later, "--key", public, "--journal", folder).stderr


def test_what_is_not_there_is_said_with_its_own_code(tmp_path):
    assert hal("verify", tmp_path / "none").returncode == 5
    done = hal("verify", tmp_path)
    assert done.returncode == 5 and "no journal" in done.stderr and "Traceback" not in done.stderr
    assert hal("key", tmp_path).returncode == 5 and hal("burn", tmp_path).returncode == 2
    (tmp_path / "main-00000001.seg").write_bytes(os.urandom(5000))
    done = hal("verify", tmp_path)
    assert "Traceback" not in done.stderr and "\x1b" not in done.stdout + done.stderr
