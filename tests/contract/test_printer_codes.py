"""How big a code the printer is told to draw: as wide as it can be read, on as little paper as it can be."""

import asyncio

import pytest

from hal.ports.slip import Qr
from hal.printer import EscposPrinter
from hal.serial_port import Port
from hal.worker import Inline
from sim.chips.thermal import Thermal
from tests.contract.wires import Notes, run


def printed(text):
    """The picture of a code, 48 bytes a row."""
    images = []

    async def story():
        chip = Thermal(asyncio.get_running_loop())
        await EscposPrinter(Port(chip.host), Notes(), Inline()).print([Qr(text)])
        images.append(chip.image())
        assert chip.errors == [] and chip.text() == [f"[QR {text}]"]
        chip.unplug()

    run(story())
    return images[0]


@pytest.mark.parametrize(("size", "modules", "dots"), [(61, 29, 8), (154, 41, 6), (160, 45, 4), (178, 45, 4)])
def test_a_code_in_the_letters_of_a_qr_is_smaller(size, modules, dots):
    image = printed("K" * size)
    rows = [bits(image[i : i + 48]) for i in range(0, len(image), 48)]
    dark = [row for row in rows if any(row)]
    first, last = min(row.index(1) for row in dark), max(len(row) - row[::-1].index(1) for row in dark)
    assert len(dark) == modules * dots == last - first, "square"
    assert abs(first - (384 - last)) <= 8 and first >= 4 * dots, "centred, with white beside it"
    assert len(rows) == modules * dots + 8 * dots - 6, "four modules of white above, with that of a line, and below"


def bits(row):
    return [byte >> (7 - i) & 1 for byte in row for i in range(8)]
