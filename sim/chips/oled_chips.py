"""The virtual panels by name, as config/board.json and a script name them."""

from typing import Any

from hal.board_panel import SPI_ONLY, I2cWire, Panel, SpiWire
from hal.panels_board import serial
from hal.panels_wire import I2c, Spi
from sim.chips.gpio import Wire
from sim.chips.oled import Oled
from sim.chips.oled_sh1106 import Sh1106
from sim.chips.oled_ssd1306 import Ssd1306
from sim.chips.oled_ssd1309 import Ssd1309
from sim.chips.oled_ssd1322 import Ssd1322

CHIPS: dict[str, type[Oled]] = {chip.name: chip for chip in (Ssd1306, Ssd1309, Sh1106, Ssd1322)}


def bench_panel(name: str, shipped: Panel) -> Panel:
    """The panel of a bench: config/board.json's, or a chip by name, wired as that chip is sold."""
    if not name or name == shipped.chip:
        return shipped
    if name in SPI_ONLY:
        return Panel(name, SpiWire(0, 0, 8_000_000, dc=5), reset=6, upside_down=False)
    return shipped._replace(chip=name)


def chip_of(panel: Panel) -> Oled:
    """The chip that hangs on such a wire."""
    wire = panel.wire
    chip = CHIPS[panel.chip]
    return chip(wire.address, wire.clock_hz) if isinstance(wire, I2cWire) else chip(clock_hz=wire.clock_hz)


def solder(header: Any, chip: Oled, panel: Panel) -> None:
    """Its D/C and RES lines to the header, a MockFactory."""
    if isinstance(panel.wire, SpiWire):
        header.pin(panel.wire.dc, pin_class=Wire, hear=chip.dc)
    if panel.reset is not None:
        header.pin(panel.reset, pin_class=Wire, hear=chip.res)


def wire_to(header: Any, chip: Oled, panel: Panel) -> "I2c | Spi":
    """hal's own wire to it, through those lines."""
    solder(header, chip, panel)
    return serial(panel, header, lambda number: chip, Oled.message, chip)[0]
