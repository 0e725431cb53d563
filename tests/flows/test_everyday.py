"""The everyday flows stay short: each that exists is played, and none may take more presses of a finger than it did."""

import pytest

from tests.flows.everyday import BUILT, presses


@pytest.mark.parametrize("flow", BUILT, ids=lambda flow: flow.name)
def test_a_flow_takes_no_more_presses_than_it_may(flow, tmp_path):
    assert 0 < presses(flow, tmp_path) <= flow.limit
