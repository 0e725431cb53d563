"""The virtual panels are as strict as their datasheets: what they do not know they say aloud."""

import pytest

from sim.chips.oled_sh1106 import Sh1106
from sim.chips.oled_ssd1306 import Ssd1306
from sim.chips.oled_ssd1309 import Ssd1309
from sim.chips.oled_ssd1322 import Ssd1322

COMMON = [[0x2F], [0x99], [0xD3, 5], [0x20, 3], [0x41], [0xA8, 0x1F]]
WINDOWS = [[0x21, 100, 20], [0x22, 0, 9]]


@pytest.mark.parametrize("wrong", COMMON + WINDOWS + [[0xFD, 0x12]])
def test_an_ssd1306_refuses_aloud_what_it_does_not_know(wrong):
    chip = Ssd1306()
    chip.write_i2c_block_data(0x3C, 0, wrong)
    assert chip.errors


@pytest.mark.parametrize("wrong", COMMON + WINDOWS + [[0xFD, 0x16, 0xAF], [0xFD, 0x99]])
def test_an_ssd1309_refuses_aloud_what_it_does_not_know(wrong):
    chip = Ssd1309()
    chip.write_i2c_block_data(0x3C, 0, wrong)
    assert chip.errors


@pytest.mark.parametrize("wrong", [[0x21, 0, 20], [0x22, 0, 7], [0x99], [0xD3, 5], [0x41], [0x1F], [0xAD, 0x00]])
def test_an_sh1106_refuses_aloud_what_it_does_not_know(wrong):
    chip = Sh1106()
    chip.write_i2c_block_data(0x3C, 0, wrong)
    assert chip.errors


@pytest.mark.parametrize(
    "wrong",
    [
        ([0x99], []),
        ([0x15], [91, 28]),
        ([0x15], [0, 120]),
        ([0x75], [0, 128]),
        ([0xA0], [0x10, 0x11]),
        ([0xA2], [3]),
        ([0xFD], [0x16]),
        ([], [1]),
        ([0x15, 0xA6], []),
        ([0x5C], [1]),
    ],
)
def test_an_ssd1322_refuses_aloud_what_it_does_not_know(wrong):
    chip = Ssd1322()
    for codes, level in ((wrong[0], 0), (wrong[1], 1), ([0xAF], 0)):
        chip.dc(level)
        chip.writebytes(codes)
    assert chip.errors


def test_a_control_byte_of_two_meanings_is_said():
    chip = Ssd1306()
    chip.i2c_rdwr(chip.message(0x3C, [0x41, 0]))
    assert chip.errors == ["control byte 41h"]


def test_an_ssd1306_fills_windows_in_each_of_its_modes():
    """Horizontal, vertical, page (datasheet 10.1.3): the pointer goes where the datasheet says."""
    chip = Ssd1306()
    chip.write_i2c_block_data(0x3C, 0, [0xA1, 0xC8, 0x8D, 0x14, 0xAF, 0x20, 1, 0x21, 10, 11, 0x22, 2, 3])
    chip.i2c_rdwr(chip.message(0x3C, [0x40, 1, 2, 3, 4]))
    assert [chip.pages()[p * 128 + c] for c in (10, 11) for p in (2, 3)] == [1, 2, 3, 4]
    chip.write_i2c_block_data(0x3C, 0, [0x20, 2, 0xB5, 0x03, 0x12])
    chip.i2c_rdwr(chip.message(0x3C, [0x40, 9]))
    assert chip.pages()[5 * 128 + 0x23] == 9


def test_an_ssd1306_is_dark_until_its_pump_runs_and_an_ssd1309_has_none():
    for chip, lit in ((Ssd1306(), False), (Ssd1309(), True)):
        chip.write_i2c_block_data(0x3C, 0, [0xA5, 0xAF])
        assert any(chip.pages()) == lit and not chip.errors


def test_an_sh1106_shows_the_middle_of_its_memory_and_its_pointer_stops_at_the_end():
    chip = Sh1106()
    chip.write_i2c_block_data(0x3C, 0, [0xA1, 0xC8, 0xAF, 0xB0, 0x02, 0x10])
    chip.i2c_rdwr(chip.message(0x3C, [0x40, 0x81] + [0] * 127 + [7, 7, 7]))
    assert chip.pages()[0] == 0x81 and not any(chip.pages()[1:128])
    assert chip.ram[131] == 7 and chip.ram[132] != 7


def test_an_ssd1322_is_asked_nothing_on_i2c_and_greys_are_lit_dots():
    chip = Ssd1322()
    for level, bytes_out in (
        (0, [0xA0]), (1, [0x14, 0x11]), (0, [0x15]), (1, [28, 28]), (0, [0x75]), (1, [0, 0]), (0, [0x5C]), (1, [0x0F, 0x10]),
        (0, [0xAF]),
    ):  # fmt: skip
        chip.dc(level)
        chip.writebytes(bytes_out)
    assert list(chip.greys()[0][:5])[:4] == [0, 15, 1, 0] and not chip.errors
    assert [byte & 1 for byte in chip.pages()[:4]] == [0, 1, 1, 0]
