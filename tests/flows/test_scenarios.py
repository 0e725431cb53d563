"""Every scenario plays through, in both languages; and the player itself fails where it should."""

import asyncio
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from firmware.flows.menu import FLOWS
from hal.ports.frame import Frame
from sim.headless import Options, run_script
from sim.script.parse import load, parse
from sim.script.play import CRASHED, FAILED, PASSED, TOO_LONG, USAGE
from sim.script.tokens import ScriptError

ROOT = Path(__file__).parents[2]
SCENARIOS = sorted((ROOT / "sim/scenarios").glob("*.sale"))
QUIET = Options(golden=ROOT / "tests/golden", out=ROOT / "out", echo=None)
NEEDED = (
    "first-sale", "change", "barcode", "hold-recall", "reprint", "paper-out", "a-day-offline", "power-cut-before-sale",
    "power-cut-after-sale", "unknown-code",
)  # fmt: skip


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.name)
def test_scenario(path):
    result = run_script(load(path), QUIET)
    assert result.code == PASSED, result.report


def test_every_scenario_stands_in_both_languages():
    names = {path.name for path in SCENARIOS}
    assert {f"{name}.sale" for name in NEEDED} <= names
    missing = [name for name in names if not name.endswith(".zh.sale") and name.replace(".sale", ".zh.sale") not in names]
    assert not missing


def play(text: str) -> "tuple[int, str]":
    result = run_script(parse("scrap", "scrap.sale", text, ROOT), QUIET._replace(out=ROOT / "out/scrap"))
    return result.code, result.report


def test_a_wrong_expectation_fails_with_its_line_and_what_was_there():
    code, report = play("use market\nkeys F1\nexpect cart total=9.99\n")
    assert code == FAILED
    assert "scrap.sale:3: expect cart total=9.99" in report and "total is 3.50, not 9.99" in report


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("expect idle", "the screen is cart, not idle"),
        ("printed TOTAL", "there is no lines with TOTAL"),
        ("journal sale", "there is no sale"),
        ("fleet sale count=1", "0 sale in the fleet, not 1"),
        ("queue 1", "0 sales are queued, not 1"),
        ("never cart for 1s", "the screen cart appeared"),
        ("within 2s expect paid", "the screen is cart, not paid"),
    ],
)
def test_every_check_can_fail(line, why):
    code, report = play(f"use market\nkeys F1\n{line}\n")
    assert code == FAILED and why in report


def test_waiting_for_a_screen_that_never_comes_ends_after_ten_minutes():
    code, report = play("use market\nkeys F1\nnever idle until paid\n")
    assert code == TOO_LONG and "the screen paid did not come" in report


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("keys 1\n", ":1:1: a script starts with"),
        ("use market\nkyes 1\n", ":2:1: there is no word 'kyes'"),
        ("use market\nkeys 1 ENTER\n", ":2:8: there is no key 'ENTER'"),
        ("use market\nexpect caart\n", ":2:8: there is no screen 'caart'"),
        ("use market\nexpect cart totl=1\n", ":2:13: the screen cart has no field 'totl'"),
        ("use market\njournal sail\n", ":2:9: there is no kind 'sail'"),
        ("use market\njournal sale amount=1\n", ":2:14: the kind sale has no field 'amount'"),
        ("use market\nwait 5\n", ":2:6: a time is"),
        ('use market\nscan "12\n', ":2:6: a quote that is never closed"),
        ("use market\nwithin 5s\n", ":2:10: a check is missing"),
        ("use market\nexpect idle now\n", ":2:13: did not expect 'now' here"),
        ("use market\nnet 5g\n", ":2:5: a link is one of wifi, 4g, both, off, captive, hole, not '5g'"),
        ("use market\nnet both loss=much\n", ":2:5: loss is like 1%, not 'much'"),
        ("use market\ntap visa\n", ":2:1: not built yet"),
        ("use market\npower cut at sync 0\n", ":2:19: the next sync is 1"),
        ("use market\npower cut at once\n", ":2:14: `at sync N` is one of sync"),
        ("use market\ndisk eio\n", ":2:9: `at sync N` is missing"),
        ("use market\ndisk rotten\n", ":2:6: the disk is full, no-room, nearly-full, ok or slow, or has eio or damage"),
        ("use market\nexpect z_report\n", ":2:8: not built yet"),
        ("use market\nuse market\n", ":2:1: `use` is the first line"),
        ("use market seed=x\n", ":1:1: seed is a number"),
        ("use markte\n", ":1:5: there is no profile 'markte'"),
        ("use market\ninclude nowhere.sale\n", "nowhere.sale: cannot be read"),
    ],
)
def test_a_script_that_cannot_run_names_file_line_and_column(text, where):
    with pytest.raises(ScriptError) as error:
        parse("scrap", "scrap.sale", text, ROOT)
    assert where in str(error.value).replace("the screen z_report is ", "")


def test_a_script_that_includes_itself_is_refused(tmp_path):
    (tmp_path / "loop.sale").write_text("use market\ninclude loop.sale\n")
    with pytest.raises(ScriptError, match="includes itself"):
        load(tmp_path / "loop.sale")


def test_include_runs_the_other_lines_in_place(tmp_path):
    (tmp_path / "coffee.sale").write_text("keys F1\nexpect cart total=3.50\n")
    (tmp_path / "main.sale").write_text("use market\ninclude coffee.sale\ninclude coffee.sale\n")
    result = run_script(load(tmp_path / "main.sale"), QUIET._replace(out=tmp_path))
    assert result.code == FAILED and "coffee.sale:2" in result.report


def test_a_firmware_that_spins_is_ended_by_the_alarm_and_the_line_is_named(monkeypatch):
    async def spins(board):
        await board.screen.show(Frame("idle", {}))
        while True:  # noqa: ASYNC110  # spinning is the point
            await asyncio.sleep(0)

    monkeypatch.setattr("sim.world.main.run", spins)
    monkeypatch.setattr("sim.headless.REAL_LIMIT_S", 0.5)
    code, report = play("use market\nwait 1s\nexpect idle\n")
    assert code == TOO_LONG and "took more than" in report


def test_a_broken_profile_stops_the_boot_and_a_wrong_row_is_left_out(tmp_path):
    profile = tmp_path / "stall"
    shutil.copytree(ROOT / "config/profiles/market", profile)
    catalogue = json.loads((profile / "catalogue.json").read_text())
    catalogue["items"].append({"code": "5012345678901", "name": {"en": "Wrong", "zh": "错"}, "price": "1.00", "rate": "standard"})
    (profile / "catalogue.json").write_text(json.dumps(catalogue))
    result = run_script(parse("scrap", "scrap.sale", f"use {profile}\nexpect idle\n", ROOT), QUIET)
    assert result.code == PASSED, result.report
    assert "profile/catalogue.json: row 6 left out: code has a wrong check digit" in [e.text for e in result.world.events.kept]
    (profile / "merchant.json").write_text('{"currency": "GBP"')
    result = run_script(parse("scrap", "scrap.sale", f"use {profile}\nexpect fault file=profile/merchant.json\n", ROOT), QUIET)
    assert result.code == PASSED, result.report


def test_a_firmware_that_dies_is_said_so(monkeypatch):
    async def dies(board):
        raise ZeroDivisionError("planted")

    monkeypatch.setattr("sim.world.main.run", dies)
    assert play("use market\nwait 1s\n")[0] == CRASHED


@pytest.mark.parametrize("after", ["", "expect cart\n", "within 5s expect cart\n", "never idle until cart\n", "wait 10s\n"])
@pytest.mark.parametrize("before", ["", "cable panel out\n"])
def test_a_firmware_that_dies_in_the_last_line_crashes_the_script_whatever_comes_next(before, after, monkeypatch):
    async def dies(till, counter):
        raise ZeroDivisionError("planted")

    monkeypatch.setitem(FLOWS, "8.5", dies)
    code, report = play(f"use market\n{before}keys MENU 8 5\n{after}")
    assert code == CRASHED and "the firmware died" in report and "planted" in report


def test_an_empty_battery_switches_the_till_off_in_order_and_a_charged_one_brings_it_back():
    code, report = play(
        "use market\nkeys F1 CASH\nbattery 4%\nkeys OK\nexpect paid battery=4\nkeys F1\nbattery 2%\nwithin 5s expect off\n"
        "power on\nwithin 5s expect off\nbattery 80%\npower on\nwithin 5s expect recovered no=0001\n"
    )
    assert code == PASSED, report


def test_a_keypad_that_chatters_is_heard_once_a_press_and_a_worn_one_more_often():
    code, report = play("use market\nbounce 3ms\nkeys F1\nexpect cart total=3.50\nbounce 15ms\nkeys F1\nexpect cart total=7.00\n")
    assert code == FAILED and "scrap.sale:7" in report, report


def headless(*args: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "sim", "--headless", *args]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, env={**os.environ, "CI": "true"})


def test_the_command_line_prints_counts_and_the_largest_code(tmp_path):
    (tmp_path / "bad.sale").write_text("use market\nexpect cart\n")
    done = headless(str(ROOT / "sim/scenarios/change.sale"), str(tmp_path / "bad.sale"), "--quiet")
    assert done.returncode == FAILED, done.stderr
    assert done.stdout.splitlines()[-1] == "1 passed, 1 failed"
    (tmp_path / "typo.sale").write_text("use market\nexpct cart\n")
    done = headless(str(tmp_path / "typo.sale"))
    assert done.returncode == USAGE and "typo.sale:2:1: there is no word 'expct'" in done.stderr


def test_the_same_seed_gives_the_same_trace():
    script = load(ROOT / "sim/scenarios/first-sale.sale")
    traces = [[tuple(event) for event in run_script(script, QUIET).world.events.kept] for _ in range(2)]
    assert traces[0] == traces[1] and len(traces[0]) > 20
