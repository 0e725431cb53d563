"""The panel: a 128x64 SSD1306 on I2C, driven through luma.oled's own device, sending only what changed.

Substitute the wire, not the driver: `i2c_serial` takes any bus that speaks smbus2, so the bench and a Pi run these lines.
One screen of 1,034 bytes takes 23 ms at 400 kHz; a digit takes about one."""

import asyncio
from collections.abc import Callable
from typing import Any

from luma.core.device import device
from luma.core.error import Error as LumaError
from luma.core.interface.serial import i2c
from luma.oled.device import ssd1306

from hal.draw.glyphs import Glyphs
from hal.draw.render import render
from hal.ports.board import Log, Screen
from hal.ports.frame import Frame
from hal.qr import modules
from hal.windows import WHOLE, Window, changed
from hal.worker import Worker

LARGE = 256  # bytes on the bus, 6 ms at 400 kHz: from here on the bus is not waited for in the loop


def i2c_serial(bus: Any, message: Callable[[int, list[int]], Any], address: int) -> Any:
    """luma's serial interface over a bus that is already open. message(address, bytes): as smbus2.i2c_msg.write.

    luma sends 32-byte SMBus blocks to a bus that it did not open itself; we want one I2C_RDWR a window, as it does on a
    bus of its own, so we set the two attributes that its constructor sets there (luma.core 2.6, serial.py)."""
    serial = i2c(bus=bus, address=address)
    serial._managed = True
    serial._i2c_msg_write = message
    return serial


class Unhooked(device):  # type: ignore[misc]  # luma ships no types
    """luma's device without its atexit hook, which would draw on a bus that is gone and keep every panel alive for ever."""

    def __init__(self, const: Any = None, serial_interface: Any = None) -> None:
        self._const = const
        self._serial_interface = serial_interface


class Glass(ssd1306, Unhooked):  # type: ignore[misc]
    """luma's SSD1306, fed with pages instead of a PIL image.

    Its constructor sets the chip up, calls clear() and switches the panel on; our clear() sends the first picture, so
    that nothing else is ever seen."""

    def __init__(self, serial: Any, pages: bytes, upside_down: bool) -> None:
        self.first = pages
        self.upside_down = upside_down
        super().__init__(serial)

    def clear(self) -> None:
        if self.upside_down:  # luma sets A1h and C8h; their opposites turn the picture (SSD1306 datasheet, 10.1.8 and 10.1.14)
            self.command(self._const.SETREMAP, self._const.COMSCANINC)
        self.send(self.first, [WHOLE])

    def send(self, pages: bytes, windows: list[Window]) -> None:
        """Raises OSError or luma's Error when the bus or the chip does not answer."""
        for window in windows:
            columns, rows = (window.left, window.right), (window.top, window.bottom)
            self.command(self._const.COLUMNADDR, *columns, self._const.PAGEADDR, *rows)
            self.data(window.cut(pages))


class Panel(Screen):
    """frame: the last Frame shown. strict: text that does not fit raises, as tests want it; else it is clipped and logged."""

    def __init__(
        self, serial: Any, glyphs: Glyphs, log: Log, worker: Worker, strict: bool = False, upside_down: bool = False
    ) -> None:
        self.frame: Frame | None = None
        self._serial = serial
        self._glyphs = glyphs
        self._log = log
        self._worker = worker
        self._strict = strict
        self._upside_down = upside_down
        self._glass: Glass | None = None  # None: not set up yet, or lost
        self._held: bytes | None = None  # what the panel shows; None: unknown until every byte of a whole picture went through
        self._missed = False
        self._turn = asyncio.Lock()  # two tasks may show; the bus takes one picture at a time

    async def show(self, frame: Frame) -> None:
        async with self._turn:
            pages = self._draw(frame)
            self.frame = frame
            windows = [WHOLE] if self._held is None else changed(self._held, pages)
            if windows:
                self._held = None
            if sum(window.cost() for window in windows) > LARGE:
                await self._worker.run(self._update, pages, windows)
            elif windows:
                self._update(pages, windows)

    def off(self) -> None:
        """Dark, when the program ends: a picture that nobody drives would be a lie."""
        if self._glass is not None:
            self._attempt(self._glass.hide)
        self._glass = self._held = None

    def _draw(self, frame: Frame) -> bytes:
        report: list[str] = []
        pages = bytes(render(frame, self._glyphs, self._strict, report, self._code(frame, report)))
        for line in report:
            self._log.say("ui", f"{frame.id}: {line}")
        return pages

    def _code(self, frame: Frame, report: list[str]) -> list[bytes] | None:
        try:
            return modules(frame.qr) if frame.qr else None
        except ValueError as fault:  # longer than any code holds
            if self._strict:
                raise
            report.append(f"no QR: {fault}")
            return None

    def _update(self, pages: bytes, windows: list[Window]) -> None:
        if self._attempt(lambda: self._send(pages, windows)):
            self._held = pages

    def _send(self, pages: bytes, windows: list[Window]) -> None:
        if self._glass is None:
            self._glass = Glass(self._serial, pages, self._upside_down)
        else:
            self._glass.send(pages, windows)

    def _attempt(self, work: Callable[[], None]) -> bool:
        """A bus that fails is logged once, until it is back; the panel is set up anew and drawn whole at the next show."""
        try:
            work()
        except (OSError, LumaError) as fault:  # luma renames some errno's, and lets others through
            self._glass = None
            if not self._missed:
                self._log.say("ui", f"panel lost: {fault}")
            self._missed = True
            return False
        if self._missed:
            self._log.say("ui", "panel back")
        self._missed = False
        return True
