"""The panel's contract: what is drawn is what one sees, for few bytes on the bus, and a dead panel is no crash."""

import asyncio
import gc
import random
import weakref

import pytest

from hal.draw.pack.load import panel_glyphs
from hal.draw.render import render
from hal.ports.frame import ELIDE, Frame, Row, Status, Text
from hal.screen import Panel, i2c_serial
from hal.windows import FULL, WHOLE, changed
from hal.worker import Inline
from sim.chips.oled import MIRRORED, Oled
from tests.contract.wires import Notes, run

GLYPHS = panel_glyphs()
BLANK = bytes(1024)


class Counting(Inline):
    """Counts what a Pi runs beside the loop."""

    def __init__(self):
        self.runs = 0

    async def run(self, fn, *args):
        self.runs += 1
        return await super().run(fn, *args)


class Desk:
    """A panel on its bus."""

    def __init__(self, **options):
        self.chip = Oled()
        self.log = Notes()
        self.worker = Counting()
        self.panel = Panel(i2c_serial(self.chip, Oled.message, 0x3C), GLYPHS, self.log, self.worker, **options)

    def show(self, frame):
        """Bytes that it took."""
        before = self.chip.bytes_seen
        asyncio.run(self.panel.show(frame))
        return self.chip.bytes_seen - before

    def true(self, frame):
        """The chip shows exactly what was drawn, and understood every byte."""
        return self.chip.pages() == bytes(render(frame, GLYPHS)) and not self.chip.errors


def amount(value, clock="14:32"):
    status = Status(clock, 0, "wifi", 4, 78, False)
    return Frame("amount", {"value": value}, status=status, title=Text("SALE"), label=Text("TOTAL"), big=Text(value))


def cart(count):
    rows = [Row(Text(f"Dumplings {i}", ELIDE), Text(f"{i}.50")) for i in range(count)]
    return Frame("cart", {}, status=Status("14:32", 3, "4g", 2, 50, True), rows=rows, selected=count - 1)


def test_pixels_on_the_chip_equal_what_was_drawn():
    desk = Desk()
    for frame in (amount("1.00"), amount("12.57"), cart(3), cart(9), amount("0.00")):
        desk.show(frame)
        assert desk.true(frame) and desk.chip.on


def test_nothing_is_seen_before_the_first_picture():
    desk, seen = Desk(), []
    desk.chip.on_change = lambda: seen.append(desk.chip.pages())
    desk.show(amount("1.00"))
    assert set(seen) <= {BLANK, bytes(render(amount("1.00"), GLYPHS))}


def test_the_same_picture_costs_nothing():
    desk = Desk()
    desk.show(amount("1.00"))
    assert desk.show(amount("1.00")) == 0


def test_a_digit_typed_sends_at_most_259_bytes():
    """A quarter of a full picture, up to five digits: each key moves all the big digits one place to the left."""
    desk = Desk()
    desk.show(amount("0.00"))
    costs = [desk.show(amount(value)) for value in ("0.01", "0.12", "1.25", "12.57", "125.79")]
    assert max(costs) <= 259, costs
    assert desk.worker.runs == 1, "only the first picture is too large for the loop"
    assert desk.true(amount("125.79"))


def test_a_clock_minute_costs_at_most_3_percent():
    desk = Desk()
    desk.show(amount("1.00", clock="14:32"))
    assert 0 < desk.show(amount("1.00", clock="14:33")) <= 31


def test_a_digit_is_on_the_wire_within_10_ms_and_a_screen_within_30():
    desk = Desk()
    for value in ("0.00", "0.09", "0.98", "9.87", "98.76", "987.65", "9876.54", "98765.43", "987654.32"):
        started = desk.chip.busy_us
        desk.show(amount(value))
        assert value == "0.00" or desk.chip.busy_us - started <= 10_000
    started = desk.chip.busy_us
    desk.show(cart(9))
    assert desk.chip.busy_us - started <= 30_000


def test_random_changes_are_exact_and_never_cost_more_than_a_full_picture():
    dice = random.Random(3)
    held = dice.randbytes(1024)
    for _ in range(300):
        wanted = bytearray(held)
        for _ in range(dice.choice((0, 1, 2, 8, 40, 2000))):
            wanted[dice.randrange(1024)] ^= 1 << dice.randrange(8)
        windows = changed(held, bytes(wanted))
        assert sum(window.cost() for window in windows) <= FULL
        assert applied(held, bytes(wanted), windows) == bytes(wanted)
        held = bytes(wanted)


def applied(held, wanted, windows):
    pages = bytearray(held)
    for window in windows:
        data = iter(window.cut(wanted))
        for page in range(window.top, window.bottom + 1):
            for column in range(window.left, window.right + 1):
                pages[page * 128 + column] = next(data)
    return bytes(pages)


def test_two_far_corners_are_two_small_windows():
    wanted = bytearray(BLANK)
    wanted[0] = wanted[1023] = 0xFF
    assert [window.cost() for window in changed(BLANK, bytes(wanted))] == [11, 11]


def test_a_wholly_new_picture_is_one_full_window():
    assert changed(BLANK, b"\xaa" * 1024) == [WHOLE]


def test_a_full_picture_does_not_hold_up_the_loop():
    desk = Desk()
    desk.show(cart(9))
    assert desk.worker.runs == 1


def test_a_bus_that_dies_in_the_middle_of_a_picture_is_redrawn_whole_when_it_is_back():
    desk = Desk()
    desk.show(amount("0.00"))
    desk.chip.unplug(after_bytes=100)
    desk.show(cart(9))
    assert desk.chip.pages() == BLANK and len(desk.log.lines) == 1
    desk.show(amount("1.00"))
    desk.show(amount("2.00"))
    assert len(desk.log.lines) == 1, "said once, not at every key"
    desk.chip.plug()
    desk.show(amount("3.00"))
    assert desk.true(amount("3.00")) and desk.log.lines[-1] == "ui panel back"


def test_wherever_the_bus_dies_the_next_picture_is_right():
    for after in range(1, 300, 7):
        desk = Desk()
        desk.show(amount("0.00"))
        desk.chip.unplug(after_bytes=after)
        for value in ("0.12", "12.34", "0.12"):
            desk.show(amount(value))
        desk.chip.plug()
        desk.show(amount("55.55"))
        assert desk.true(amount("55.55")), after


def test_a_panel_that_is_missing_at_boot_is_found_later():
    desk = Desk()
    desk.chip.unplug()
    desk.show(amount("1.00"))
    assert "ui panel lost: I2C device not found on address: 0x3C" in desk.log.lines
    desk.chip.plug()
    desk.show(amount("1.00"))
    assert desk.true(amount("1.00"))


def test_a_picture_that_is_dropped_half_way_is_drawn_whole_next():
    class Never:
        async def run(self, fn, *args):
            desk.chip._transfer(0x3C, b"\x40" + b"\xff" * 300)  # half of it reached the chip
            await asyncio.sleep(3600)

    async def story():
        await desk.panel.show(amount("0.00"))
        whole, desk.panel._worker = desk.panel._worker, Never()
        task = asyncio.create_task(desk.panel.show(cart(9)))
        await asyncio.sleep(1)
        task.cancel()
        desk.panel._worker = whole
        await desk.panel.show(amount("0.01"))

    desk = Desk()
    run(story())
    assert desk.true(amount("0.01"))


def test_a_panel_mounted_upside_down_shows_the_picture_turned():
    desk = Desk(upside_down=True)
    desk.show(amount("1.00"))
    turned = bytes(reversed(desk.chip.pages())).translate(MIRRORED)
    assert turned == bytes(render(amount("1.00"), GLYPHS)) and not desk.chip.errors


def test_a_text_that_does_not_fit_raises_in_tests_and_is_clipped_and_logged_in_the_field():
    long = Frame("amount", {}, label=Text("TOTAL"), big=Text("1234567890123456789.00"))
    with pytest.raises(Exception, match="1234567890"):
        Desk(strict=True).show(long)
    desk = Desk()
    desk.show(long)
    assert desk.chip.pages() != BLANK and any("1234567890" in line for line in desk.log.lines)


def test_a_code_is_shown_and_one_that_is_too_long_is_logged():
    desk = Desk()
    desk.show(Frame("qr", {}, qr="HTTPS://BRW.IO/P/7K3F9Q2M/1580", big=Text("15.80")))
    corner = desk.chip.pages()[:64]
    assert 0 < sum(bin(byte).count("1") for byte in corner) < 64 * 8
    desk.show(Frame("qr", {}, qr="X" * 10_000, big=Text("15.80")))
    assert any("no QR" in line for line in desk.log.lines)
    with pytest.raises(ValueError):
        Desk(strict=True).show(Frame("qr", {}, qr="X" * 10_000))


def test_the_panel_says_what_it_shows():
    desk = Desk()
    assert desk.panel.frame is None
    frame = amount("1.00")
    desk.show(frame)
    assert desk.panel.frame is frame


def test_off_is_dark_and_a_dead_bus_does_not_mind():
    desk = Desk()
    desk.show(amount("1.00"))
    desk.panel.off()
    assert desk.chip.pages() == BLANK
    desk.show(amount("1.00"))
    assert desk.true(amount("1.00"))
    desk.chip.unplug()
    desk.panel.off()


def test_a_panel_that_nobody_holds_is_gone():
    """luma's own exit hook would keep each alive, and draw on its bus when Python ends."""
    desk = Desk()
    desk.show(amount("1.00"))
    glass = weakref.ref(desk.panel._glass)
    del desk
    gc.collect()
    assert glass() is None


@pytest.mark.parametrize("wrong", [[0x2F], [0x99], [0xD3, 5], [0x21, 100, 20], [0x22, 0, 9], [0x20, 3], [0x41]])
def test_the_chip_refuses_aloud_what_it_does_not_know(wrong):
    chip = Oled()
    chip.write_i2c_block_data(0x3C, 0, wrong)
    assert len(chip.errors) == 1


def test_the_chip_fills_windows_in_each_of_its_modes():
    """Horizontal, vertical, page (datasheet 10.1.3): the pointer goes where the datasheet says."""
    chip = Oled()
    chip.write_i2c_block_data(0x3C, 0, [0xA1, 0xC8, 0x8D, 0x14, 0xAF, 0x20, 1, 0x21, 10, 11, 0x22, 2, 3])
    chip.i2c_rdwr(Oled.message(0x3C, [0x40, 1, 2, 3, 4]))
    assert [chip.pages()[p * 128 + c] for c in (10, 11) for p in (2, 3)] == [1, 2, 3, 4]
    chip.write_i2c_block_data(0x3C, 0, [0x20, 2, 0xB5, 0x03, 0x12])
    chip.i2c_rdwr(Oled.message(0x3C, [0x40, 9]))
    assert chip.pages()[5 * 128 + 0x23] == 9
