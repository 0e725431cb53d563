"""The panel's contract, on each chip and wire: what is drawn is what one sees, for few bytes, and a dead panel is no crash."""

import asyncio
import gc
import random
import weakref

import pytest

from hal.board_panel import I2cWire
from hal.ports.frame import ELIDE, Frame, Row, Status, Text
from hal.screen import AGAIN_S, ASK_S
from hal.windows import Window, cells, changed
from tests.contract.nodes import few
from tests.contract.screen_stand import ON_SPI, PANELS, TURNED, Desk, differences, named
from tests.contract.wires import run

STOCK = {"ssd1306": 1034, "ssd1309": 1034, "sh1106": 1080, "ssd1322": 8199}  # bytes of luma's own whole picture

every_panel = pytest.mark.parametrize("solder", PANELS, ids=named)
every_way = pytest.mark.parametrize("solder", PANELS + TURNED, ids=named)


def amount(value, clock="14:32"):
    status = Status(clock, 0, "wifi", 4, 78, False)
    return Frame("amount", {"value": value}, status=status, title=Text("SALE"), label=Text("TOTAL"), big=Text(value))


def cart(count):
    rows = [Row(Text(f"Dumplings {i}", ELIDE), Text(f"{i}.50")) for i in range(count)]
    return Frame("cart", {}, status=Status("14:32", 3, "4g", 2, 50, True), rows=rows, selected=count - 1)


@every_way
def test_pixels_on_the_chip_equal_what_was_drawn(solder):
    desk = Desk(solder)
    for frame in (amount("1.00"), amount("12.57"), cart(3), cart(9), amount("0.00")):
        desk.show(frame)
        assert desk.true(frame) and desk.chip.on


@every_panel
def test_nothing_is_seen_before_the_first_picture(solder):
    desk, seen = Desk(solder), []
    desk.chip.on_change = lambda: seen.append(desk.chip.pages())
    desk.show(amount("1.00"))
    assert set(seen) <= {desk.blank, desk.drawn(amount("1.00"))}


@every_panel
def test_the_same_picture_costs_nothing(solder):
    desk = Desk(solder)
    desk.show(amount("1.00"))
    assert desk.show(amount("1.00")) == 0


@every_panel
def test_a_digit_typed_sends_at_most_a_quarter_of_a_picture(solder):
    """Up to five digits: each key moves all the big digits one place to the left."""
    desk = Desk(solder)
    desk.show(amount("0.00"))
    costs = [desk.show(amount(value)) for value in ("0.01", "0.12", "1.25", "12.57", "125.79")]
    assert max(costs) <= STOCK[solder.chip] // 4 + 1, costs
    assert desk.worker.runs <= 1, "only the first picture is too large for the loop"
    assert desk.true(amount("125.79"))


@every_panel
def test_a_clock_minute_and_a_star_cost_at_most_3_percent(solder):
    desk = Desk(solder)
    desk.show(amount("1.00", clock="14:32"))
    assert 0 < desk.show(amount("1.00", clock="14:33")) <= STOCK[solder.chip] * 0.03
    desk.show(stars(3))
    assert 0 < desk.show(stars(4)) <= STOCK[solder.chip] * 0.03


def stars(count):
    return Frame("pin", {}, status=Status("14:32", 0, "wifi", 4, 78, False), title=Text("PIN"), notes=[Text("*" * count)])


@every_panel
def test_a_digit_is_on_the_wire_within_10_ms_and_a_screen_within_30(solder):
    desk = Desk(solder)
    for value in ("0.00", "0.09", "0.98", "9.87", "98.76", "987.65", "9876.54", "98765.43", "987654.32"):
        started = desk.chip.busy_us
        desk.show(amount(value))
        assert value == "0.00" or desk.chip.busy_us - started <= 10_000
    started = desk.chip.busy_us
    desk.show(cart(9))
    assert desk.chip.busy_us - started <= 30_000


@every_panel
def test_random_changes_are_exact_and_never_cost_more_than_a_full_picture(solder):
    raster, dice = Desk(solder).panel._raster, random.Random(3)
    size = raster.columns * raster.rows * raster.cell
    held = dice.randbytes(size)
    for _ in range(300 if size == 1024 else 60):
        wanted = bytearray(held)
        for _ in range(dice.choice((0, 1, 2, 8, 40, 2000))):
            wanted[dice.randrange(size)] ^= 1 << dice.randrange(8)
        windows = changed(raster, held, bytes(wanted))
        assert raster.cost(windows) <= raster.full()
        assert raster.tall or all(window.top == window.bottom for window in windows)
        assert applied(raster, held, bytes(wanted), windows) == bytes(wanted)
        held = bytes(wanted)


def applied(raster, held, wanted, windows):
    picture = bytearray(held)
    line = raster.columns * raster.cell
    for window in windows:
        data, step = raster.cut(wanted, window), (window.right - window.left + 1) * raster.cell
        assert len(data) == cells(window) * raster.cell
        for i, row in enumerate(range(window.top, window.bottom + 1)):
            start = row * line + window.left * raster.cell
            picture[start : start + step] = data[i * step : (i + 1) * step]
    return bytes(picture)


@every_way
def test_random_frames_end_as_if_each_were_drawn_whole(solder):
    """A slice of it: `make bench` shows 10,000 on each chip."""
    assert differences(solder, few(60 if solder.chip == "ssd1322" else 120), seed=11) == 0


def test_two_far_corners_are_two_small_windows():
    raster = Desk().panel._raster
    blank = bytes(1024)
    assert changed(raster, blank, b"\xff" + blank[2:] + b"\xff") == [Window(0, 0, 0, 0), Window(127, 127, 7, 7)]


@every_panel
def test_a_wholly_new_picture_is_sent_once(solder):
    raster = Desk(solder).panel._raster
    size = raster.columns * raster.rows * raster.cell
    assert changed(raster, bytes(size), b"\xaa" * size) == raster.whole()


@every_panel
def test_the_worst_pattern_is_found_in_a_moment(solder):
    """Every third cell: as many windows as there can be, none of them worth joining but all of them together."""
    raster = Desk(solder).panel._raster
    size = raster.columns * raster.rows * raster.cell
    wanted = (b"\xaa" + bytes(17)) * (size // 18 + 1)
    windows = changed(raster, bytes(size), wanted[:size])
    assert applied(raster, bytes(size), wanted[:size], windows) == wanted[:size]


def test_a_full_picture_does_not_hold_up_the_loop():
    desk = Desk()
    desk.show(cart(9))
    assert desk.worker.runs == 1


def test_a_minute_of_the_clock_is_one_job_beside_the_loop_on_a_pi():
    """Each job's end wakes the loop; the panel is asked whether it is lit in the same one."""

    async def story():
        desk = Desk()
        desk.wire.hold = 0
        for minute in range(30, 33):
            before = desk.worker.runs
            await desk.panel.show(amount("0.00", clock=f"14:{minute}"))
            assert desk.worker.runs - before == 1 and desk.true(amount("0.00", clock=f"14:{minute}"))
            await asyncio.sleep(60)

    run(story())


@every_panel
def test_a_wire_that_dies_in_the_middle_of_a_picture_is_drawn_whole_when_it_is_back(solder):
    """On I2C the transfer fails; on SPI nobody hears of it, and the next new screen sets the panel up again."""
    run(dies(Desk(solder)))


async def dies(desk):
    await desk.panel.show(amount("0.00"))
    desk.chip.unplug(after_bytes=100)
    await desk.panel.show(cart(9))
    assert desk.chip.pages() == desk.blank
    await desk.panel.show(amount("1.00"))
    await desk.panel.show(amount("2.00"))
    spoken = isinstance(desk.solder.wire, I2cWire)
    assert len(desk.log.lines) == spoken, "said once, not at every key"
    desk.chip.plug()
    await asyncio.sleep(AGAIN_S)
    await desk.panel.show(cart(9))
    assert desk.true(cart(9))
    assert not spoken or desk.log.lines[-1] == "ui panel back"
    await desk.panel.show(amount("3.00"))
    assert desk.true(amount("3.00"))


@every_panel
def test_wherever_the_wire_dies_the_picture_comes_back(solder):
    async def story(after):
        desk = Desk(solder)
        await desk.panel.show(amount("0.00"))
        desk.chip.unplug(after_bytes=after)
        for value in ("0.12", "12.34", "0.12"):
            await desk.panel.show(amount(value))
        desk.chip.plug()
        await asyncio.sleep(AGAIN_S)
        await desk.panel.show(cart(9))
        assert desk.true(cart(9)), after

    for after in range(1, 300, 23):
        run(story(after))


@every_panel
def test_a_panel_that_lost_its_power_for_a_moment_is_set_up_anew(solder):
    """It takes the next bytes as if nothing had been, in the dark; where it can be asked the next key finds that out."""

    async def story():
        desk = Desk(solder)
        await desk.panel.show(amount("0.00"))
        await asyncio.sleep(AGAIN_S)
        desk.chip.power_off()
        await desk.panel.show(amount("0.01") if desk.panel._glass.can_be_asked else cart(3))
        assert desk.true(amount("0.01") if desk.panel._glass.can_be_asked else cart(3))

    run(story())


def test_a_panel_is_asked_once_a_second_at_most_and_one_that_never_answers_is_not():
    async def story():
        desk = Desk()
        desk.chip.mute = mute_chip
        await desk.panel.show(amount("0.00"))
        assert desk.panel._glass.can_be_asked is not mute_chip
        await asyncio.sleep(ASK_S)
        before = desk.chip.transfers
        await desk.panel.show(amount("0.00", clock="14:33"))
        await desk.panel.show(amount("0.00", clock="14:34"))
        return desk.chip.transfers - before

    mute_chip = False
    asked = run(story())
    mute_chip = True
    assert asked - run(story()) == 1


@every_way
def test_a_panel_that_cannot_be_asked_is_set_up_again_unseen(solder):
    """Every bit of it while it shows a picture: never dark, and never another one than the two."""

    async def story():
        desk, seen = Desk(solder), []
        desk.chip.mute = True
        await desk.panel.show(amount("0.00"))
        await asyncio.sleep(AGAIN_S)
        desk.chip.on_change = lambda: seen.append((desk.chip.on, desk.chip.pages() == desk.blank))
        before = desk.chip.bytes_seen
        await desk.panel.show(cart(9))
        assert desk.chip.bytes_seen - before >= desk.panel._raster.full(), "set up again"
        assert seen and all(on and not dark for on, dark in seen) and desk.true(cart(9))

    run(story())


def test_a_panel_that_is_missing_at_boot_is_found_later():
    desk = Desk()
    desk.chip.unplug()
    desk.show(amount("1.00"))
    assert "ui panel lost: I2C device not found on address: 0x3C" in desk.log.lines
    desk.chip.plug()
    desk.show(amount("1.00"))
    assert desk.true(amount("1.00"))


def test_a_panel_on_spi_without_a_header_is_missing_and_no_crash():
    desk = Desk(ON_SPI)
    desk.wire._gpio._factory = None
    desk.show(amount("1.00"))
    assert desk.log.lines == ["ui panel lost: no GPIO header, and the panel needs its pin 6"]


def test_a_picture_that_is_dropped_half_way_is_drawn_whole_next():
    class Never:
        async def run(self, fn, *args):
            desk.chip._transfer(0x3C, b"\x40" + b"\xff" * 300)  # half of it reached the chip
            await asyncio.sleep(3600)

    async def story():
        await desk.panel.show(amount("0.00"))
        whole, desk.panel._worker = desk.panel._worker, Never()
        task = asyncio.create_task(desk.panel.show(cart(9)))
        await asyncio.sleep(0.5)
        task.cancel()
        desk.panel._worker = whole
        await desk.panel.show(amount("0.01"))

    desk = Desk()
    run(story())
    assert desk.true(amount("0.01"))


def test_a_text_that_does_not_fit_raises_in_tests_and_is_clipped_and_logged_in_the_field():
    long = Frame("amount", {}, label=Text("TOTAL"), big=Text("1234567890123456789.00"))
    with pytest.raises(Exception, match="1234567890"):
        Desk(strict=True).show(long)
    desk = Desk()
    desk.show(long)
    assert desk.chip.pages() != desk.blank and any("1234567890" in line for line in desk.log.lines)


@every_panel
def test_a_code_is_shown_and_one_that_is_too_long_is_logged(solder):
    desk = Desk(solder)
    desk.show(Frame("qr", {}, qr="HTTPS://BRW.IO/P/7K3F9Q2M/1580", big=Text("15.80")))
    corner = desk.chip.pages()[:64]
    assert 0 < sum(bin(byte).count("1") for byte in corner) < 64 * 8
    desk.show(Frame("qr", {}, qr="X" * 10_000, big=Text("15.80")))
    assert any("no QR" in line for line in desk.log.lines)
    with pytest.raises(ValueError):
        Desk(solder, strict=True).show(Frame("qr", {}, qr="X" * 10_000))


def test_the_panel_says_what_it_shows():
    desk = Desk()
    assert desk.panel.frame is None
    frame = amount("1.00")
    desk.show(frame)
    assert desk.panel.frame is frame


@every_panel
def test_off_is_dark_and_a_dead_wire_does_not_mind(solder):
    desk = Desk(solder)
    desk.show(amount("1.00"))
    desk.panel.off()
    assert desk.chip.pages() == desk.blank
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
