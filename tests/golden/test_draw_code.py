"""A QR on the panel says what it was asked to say: the lit dots are read back as modules."""

import pytest

from hal.draw.pack.load import panel_glyphs
from hal.draw.render import render
from hal.ports.frame import Frame, Text
from hal.qr import modules

LONGEST = "HTTPS://BRW.IO/P/" + "7K3F9Q2M" * 7 + "/158"  # 77 characters of the alphanumeric set: version 3


def dark(pages: bytearray, x: int, y: int) -> int:
    return 1 - (pages[y // 8 * 128 + x] >> y % 8 & 1)


@pytest.mark.parametrize("text", ["HTTPS://BRW.IO/P/7K3F9Q2M/1580", LONGEST])
def test_every_module_is_two_dots_wide_and_dark_on_light(text):
    rows = modules(text)
    frame = Frame("qr", {}, qr=text, label=Text("Scan to pay"), big=Text("15.80"), notes=[Text("waiting 42 s")])
    pages = render(frame, panel_glyphs(), strict=True, modules=rows)
    size, start = len(rows), (64 - 2 * len(rows)) // 2
    assert size in (25, 29) and start >= 3
    for dy in (0, 1):
        for dx in (0, 1):
            read = [bytes(dark(pages, start + 2 * x + dx, start + 2 * y + dy) for x in range(size)) for y in range(size)]
            assert read == rows
    assert not any(dark(pages, x, y) for x in (0, 1, 2, 61, 62, 63) for y in range(64))


def test_more_than_any_code_holds_is_refused():
    with pytest.raises(ValueError):
        modules("x" * 8000)
