"""A panel's wire as config/board.json says it: the one place that makes one of I2C or SPI. A Pi and the bench come here."""

from collections.abc import Callable
from typing import Any

from hal.board_panel import I2cWire, Panel
from hal.panels_pins import Pins
from hal.panels_wire import I2c, Spi


def serial(
    panel: Panel, header: Any, open_i2c: Callable[[int], Any], message: Callable[..., Any], spi: Any
) -> "tuple[I2c | Spi, Pins]":
    """The wire, and the lines of the header that it holds.

    header: gpiozero's pin factory; None only where the panel has no lines on it. open_i2c: of bus N, as smbus2.SMBus.
    message: as smbus2.i2c_msg.write. spi: as spidev.SpiDev, not open yet. Raises OSError."""
    wire, pins = panel.wire, Pins(header)
    if isinstance(wire, I2cWire):
        return I2c(open_i2c(wire.bus), message, wire.address, wire.clock_hz, pins, panel.reset), pins
    return Spi(spi, wire.bus, wire.device, wire.clock_hz, pins, wire.dc, panel.reset), pins
