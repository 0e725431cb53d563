"""config/board.json's "panel": which chip, on which wire, and how it is mounted. "i2c" and "spi" say how fast those run."""

from typing import NamedTuple

from hal.board_reader import Reader
from hal.panels import CHIPS, HEIGHT
from hal.panels_wire import SPI_CLOCKS

HEADER = (2, 27)  # BCM numbers on the 40-pin header; 0 and 1 belong to the HAT's EEPROM
SPI_ONLY = ("ssd1322",)


class I2cWire(NamedTuple):
    """bus: N of /dev/i2c-N. clock_hz: set by the overlay. address: 7 bits."""

    bus: int
    clock_hz: int
    address: int


class SpiWire(NamedTuple):
    """bus, device: of /dev/spidevB.D. dc: BCM number of the line that tells commands from data."""

    bus: int
    device: int
    clock_hz: int
    dc: int


class Panel(NamedTuple):
    """chip: a name of hal/panels.py. reset: BCM number of its RES line, None where it hangs on the module's own."""

    chip: str
    wire: I2cWire | SpiWire
    reset: int | None
    upside_down: bool


def panel(reader: Reader) -> Panel:
    """Raises ConfigFault."""
    chip = reader.one_of("panel.chip", tuple(CHIPS))
    reader.one_of("panel.width_px", (CHIPS[chip].width,))
    reader.one_of("panel.height_px", (HEIGHT,))
    bus = reader.one_of("panel.bus", ("spi",) if chip in SPI_ONLY else ("i2c", "spi"))
    return Panel(
        chip=chip,
        wire=i2c(reader) if bus == "i2c" else spi(reader),
        reset=None if reader.value("panel.reset_bcm") is None else reader.number("panel.reset_bcm", *HEADER),
        upside_down=reader.one_of("panel.rotate_deg", (0, 180)) == 180,
    )


def i2c(reader: Reader) -> I2cWire:
    return I2cWire(
        bus=reader.number("i2c.bus", 0, 255),
        clock_hz=reader.number("i2c.clock_hz", 10_000, 1_000_000),
        address=int(reader.words("panel.address", "0x[0-7][0-9A-Fa-f]"), 16),
    )


def spi(reader: Reader) -> SpiWire:
    return SpiWire(
        bus=reader.number("spi.bus", 0, 255),
        device=reader.number("spi.device", 0, 255),
        clock_hz=reader.one_of("spi.clock_hz", SPI_CLOCKS),
        dc=reader.number("panel.dc_bcm", *HEADER),
    )
