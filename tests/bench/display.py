"""The panel: bytes on the bus and bus time for what an operator does, beside stock luma.oled drawing the same picture."""

import random
import statistics
import time

from luma.core.interface.serial import i2c
from luma.oled.device import ssd1306

from hal.draw.pack.load import panel_glyphs
from hal.draw.render import render
from hal.panels import Ssd1309
from hal.ports.frame import Frame, Status, Text
from hal.windows import changed
from sim.chips.oled_ssd1306 import Ssd1306 as Chip
from sim.golden import picture
from tests.bench.bench_world import Bench, with_till
from tests.bench.figure import Figure

AMOUNTS, SEED = 100, 1
SLOW_CPU = 12  # a Pi Zero 2 W beside this machine (research/hardware.md: 10 to 15)
WALK = "0 OK F1 F2 UP DOWN CASH 2 0 BACK BACK F1 OK PLU 1 2 OK CANCEL MENU BACK"


async def walk(bench: Bench) -> "dict[str, list[int]]":
    """Bytes of each picture: of digits, over AMOUNTS amounts of eight, of whole screens, of a minute that passes, of a key that
    changes nothing."""
    world, panel, chance = bench.world, bench.world.panel, random.Random(SEED)
    pictures: list[int] = []
    before = panel.bytes_seen

    def shown(frame: Frame) -> None:
        nonlocal before
        pictures.append(panel.bytes_seen - before)
        before = panel.bytes_seen

    stop = world.watch(shown)
    digits: list[int] = []
    for _ in range(AMOUNTS):  # up to the eighth digit, the last that an amount takes: every big one moves at each key
        await bench.keys(chance.choice("123456789"))
        pictures.clear()
        await bench.keys(*[chance.choice("0123456789") for _ in range(7)])
        digits += pictures
        await bench.keys("CANCEL")
    await bench.keys(*WALK.split())
    screens = list(pictures)
    pictures.clear()
    await bench.until(lambda: bool(pictures), 61_000)
    minute = list(pictures)
    stop()
    still = panel.bytes_seen
    await bench.keys("SCAN")  # means nothing on this screen: the error tone, and no picture
    return {"digits": digits, "screens": screens, "minute": minute, "nothing": [panel.bytes_seen - still]}


def bus_ms(sent: int) -> float:
    """On a 400 kHz bus: nine bits a byte (Chip.busy_us counts start and stop too: 5 us each)."""
    return sent * 9 / 400


def stock() -> "tuple[int, float]":
    """What luma's own device sends for a digit, and the CPU milliseconds of it: always the whole frame."""
    chip = Chip()
    serial = i2c(bus=chip, address=0x3C)
    serial._managed = True
    serial._i2c_msg_write = Chip.message
    device = ssd1306(serial, width=128, height=64)
    device.persist = True
    image = picture(bytes(1024))
    before = chip.bytes_seen
    device.display(image)
    sent = chip.bytes_seen - before
    chip._transfer = lambda address, payload: None  # type: ignore[method-assign]  # time luma, not the virtual chip
    return sent, cpu_ms(lambda: device.display(image))


def amount(text: str) -> Frame:
    bar = Status("14:32", 0, "wifi", 4, 78, False)
    return Frame("amount", {}, status=bar, title=Text("New item"), label=Text("Price"), big=Text(text))


def cpu_ms(work: "object") -> float:
    """Median real milliseconds of one call."""
    assert callable(work)
    took = []
    for _ in range(50):
        started = time.perf_counter()
        work()
        took.append(time.perf_counter() - started)
    return statistics.median(took) * 1000


def drawing_ms() -> float:
    """CPU to draw one digit more and find what changed."""
    glyphs = panel_glyphs()
    held = bytes(render(amount("12.50"), glyphs))
    raster = Ssd1309.raster_on(2)
    return cpu_ms(lambda: changed(raster, held, bytes(render(amount("125.07"), glyphs))))


def measure() -> "list[Figure]":
    seen = with_till(walk)
    luma_bytes, luma_cpu = stock()
    draw = drawing_ms()
    digits = seen["digits"]
    digit, screen = max(digits), max(seen["screens"])
    whole_ms = round(bus_ms(luma_bytes), 2)
    return [
        Figure("display.bytes_per_digit", digit, "B", 0.25 * 1034, "luma.oled", luma_bytes),
        Figure("display.bytes_per_digit_median", statistics.median_high(digits), "B", None, "luma.oled", luma_bytes),
        Figure("display.bytes_per_minute", max(seen["minute"]), "B", 0.03 * 1034, "luma.oled", luma_bytes),
        Figure("display.bytes_unchanged", max(seen["nothing"]), "B", 0, "luma.oled", luma_bytes),
        Figure("display.bytes_worst_screen", screen, "B", 1034, "luma.oled", luma_bytes),
        Figure("display.key_to_wire_ms", bus_ms(digit) + draw, "ms", 10, "luma.oled", whole_ms),
        Figure("display.screen_to_wire_ms", bus_ms(screen) + draw, "ms", 30, "luma.oled", whole_ms),
        Figure("display.draw_cpu_ms", draw, "ms", None, "luma.oled (sends only)", round(luma_cpu, 3)),
        Figure(f"display.draw_cpu_x{SLOW_CPU}_ms", draw * SLOW_CPU, "ms"),
    ]
