"""hal/ports/README.md says how large the core is; it is measured anew before it is five per cent out.

What is compiled and what lies in a heap goes with the sources, and is dear to measure: make bench does."""

import re
from pathlib import Path

import pytest

from tests.rules.test_dialect import DIALECT

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "hal/ports/README.md").read_text(encoding="utf-8")
WORDS = [ROOT / "config/text/en.json", ROOT / "config/text/zh.json", *(ROOT / "config/profiles/market").iterdir()]
PARTS = {
    "sources of the dialect": [ROOT / path for path in DIALECT],
    "letters": [ROOT / "hal/draw/pack/glyphs.bin.z"],
    "words and profile": WORDS,
}
NEAR = 0.05


def off(told: int, found: int) -> bool:
    return abs(found - told) > NEAR * told


@pytest.mark.parametrize("part", PARTS)
def test_the_page_says_what_it_is_today(part):
    row = re.search(rf"^\| {part}[^|]*\| (\d+) kB \|", PAGE, re.MULTILINE)
    assert row, f"hal/ports/README.md has no row for: {part}"
    found = sum(path.stat().st_size for path in PARTS[part])
    assert not off(int(row[1]) * 1000, found), f"{part}: {found} bytes; measure the whole table anew, with make bench"


def test_the_rule_bites():
    assert off(550_000, 580_000) and off(550_000, 520_000) and not off(550_000, 570_000)
