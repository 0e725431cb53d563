"""The everyday flows stay short: each that exists is played, and none may take more presses than it did."""

import pytest

from sim.headless import Options, run_script
from sim.script.parse import parse
from sim.script.play import PASSED
from tests.flows.everyday import BUILT, FLOWS


def test_the_twelve_flows_take_43_presses_in_all():
    assert len(FLOWS) == 12 and sum(flow.limit for flow in FLOWS) == 43


@pytest.mark.parametrize("flow", BUILT, ids=lambda flow: flow.name)
def test_a_flow_takes_no_more_presses_than_it_may(flow, tmp_path):
    assert 0 < flow.presses() <= flow.limit
    text = f"use market\n{flow.before}\n{flow.lines}\n{flow.ends}\n"
    result = run_script(parse("everyday", "everyday.sale", text, tmp_path), Options(out=tmp_path, echo=None))
    assert result.code == PASSED, result.report
