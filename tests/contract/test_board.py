"""config/board.json: one truth for a Pi and the bench, and a wrong one says file, key and reason."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from hal import keymap
from hal.board_file import lines, load, parse
from hal.check import answers
from hal.ports.board import Light
from hal.ports.faults import ConfigFault
from hal.ports.keys import KEYS
from hal.version import VERSION
from sim.chips.oled_ssd1309 import Ssd1309

ROOT = Path(__file__).parents[2]
GOOD = json.loads((ROOT / "config/board.json").read_text(encoding="utf-8"))


def changed(key, value):
    """The good file with one value changed, or taken away."""
    board = json.loads(json.dumps(GOOD))
    *path, last = key.split(".")
    part = board
    for name in path:
        part = part[name]
    if value is None:
        del part[last]
    else:
        part[last] = value
    return json.dumps(board)


def test_the_board_that_we_ship_is_sound():
    board = load(ROOT / "config")
    assert sorted(keymap.load(ROOT / "config", board.keymap).keys.values()) == sorted(KEYS), "each of the 28 keys once"
    assert set(board.pins.lamps) == set(Light.LAMPS)
    assert board.panel.wire.address == 0x3C and not board.panel.upside_down


@pytest.mark.parametrize(
    ("key", "value", "reason"),
    [
        ("terminal", "stall 3", "must be a text like"),
        ("terminal", None, "is missing"),
        ("panel", None, "is missing"),
        ("panel.address", 60, "must be a text like"),
        ("panel.width_px", 256, "must be one of 128"),
        ("panel.chip", "ssd1307", "must be one of ssd1306, ssd1309, sh1106, ssd1322"),
        ("panel.bus", "can", "must be one of i2c, spi"),
        ("panel.reset_bcm", 17, "one pin has two uses"),
        ("panel.rotate_deg", 90, "must be one of 0, 180"),
        ("i2c.bus", True, "must be a whole number"),
        ("i2c.clock_hz", 5, "must be a whole number from 10000 to 1000000"),
        ("keypad.map", "../keys", "must be a text like"),
        ("scanner.layout", "fr", "must be one of us, uk, de"),
        ("scanner.end", None, "is missing"),
        ("scanner.prefix", "\x02", "must be a text like"),
        ("printer.baud", 115201, "must be one of 9600"),
        ("printer.port", "/dev/\x07", "must be a text like"),
        ("printer.flow", "none", "must be one of rtscts, xonxoff, paced"),
        ("printer.profile", "TM-1984", "must be one of default"),
        ("printer.width_mm", 57, "must be one of 58, 80"),
        ("printer.letters", "big5", "must be one of gbk, latin"),
        ("printer.cutter", None, "is missing"),
        ("printer.head_mm_s", 10, "must be a whole number from 20 to 400"),
        ("gpio.drawer_bcm", 28, "must be a whole number from 2 to 27"),
        ("gpio.buzzer_bcm", 17, "one pin has two uses"),
        ("gpio.lamps_bcm.disco", 9, "must be one of ready, link, paper, alarm"),
    ],
)
def test_a_wrong_value_is_named_by_file_key_and_reason(key, value, reason):
    with pytest.raises(ConfigFault) as caught:
        parse(changed(key, value))
    fault = caught.value
    assert fault.file == "board.json" and reason in fault.reason
    assert key.startswith(fault.key) or fault.key.startswith(key), fault.key


def test_a_panel_on_spi_needs_its_wire_and_its_line():
    board = json.loads(json.dumps(GOOD))
    wire = {"chip": "ssd1322", "bus": "spi", "width_px": 256, "dc_bcm": 5, "reset_bcm": 6, "rotate_deg": 180}
    board["keypad"] = {"device": "usb number pad", "map": "usb-number-pad"}
    board["panel"] = {**board["panel"], **wire}
    with pytest.raises(ConfigFault, match=r"spi\.bus: is missing"):
        parse(json.dumps(board))
    board["spi"] = {"bus": 0, "device": 0, "clock_hz": 8_000_000}
    panel = parse(json.dumps(board)).panel
    assert (panel.chip, panel.wire.dc, panel.reset, panel.upside_down) == ("ssd1322", 5, 6, True)
    for key, wrong in (("dc_bcm", 6), ("dc_bcm", 27), ("bus", "i2c")):
        with pytest.raises(ConfigFault, match="panel"):
            parse(json.dumps({**board, "panel": {**board["panel"], key: wrong}}))


@pytest.mark.parametrize("key", ["gpio.drawer_bcm", "gpio.lamps_bcm.alarm", "gpio.power_key_bcm", "modem.power_bcm"])
def test_a_line_of_the_keypad_s_overlay_is_no_other_s(key):
    with pytest.raises(ConfigFault) as caught:
        parse(changed(key, 26))
    assert str(caught.value) == f"board.json: {key}: one pin has two uses: BCM 26 is that of the keypad's overlay"
    board = json.loads(changed(key, 26))
    board["keypad"]["device"] = "/dev/input/by-id/usb-keyboard"  # a plain keyboard, without the overlay
    assert (key, 26) in lines(parse(json.dumps(board)))


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "7", '"x"', "\ufeff{}", "{}" * 2, "[" * 100_000])
def test_a_file_that_is_no_board_is_refused(text):
    with pytest.raises(ConfigFault) as caught:
        parse(text)
    assert caught.value.file == "board.json"


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(ConfigFault, match=r"board\.json: cannot be read"):
        load(tmp_path)
    (tmp_path / "board.json").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigFault, match="cannot be read"):
        load(tmp_path)


def test_a_chip_answers_or_does_not():
    chip = Ssd1309()
    assert answers(chip, 0x3C, "/dev/i2c-1") == "answers at 0x3C on /dev/i2c-1" and not chip.errors
    with pytest.raises(OSError, match="nothing answers at 0x3D"):
        answers(chip, 0x3D, "/dev/i2c-1")


@pytest.mark.skipif(sys.platform != "linux", reason="i2c and input nodes are Linux's")
def test_check_says_of_each_part_what_is_there_and_what_is_not(tmp_path):
    (tmp_path / "board.json").write_text(changed("store.folder", str(tmp_path)))
    done = hal("check", "--config", str(tmp_path), "--profile", str(ROOT / "config/profiles/market"))
    lines = {line.split()[1]: line for line in done.stdout.splitlines()}
    assert {"panel", "keypad", "scanner", "printer", "modem", "gpio", "store", "profile", "clock", "battery"} <= set(lines)
    assert lines["store"].startswith("ok ") and lines["profile"].startswith("ok ")
    assert done.returncode in (0, 1) and "Traceback" not in done.stderr
    assert (done.returncode == 1) == ("missing" in done.stdout.splitlines()[-1])


@pytest.mark.skipif(sys.platform != "linux", reason="i2c and input nodes are Linux's")
def test_run_without_a_board_says_why_and_ends(tmp_path):
    done = hal("run", "--config", str(tmp_path))
    assert done.returncode == 5 and done.stderr.startswith("board.json: cannot be read")


def hal(*arguments):
    return subprocess.run([sys.executable, "-m", "hal", *arguments], capture_output=True, text=True, cwd=ROOT, timeout=60)


def test_the_version_is_the_project_s():
    assert f'version = "{VERSION}"' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")
