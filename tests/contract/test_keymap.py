"""Keypads as maps: every pad that we ship reaches every key, by its own keys or its shift, and a wrong map says what is wrong."""

import asyncio
import json
import re
from pathlib import Path

import pytest

from hal.keymap import Keymap, load, parse
from hal.keypad import PATIENCE_MS, Keypad
from hal.ports.faults import ConfigFault
from hal.ports.keys import KEYS
from sim.headless import Options, run_script
from sim.script.parse import parse as parse_script
from sim.script.play import PASSED
from tests.contract.nodes import keypad_chip
from tests.contract.wires import Notes, clock, run, wait_ms
from tests.flows.everyday import BUILT

CONFIG = Path(__file__).parents[2] / "config"
PADS = sorted(path.stem for path in (CONFIG / "keymaps").glob("*.json"))
FIRST = "pad-4x4"
CASH_KEY, ONE_KEY, SHIFT_KEY = 30, 2, 55  # of that pad


def at_pad(story, name):
    """Run story(chip, edges, clicks) at a pad, in virtual time."""

    async def main():
        loop = asyncio.get_running_loop()
        keymap, edges, clicks = load(CONFIG, name), [], []
        chip = keypad_chip(keymap, loop)
        keypad = Keypad(chip, keymap, clock(), Notes(), lambda: clicks.append(loop.time()))
        keypad.start(lambda key: edges.append((key.name, key.down)))
        await story(chip, edges, clicks)
        keypad.stop()
        chip.close()

    run(main())


async def tap(chip, code):
    chip.edge(code, True)
    await wait_ms(50)
    chip.edge(code, False)
    await wait_ms(50)


@pytest.mark.parametrize("name", PADS)
def test_every_pad_reaches_every_key_on_both_edges(name):
    async def story(chip, edges, clicks):
        for key in KEYS:
            chip.press(key)
            await wait_ms(60)
            chip.release(key)
            await wait_ms(60)
        assert edges == [(key, down) for key in KEYS for down in (True, False)]

    at_pad(story, name)


def test_what_each_pad_reaches_directly_and_what_by_its_shift():
    counts = {}
    for name in PADS:
        keymap = load(CONFIG, name)
        direct = [key for key in KEYS if key in keymap.keys.values()]
        by_shift = [key for key in KEYS if key not in direct and key in keymap.shifted.values()]
        counts[name] = (len(direct), len(by_shift))
    assert counts == {"matrix-28": (28, 0), "pad-4x4": (15, 13), "usb-number-pad": (15, 13)}


def test_a_tap_on_shift_holds_for_one_key_and_is_heard():
    async def story(chip, edges, clicks):
        await tap(chip, SHIFT_KEY)
        await tap(chip, CASH_KEY)
        await tap(chip, CASH_KEY)
        assert edges == [("CARD", True), ("CARD", False), ("CASH", True), ("CASH", False)] and len(clicks) == 1

    at_pad(story, FIRST)


def test_a_held_shift_holds_for_every_key_meanwhile():
    async def story(chip, edges, clicks):
        chip.edge(SHIFT_KEY, True)
        await tap(chip, ONE_KEY)
        await tap(chip, CASH_KEY)
        chip.edge(SHIFT_KEY, False)
        await wait_ms(50)
        await tap(chip, CASH_KEY)
        assert [name for name, down in edges if down] == ["PLU", "CARD", "CASH"]

    at_pad(story, FIRST)


def test_a_second_tap_takes_the_shift_back_and_so_does_time():
    async def story(chip, edges, clicks):
        await tap(chip, SHIFT_KEY)
        await tap(chip, SHIFT_KEY)
        await tap(chip, CASH_KEY)
        await tap(chip, SHIFT_KEY)
        await wait_ms(PATIENCE_MS)
        await tap(chip, CASH_KEY)
        assert [name for name, down in edges if down] == ["CASH", "CASH"]

    at_pad(story, FIRST)


def test_a_key_that_went_down_shifted_comes_up_by_the_same_name():
    async def story(chip, edges, clicks):
        chip.edge(SHIFT_KEY, True)
        await wait_ms(50)
        chip.edge(CASH_KEY, True)
        await wait_ms(50)
        chip.edge(SHIFT_KEY, False)
        await wait_ms(50)
        chip.edge(CASH_KEY, False)
        await wait_ms(50)
        assert edges == [("CARD", True), ("CARD", False)]

    at_pad(story, FIRST)


def test_a_pad_that_is_pulled_out_with_its_shift_waiting_comes_back_without():
    async def story(chip, edges, clicks):
        await tap(chip, SHIFT_KEY)
        chip.unplug()
        await wait_ms(50)
        chip.plug()
        await wait_ms(1500)
        await tap(chip, CASH_KEY)
        assert [name for name, down in edges if down] == ["CASH"]

    at_pad(story, FIRST)


def test_the_double_zero_of_a_number_pad_that_types_two_zeros_is_two():
    async def story(chip, edges, clicks):
        for down in (True, False, True, False):
            chip.edge(82, down)
            await wait_ms(1)
        await wait_ms(50)
        assert edges == [("0", True), ("0", False)] * 2

    at_pad(story, "usb-number-pad")


@pytest.mark.parametrize("pad", [name for name in PADS if name != "matrix-28"])
def test_the_everyday_flows_go_on_a_small_pad(pad, tmp_path):
    for flow in BUILT:
        text = "\n".join((f"use market keypad={pad}", *filter(None, (flow.before, flow.lines, flow.ends)))) + "\n"
        result = run_script(parse_script("scrap", "scrap.sale", text, tmp_path), Options(out=tmp_path, echo=None))
        assert result.code == PASSED, f"{flow.name}: {result.report}"


GOOD = json.loads((CONFIG / "keymaps/pad-4x4.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"debounce_ms": -1}, "debounce_ms: must be a whole number from 0 to 50"),
        ({"debounce_ms": True}, "debounce_ms: must be"),
        ({"keys": []}, "keys: must be an object"),
        ({"keys": {"1\f": None}}, "keys.1?: there is no key None"),
        ({"shifted": None}, "shifted: must be an object"),
        ({"shift": 55}, "shift: must be a scan code"),
        ({"shift": "30"}, "shift: is a key already"),
        ({"keys": {"x": "F1"}}, "keys.x: must be a scan code"),
        ({"keys": {"2": "F9"}}, "keys.2: there is no key 'F9'"),
        ({"keys": {"2": []}}, "keys.2: there is no key"),
        ({"shifted": {"2": "F1"}}, "keys: no code for 00"),
    ],
)
def test_a_wrong_map_is_named_by_file_key_and_reason(change, said):
    with pytest.raises(ConfigFault, match=re.escape(f"keymaps/x.json: {said}")):
        parse(json.dumps({**GOOD, **change}), "keymaps/x.json")


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "[" * 100_000])
def test_a_file_that_is_no_map_is_refused(text):
    with pytest.raises(ConfigFault, match="keymaps/x"):
        parse(text, "keymaps/x.json")


def test_a_map_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(ConfigFault, match=r"keymaps/none\.json: cannot be read"):
        load(tmp_path, "none")


def test_a_key_that_no_pad_has_is_nobody_s():
    with pytest.raises(KeyError):
        Keymap({2: "1"}, 8).strokes("F9")
