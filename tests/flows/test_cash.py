"""Cash in places where coins are coarser than prices: what is due counts, rounded or not."""

import pytest

from sim.headless import Options, run_script
from sim.script.parse import parse
from sim.script.play import PASSED


@pytest.mark.parametrize(
    ("given", "ends"),
    [
        ("1 2 3 5", "paid total=12.33 change=0.00"),  # rounded up, in the coins that there are
        ("1 2 3 4", "paid total=12.33 change=0.00"),  # odd coins that cover the price
        ("1 2 3 3", "paid total=12.33 change=0.00"),
        ("1 2 3 2", "tender due=0.01"),
        ("2 0 00", "paid total=12.33 change=7.65"),
    ],
)
def test_what_is_given_ends_the_sale_when_it_covers_the_price(given, ends, tmp_path):
    text = f"use zurich\nkeys 1 2 3 3 CASH\nexpect cash due=12.35\nkeys {given} OK\nexpect {ends}\n"
    result = run_script(parse("scrap", "scrap.sale", text, tmp_path), Options(out=tmp_path, echo=None))
    assert result.code == PASSED, result.report
