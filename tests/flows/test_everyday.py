"""The everyday flows stay short: each that exists is played, and none may take more presses of a finger than it did."""

import pytest

from sim.chips.keypad import KeypadChip
from sim.headless import Options, run_script
from sim.script.parse import parse
from sim.script.play import PASSED
from tests.flows.everyday import BUILT


@pytest.fixture
def presses(monkeypatch, tmp_path):
    """Plays lines of .sale on the market, and says how many keys of the keypad went down for them."""

    def played(lines: str) -> int:
        down: list[str] = []
        press = KeypadChip.press
        with monkeypatch.context() as patch:
            patch.setattr(KeypadChip, "press", lambda chip, name: (down.append(name), press(chip, name)))
            script = parse("everyday", "everyday.sale", f"use market\n{lines}\n", tmp_path)
            result = run_script(script, Options(out=tmp_path, echo=None))
        assert result.code == PASSED, result.report
        return len(down)

    return played


@pytest.mark.parametrize("flow", BUILT, ids=lambda flow: flow.name)
def test_a_flow_takes_no_more_presses_than_it_may(flow, presses):
    flow_alone = presses(f"{flow.before}\n{flow.lines}\n{flow.ends}") - presses(flow.before)
    assert 0 < flow_alone <= flow.limit
