"""A panel's wire: luma's own I2C and SPI, over a bus that is handed in, with the little more that we ask of one.

toll: bytes that each transfer costs beside what it carries. hold: bytes, 6 ms; more is not waited for in the loop.
reset(): a short low on the panel's RES line, where it has one. lit(): whether the panel says that it is on, None where it
cannot be asked."""

from collections.abc import Callable
from typing import Any

from luma.core.interface.serial import i2c, spi

from hal.panels_pins import Pins

HOLD_S = 0.006
DARK = 0x40  # of the status byte: the display is off (SSD1306 datasheet, table 9-2; SH1106, command 22)
SPI_CLOCKS = (500_000, 1_000_000, 2_000_000, 4_000_000, 8_000_000, 16_000_000)  # of those that luma takes


class I2c(i2c):  # type: ignore[misc]  # luma ships no types
    """bus: as smbus2 offers it, open. message(address, bytes): as smbus2.i2c_msg.write. reset: pin of RES, None without.

    luma sends 32-byte SMBus blocks to a bus that it did not open itself; we want one I2C_RDWR a window, as it does on a
    bus of its own, so we set the two attributes that its constructor sets there (luma.core 2.6, serial.py)."""

    toll = 2  # the address and the control byte

    def __init__(
        self,
        bus: Any,
        message: Callable[[int, list[int]], Any],
        address: int,
        clock_hz: int = 400_000,
        pins: Pins | None = None,
        reset: int | None = None,
    ) -> None:
        super().__init__(bus=bus, address=address)
        self._managed = True
        self._i2c_msg_write = message
        self.hold = int(clock_hz * HOLD_S) // 9
        self._reset = line(pins, reset)

    def reset(self) -> None:
        self._reset()

    def lit(self) -> bool | None:
        """One byte read. A chip that cannot be read, or a bus that is gone, is None: the next write says which."""
        try:
            return not self._bus.read_byte(self._addr) & DARK
        except (OSError, AttributeError):
            return None


class Spi(spi):  # type: ignore[misc]
    """node: as spidev offers it, not open yet. dc, reset: pins; reset None where RES is not ours."""

    toll = 0

    def __init__(self, node: Any, port: int, device: int, clock_hz: int, pins: Pins, dc: int, reset: int | None = None) -> None:
        super().__init__(spi=node, gpio=pins, port=port, device=device, bus_speed_hz=clock_hz, gpio_DC=dc, gpio_RST=None)
        self.hold = int(clock_hz * HOLD_S) // 8
        self._reset = line(pins, reset)

    def reset(self) -> None:
        self._reset()

    def lit(self) -> bool | None:
        """There is no wire back."""
        return None


def line(pins: Pins | None, reset: int | None) -> Callable[[], None]:
    """What pulls RES low and lets it go: some 10 us in Python, where 3 us are asked for (SSD1309 datasheet, 8.9)."""
    if pins is None or reset is None:
        return nothing
    pins.setup(reset, Pins.OUT)

    def pulse() -> None:
        pins.output(reset, Pins.LOW)
        pins.output(reset, Pins.HIGH)

    return pulse


def nothing() -> None:
    """RES is not wired to us."""
