"""A panel of one chip on one wire, and what it shows beside what was drawn."""

import asyncio
import random

from gpiozero.pins.mock import MockFactory, MockPWMPin

from hal.board_panel import I2cWire, SpiWire
from hal.board_panel import Panel as Solder
from hal.draw.pack.load import panel_glyphs
from hal.draw.render import render
from hal.panels import CHIPS
from hal.ports.frame import Frame
from hal.qr import modules
from hal.screen import Panel
from hal.worker import Inline
from sim.chips.oled_chips import chip_of
from sim.chips.oled_ssd1306 import MIRRORED
from tests.contract.nodes import panel_wire, through_nodes
from tests.contract.random_frames import random_frame
from tests.contract.wires import Notes

GLYPHS = panel_glyphs()
I2C, SPI = I2cWire(1, 400_000, 0x3C), SpiWire(0, 0, 8_000_000, dc=5)
ON_NODES = (("ssd1309", I2cWire), ("sh1106", I2cWire), ("ssd1309", SpiWire), ("ssd1322", SpiWire))
REFERENCE, ON_SPI = Solder("ssd1309", I2C, None, False), Solder("ssd1309", SPI, 6, False)
PANELS = [Solder(name, I2C, None, False) for name in ("ssd1306", "ssd1309", "sh1106")]
PANELS += [Solder(name, SPI, 6, False) for name in CHIPS]
if through_nodes():  # each wire and each way to aim at its windows; which chip it is beyond that, no node knows
    PANELS = [panel for panel in PANELS if (panel.chip, type(panel.wire)) in ON_NODES]
TURNED = [] if through_nodes() else [panel._replace(upside_down=True) for panel in PANELS]


def named(panel: Solder) -> str:
    return f"{panel.chip}-{'i2c' if isinstance(panel.wire, I2cWire) else 'spi'}{'-turned' if panel.upside_down else ''}"


class Counting(Inline):
    """Counts what a Pi runs beside the loop."""

    def __init__(self):
        self.runs = 0

    async def run(self, fn, *args):
        self.runs += 1
        return await super().run(fn, *args)


class Desk:
    """A panel on its wire."""

    def __init__(self, solder=REFERENCE, **options):
        self.solder = solder
        self.chip = chip_of(solder)
        self.log = Notes()
        self.worker = Counting()
        self.wire = panel_wire(MockFactory(pin_class=MockPWMPin), self.chip, solder)
        chip, turned = CHIPS[solder.chip], solder.upside_down
        self.panel = Panel(self.wire, GLYPHS, self.log, self.worker, upside_down=turned, chip=chip, **options)

    @property
    def blank(self):
        return bytes(self.chip.width * 8)

    def show(self, frame):
        """Bytes that it took."""
        before = self.chip.bytes_seen
        asyncio.run(self.panel.show(frame))
        return self.chip.bytes_seen - before

    def drawn(self, frame):
        """What was drawn, as it stands on the glass."""
        code = modules(frame.qr) if frame.qr else None
        pages = bytes(render(frame, GLYPHS, modules=code, width=self.chip.width))
        return bytes(reversed(pages)).translate(MIRRORED) if self.solder.upside_down else pages

    def true(self, frame):
        """The chip shows exactly what was drawn, and understood every byte."""
        return self.chip.pages() == self.drawn(frame) and not self.chip.errors


SETTING_UP = 64  # bytes at most; on SPI another screen brings them along, every AGAIN_S at most (hal/screen.py)


def differences(solder: Solder, count: int, seed: int) -> int:
    """Of so many random frames, one after the other, those where the panel did not show exactly what a whole redraw shows,
    or where a change cost more than that and the question before it."""

    async def story() -> int:
        desk, dice, wrong = Desk(solder), random.Random(seed), 0
        frame: Frame | None = None
        most = desk.panel._raster.full() + (2 if isinstance(solder.wire, I2cWire) else SETTING_UP)
        for i in range(count):
            frame = random_frame(dice, frame)
            before = desk.chip.bytes_seen
            await desk.panel.show(frame)
            wrong += not desk.true(frame) or (i > 0 and desk.chip.bytes_seen - before > most)
        return wrong

    return asyncio.run(story())
