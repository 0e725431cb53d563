"""The panels that Barrow knows: each is luma.oled's own device, fed with a picture in its chip's order instead of a PIL image.

luma's constructors set a chip up, call clear() and switch the panel on; our clear() sends the first picture, so that
nothing else is ever seen. A picture comes as pages (hal/draw): page p, column x at p * width + x, bit 0 on top."""

from typing import Any, ClassVar

from luma.core.device import device
from luma.oled.device import sh1106, ssd1306, ssd1309, ssd1322

from hal.windows import Raster, Window

HEIGHT = 64  # dots, of every panel here
PAGES = HEIGHT // 8
SH1106_OFFSET = 2  # its memory is 132 columns wide, and the glass shows the middle 128 (SH1106 datasheet, block diagram)
SSD1322_OFFSET = 28  # cells: 480 columns of memory, 256 in the middle
SSD1322_TURNED = (0xA0, 0x06, 0x11)  # luma sends 14h 11h: columns and COM lines the other way (SSD1322 datasheet, 10.1.3)
# a page byte -> 0 or F, by the dot of it that is asked for
DOT = [bytes(0x0F if byte >> bit & 1 else 0 for byte in range(256)) for bit in range(8)]


class Unhooked(device):  # type: ignore[misc]  # luma ships no types
    """luma's device without its atexit hook, which would draw on a bus that is gone and keep every panel alive for ever."""

    def __init__(self, const: Any = None, serial_interface: Any = None) -> None:
        self._const = const
        self._serial_interface = serial_interface


class Glass:
    """What every panel has. width: in dots. serial: a wire of hal/panels_wire.py.

    Everything here raises OSError or luma's Error when the wire fails."""

    name: ClassVar[str]
    width: ClassVar[int] = 128
    darkens: ClassVar[int] = 0xAE  # the command by which luma's setting up makes the panel dark

    def __init__(self, serial: Any, picture: bytes, upside_down: bool) -> None:
        self.raster = self.raster_on(serial.toll)
        self.upside_down = upside_down
        self.quiet = False
        self._first = picture
        serial.reset()
        super().__init__(serial)  # type: ignore[call-arg]  # luma's device, by the subclass
        self.can_be_asked: bool = serial.lit() is True

    def again(self, picture: bytes) -> None:
        """Set up once more while it shows something: not reset and never dark, so that nobody sees it."""
        self.quiet, self._first = True, picture
        super().__init__(self._serial_interface)  # type: ignore[call-arg, attr-defined]

    def clear(self) -> None:
        """The last step of luma's setting up before the panel is lit."""
        if self.upside_down:
            self.turn()
        self.send(self._first, self.raster.whole())

    def command(self, *codes: int) -> None:
        """One command or several, each with what it takes."""
        if self.quiet and codes[0] == self.darkens:
            codes = codes[1:]
        if codes:
            super().command(*codes)  # type: ignore[misc]

    def send(self, picture: bytes, windows: list[Window]) -> None:
        """These windows of a picture in the chip's own order."""
        for window in windows:
            self.aim(window)
            self.data(self.raster.cut(picture, window))  # type: ignore[attr-defined]

    @classmethod
    def raster_on(cls, toll: int) -> Raster:
        """On a wire where each transfer costs `toll` bytes more."""
        raise NotImplementedError

    @classmethod
    def packed(cls, pages: bytes) -> bytes:
        """A picture in the chip's own order."""
        return pages

    def turn(self) -> None:
        """As for a panel that is mounted upside down."""
        raise NotImplementedError

    def aim(self, window: Window) -> None:
        """The next data fills this window."""
        raise NotImplementedError


class Ssd1306(Glass, ssd1306, Unhooked):  # type: ignore[misc]
    """0.96 inch. Windows of columns by pages (SSD1306 datasheet, 10.1.3 to 10.1.5)."""

    name = "ssd1306"

    @classmethod
    def raster_on(cls, toll: int) -> Raster:
        return Raster(cls.width, PAGES, 1, 6 + 2 * toll, True)

    def turn(self) -> None:
        """luma sets A1h and C8h; their opposites turn the picture (10.1.8 and 10.1.14)."""
        self.command(self._const.SETREMAP, self._const.COMSCANINC)

    def aim(self, window: Window) -> None:
        columns, pages = (window.left, window.right), (window.top, window.bottom)
        self.command(self._const.COLUMNADDR, *columns, self._const.PAGEADDR, *pages)


class Ssd1309(Ssd1306, ssd1309):  # type: ignore[misc]
    """2.42 inch, the one that Barrow is drawn for: an SSD1306 without the charge pump."""

    name = "ssd1309"


class Sh1106(Glass, sh1106, Unhooked):  # type: ignore[misc]
    """1.3 inch. It fills one page from one column on, and knows no windows (SH1106 datasheet, commands 1, 2 and 11)."""

    name = "sh1106"

    @classmethod
    def raster_on(cls, toll: int) -> Raster:
        return Raster(cls.width, PAGES, 1, 3 + 2 * toll, False)

    def turn(self) -> None:
        """luma sets A1h and C8h, as above."""
        self.command(self._const.SETREMAP, self._const.COMSCANINC)

    def aim(self, window: Window) -> None:
        column = window.left + SH1106_OFFSET
        self.command(0xB0 | window.top, column & 0x0F, 0x10 | column >> 4)


class Ssd1322(Glass, ssd1322, Unhooked):  # type: ignore[misc]
    """2.8 to 5.5 inch, 256x64, 16 greys. A cell is four dots of one row, half a byte each (SSD1322 datasheet, table 8-13)."""

    name = "ssd1322"
    width = 256
    darkens = 0xA4  # every dot off; A6h at the end of luma's setting up ends it

    @classmethod
    def raster_on(cls, toll: int) -> Raster:
        return Raster(cls.width // 4, HEIGHT, 2, 7 + 6 * toll, True)

    @classmethod
    def packed(cls, pages: bytes) -> bytes:
        """Full light or none: two dots a byte, the left one in its upper half."""
        rows, width = [], cls.width
        for page in range(PAGES):
            line = pages[page * width : (page + 1) * width]
            for dot in DOT:
                lit = line.translate(dot)
                half = int.from_bytes(lit[0::2], "big") << 4 | int.from_bytes(lit[1::2], "big")
                rows.append(half.to_bytes(width // 2, "big"))
        return b"".join(rows)

    def turn(self) -> None:
        self.command(*SSD1322_TURNED)

    def aim(self, window: Window) -> None:
        self.command(0x15, window.left + SSD1322_OFFSET, window.right + SSD1322_OFFSET)
        self.command(0x75, window.top, window.bottom)
        self.command(0x5C)


CHIPS: dict[str, type[Glass]] = {chip.name: chip for chip in (Ssd1306, Ssd1309, Sh1106, Ssd1322)}
