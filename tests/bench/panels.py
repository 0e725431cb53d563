"""Each panel that Barrow knows: bytes on its wire for what an operator does, beside stock luma.oled on the same wire, and
random frames beside a whole redraw. SSD1306, SSD1309 and SH1106 hang on I2C, SSD1322 on SPI.

Stock luma sends whole pictures to all but the SSD1322, where it sends what changed by itself: a box of it in each quarter of the
picture. There the same is shown on both, picture by picture."""

import random
from concurrent.futures import ProcessPoolExecutor
from typing import Any

from gpiozero.pins.mock import MockFactory, MockPWMPin
from luma.core.framebuffer import full_frame
from luma.oled import device as luma

from hal.board_panel import Panel as Solder
from hal.panels import CHIPS as DRIVERS
from hal.ports.frame import Frame, Status, Text
from hal.windows import changed_spans
from sim.chips.oled_chips import chip_of, wire_to
from sim.golden import picture
from sim.setup import Setup
from tests.bench.bench_world import with_till
from tests.bench.display import amount, walk
from tests.bench.figure import Figure
from tests.contract.screen_stand import PANELS, SETTING_UP, Desk, differences

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


def amounts() -> "list[Frame]":
    """Nothing yet, then AMOUNTS random ones, digit by digit."""
    dice, frames = random.Random(SEED), [amount("0.00")]
    for _ in range(AMOUNTS):
        digits = [dice.randrange(10) for _ in range(8)]
        minors = [int("".join(map(str, digits[: i + 1]))) for i in range(8)]
        frames += [amount(f"{minor // 100}.{minor % 100:02d}") for minor in minors]
    return frames


def beside(solder: Solder, frames: "list[Frame]") -> "list[tuple[int, int, int]]":
    """Bytes of each frame after the first: ours, those of luma's own difference, those of the changed cells alone."""
    desk, stock, found = Desk(solder), Stock(solder, whole=False), []
    chip, held = DRIVERS[solder.chip], bytes(desk.chip.width * 8)
    cells = chip.raster_on(0)._replace(overhead=0)
    for frame in frames:
        ours, wanted = desk.show(frame), desk.chip.pages()
        least = cells.cost(changed_spans(cells, chip.packed(held), chip.packed(wanted)))
        found.append((ours, stock.show(wanted), least))
        held = wanted
    return found[1:]


def of_difference(solder: Solder) -> "list[Figure]":
    """Beside a stock luma that sends less by itself: a box of what changed, in each quarter of the picture."""
    name, peer = f"display.{solder.chip}", "luma.oled, its difference"
    digits = [pair for pair in beside(solder, amounts()) if pair[1]]
    ours, theirs, least = (sorted(column) for column in zip(*digits, strict=True))
    stars = beside(solder, [pin(count) for count in range(7)])
    star, its_star, _ = max(stars)
    middle = len(digits) // 2
    return [
        Figure(f"{name}.digits", sum(ours), "B", 0.85 * sum(theirs), peer, sum(theirs)),
        Figure(f"{name}.digits_cells_alone", sum(least), "B", None, peer, sum(theirs)),
        Figure(f"{name}.digit_median", ours[middle], "B", theirs[middle], peer, theirs[middle]),
        Figure(f"{name}.digit_worst", ours[-1], "B", theirs[-1], peer, theirs[-1]),
        Figure(f"{name}.digit_least_gained", 100 * max(mine / its for mine, its, _ in digits), "%", 105, peer, 100),
        Figure(f"{name}.star", star, "B", its_star, peer, its_star),
    ]


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
    return found + of_difference(CHIPS[-1])
