"""Each panel that Barrow knows: bytes on its wire for what an operator does, beside stock luma.oled on the same wire, and
random frames beside a whole redraw. SSD1306, SSD1309 and SH1106 hang on I2C, SSD1322 on SPI.

The SSD1322 of luma sends what changed by itself, as one box of all of it: the same digits are typed on both."""

import asyncio
import random
from concurrent.futures import ProcessPoolExecutor
from typing import Any

from gpiozero.pins.mock import MockFactory, MockPWMPin
from luma.core.framebuffer import full_frame
from luma.oled import device as luma

from hal.ports.frame import Frame, Status, Text
from sim.chips.oled_chips import chip_of, wire_to
from sim.golden import picture
from sim.setup import Setup
from tests.bench.bench_world import with_till
from tests.bench.display import amount, walk
from tests.bench.figure import Figure
from tests.contract.screen_stand import PANELS, SETTING_UP, Desk, Solder, differences

CHIPS = [panel for panel in PANELS if panel.reset is None or panel.chip == "ssd1322"]
FRAMES, SEED, AMOUNTS = 10_000, 1, 100


class Stock:
    """luma's own device on a virtual chip."""

    def __init__(self, solder: Solder, whole: bool) -> None:
        self.chip = chip_of(solder)
        wire = wire_to(MockFactory(pin_class=MockPWMPin), self.chip, solder)
        options: dict[str, Any] = {"mode": "1"} if solder.chip == "ssd1322" else {}
        if whole and options:
            options["framebuffer"] = full_frame()
        self.device = getattr(luma, solder.chip)(wire, **options)
        self.device.persist = True

    def show(self, pages: bytes) -> int:
        """Bytes that it took."""
        before = self.chip.bytes_seen
        self.device.display(picture(pages))
        return self.chip.bytes_seen - before


def pin(stars: int) -> Frame:
    """Its stars have their line before there is one, so that nothing moves."""
    stars_or_room = Text("*" * stars or " ")
    bar = Status("14:32", 0, "wifi", 4, 78, False)
    return Frame("pin", {}, status=bar, title=Text("Stall 3"), icon="lock", heading=Text("Staff PIN"), notes=[stars_or_room])


def star(solder: Solder) -> int:
    """The dearest of six."""
    desk = Desk(solder)
    desk.show(pin(0))
    return max(desk.show(pin(count)) for count in range(1, 7))


def typed(solder: Solder) -> "tuple[int, int]":
    """Bytes of AMOUNTS random amounts, digit by digit: ours, and those of luma's own difference."""
    desk, stock, dice = Desk(solder), Stock(solder, whole=False), random.Random(SEED)
    ours = theirs = 0
    for _ in range(AMOUNTS):
        minor = 0
        for _ in range(8):
            minor = minor * 10 + dice.randrange(10)
            ours += asyncio.run(shown(desk, amount(f"{minor // 100}.{minor % 100:02d}")))
            theirs += stock.show(desk.chip.pages())
    return ours, theirs


async def shown(desk: Desk, frame: Frame) -> int:
    before = desk.chip.bytes_seen
    await desk.panel.show(frame)
    return desk.chip.bytes_seen - before


def of(solder: Solder) -> "list[Figure]":
    name = f"display.{solder.chip}"
    seen = with_till(walk, Setup(panel=solder.chip))
    whole = Stock(solder, whole=True).show(bytes(chip_of(solder).width * 8))
    spare = SETTING_UP if solder.chip == "ssd1322" else 0
    return [
        Figure(f"{name}.bytes_per_digit", max(seen["digits"]), "B", 0.25 * whole, "luma.oled, whole", whole),
        Figure(f"{name}.bytes_per_minute", max(seen["minute"]), "B", 0.03 * whole, "luma.oled, whole", whole),
        Figure(f"{name}.bytes_per_star", star(solder), "B", 0.03 * whole, "luma.oled, whole", whole),
        Figure(f"{name}.bytes_unchanged", max(seen["nothing"]), "B", 0, "luma.oled, whole", whole),
        Figure(f"{name}.bytes_worst_screen", max(seen["screens"]), "B", whole + spare, "luma.oled, whole", whole),
    ]


def fuzzed(solder: Solder) -> Figure:
    return Figure(f"display.{solder.chip}.differences_in_{FRAMES}", differences(solder, FRAMES, SEED), "", 0)


def measure() -> "list[Figure]":
    found = [figure for solder in CHIPS for figure in of(solder)]
    with ProcessPoolExecutor(2) as pool:
        found += pool.map(fuzzed, CHIPS)
    ours, theirs = typed(CHIPS[-1])
    found.append(Figure("display.ssd1322.bytes_typed", ours, "B", theirs, "luma.oled, its difference", theirs))
    return found
