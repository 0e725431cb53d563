"""Slip elements to ESC/POS bytes. python-escpos knows the commands; it is used as an encoder only, never as a port.

What we encode around it (python-escpos 3.1, measured):
  Chinese   its text() sends GB18030 raw, without FS &, and U+00A5 as four bytes that print as garbage. We send GBK
            between FS & and FS . ourselves, and the yen sign as U+FFE5.
  big       its double sizes are ESC !, which leaves Chinese characters small (Epson, ESC !, notes); GS ! enlarges both.
  cut       its cut() feeds six lines where there is no cutter; four reach the tear bar."""

import importlib
import json
import os
import pickle
import platform
import tempfile
import unicodedata
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from hal.ports.slip import CENTRE, Cut, Feed, Line, Qr, Rule
from hal.printer_model import Model
from hal.slip_layout import rows_of

Element = Line | Rule | Qr | Feed | Cut
Piece = tuple[bytes, int]  # what the head makes in one go, and the dots of paper that it takes

LINE_DOTS = 30  # ESC 2, the power-on line spacing: 1/6 inch at 203 dpi is 3.75 mm
LINE_WHITE = 6  # of these, below letters of 24 dots
TEAR_LINES = 4  # from the head to the tear bar of a 58 mm printer, 15 mm
CUTTER_DOTS = 96  # from the head to the blade, where there is one
BIG_WHITE = 8
QUIET_MODULES = 4  # white above and below a code (ISO/IEC 18004, 6.3.8)
CHINESE_ON, CHINESE_OFF = b"\x1c&", b"\x1c."
FEED_DOTS = b"\x1bJ"
PAGES = ("CP437", "CP858", "CP852", "CP737", "CP866")  # western, central European, Greek and Cyrillic letters of one column
CHINESE = "GBK"
# a minus and quotes that any page has (GBK would make them two columns wide), and a dot that GBK has as another
REPLACED = {"\u2212": "-", "\u2018": "'", "\u2019": "'", "\u30fb": "\u00b7"}
OF_GBK = {"\u00a5": "\uffe5", "\u20a9": "\uffe6"}  # the yen and won signs that it has
OF_LATIN = {chr(wide): chr(wide - 0xFEE0) for wide in range(0xFF01, 0xFF5F)} | {  # wide letters are narrow ones there
    "\uffe5": "\u00a5",
    "\uffe1": "\u00a3",
    "\uffe0": "\u00a2",
    "\u3000": " ",
    "\u3001": ",",
    "\u3002": ".",
}
SPACES = "\u00a0\u2009\u202f"
# what a code of each size holds at level M, as bytes and in QR's own letters (ISO/IEC 18004 table 7): modules a side, and
# dots a module; with those that fit, the code fits too on a printer that knows bytes alone
CODES = (
    (14, 20, 21, 8),
    (42, 61, 29, 8),
    (106, 154, 41, 6),
    (122, 178, 45, 4),
    (213, 311, 57, 5),
    (412, 600, 77, 4),
    (997, 1451, 117, 3),
)
QR_LETTERS = frozenset("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:")


class Encoder:
    """One printer's way of saying a block."""

    def __init__(self, model: Model):
        self._dummy = _library().Dummy
        self.model = model
        writer = self._dummy(profile=model.profile)
        self._codec = writer.magic.encoder
        self._pages = [page for page in PAGES if page in self._codec.codepages]
        self._replaced = REPLACED | (OF_GBK if model.chinese else OF_LATIN)
        self.page_of = lru_cache(maxsize=4096)(self._page_of)

    def block(self, elements: list[Element]) -> list[Piece]:
        """A block in pieces, each to be sent whole.

        A block stands alone: it begins with a reset, since the printer may have lost its power before it."""
        return _Block(self, self._dummy(profile=self.model.profile)).encode(elements)

    def clean(self, text: str) -> str:
        """The text in characters that the printer has: no control, no half of a pair, "?" for what it cannot print."""
        kept = []
        for c in unicodedata.normalize("NFC", text):
            c = " " if c in SPACES else self._replaced.get(c, c)
            kind = unicodedata.category(c)
            if kind in ("Cc", "Zl", "Zp"):
                kept.append(" ")
            elif self.page_of(c):
                kept.append(c)
            elif kind not in ("Cf", "Mn", "Me"):  # joiners, direction marks and accents without a letter leave nothing
                kept.append("?")
        return "".join(kept)

    def has(self, page: str, c: str) -> bool:
        """A code page has this letter."""
        return bool(page) and bool(self._codec.can_encode(page, c))

    def _page_of(self, c: str) -> str:
        """Where a character is found: "ascii", one of PAGES, GBK, or "" when the printer does not have it."""
        if " " <= c <= "~":
            return "ascii"
        if unicodedata.category(c)[0] == "C":
            return ""
        for page in self._pages:
            if self.has(page, c):
                return page
        try:
            return CHINESE if self.model.chinese and len(c.encode("gbk")) == 2 else ""
        except UnicodeEncodeError:
            return ""

    def width(self, c: str) -> int:
        """Columns on paper."""
        return 2 if self.page_of(c) == CHINESE else 1


class _Block:
    """The state of one block while it is written: what the printer has been told so far."""

    def __init__(self, encoder: Encoder, writer: Any):
        self.encoder = encoder
        self.model = encoder.model
        self.out = writer
        self.pieces: list[Piece] = []
        self.chinese = False
        self.style = (False, False, False)  # bold, big, centred, as ESC @ leaves them

    def encode(self, elements: list[Element]) -> list[Piece]:
        self.out.hw("INIT")
        if self.model.chinese:
            self.out._raw(CHINESE_OFF)  # such printers wake up with it on, and would eat Latin letters in pairs
        for element, after in zip(elements, [*elements[1:], None], strict=True):
            if isinstance(element, Line):
                self.line(element)
            elif isinstance(element, Rule):
                self.rule()
            elif isinstance(element, Qr):
                self.qr(element.text, isinstance(after, Cut))
            elif isinstance(element, Feed):
                self.feed(element.lines)
            else:
                self.cut()
        self.latin()
        self.piece(0)
        return self.pieces

    def piece(self, dots: int) -> None:
        """What has been written since the last one is a piece."""
        data: bytes = self.out.output
        self.out.clear()
        if data:
            self.pieces.append((data, dots))

    def line(self, line: Line) -> None:
        centred = line.align == CENTRE and not line.right
        self.set(line.bold, line.big, centred)
        clean = self.encoder.clean
        for row in rows_of(clean(line.left), clean(line.right), self.model.columns // (2 if line.big else 1), self.encoder.width):
            self.text(row)
            self.out._raw(b"\n")
            if line.big:  # letters of 48 dots leave no white below them by themselves
                self.out._raw(FEED_DOTS + bytes([BIG_WHITE]))
            self.piece(48 + BIG_WHITE if line.big else LINE_DOTS)

    def rule(self) -> None:
        self.set(False, False, False)
        self.text(("─" if self.encoder.page_of("─") not in ("", CHINESE) else "-") * self.model.columns)
        self.out._raw(b"\n")
        self.piece(LINE_DOTS)

    def qr(self, text: str, last: bool) -> None:
        """A code at level M, as big as fits; nothing for a text that no code of this head can hold.

        last: what follows is fed so far that there is white enough below."""
        text = "".join(c for c in text if unicodedata.category(c)[0] != "C")
        size, letters = len(text.encode()), QR_LETTERS.issuperset(text)
        fitting = [(modules, dots) for room, more, modules, dots in CODES if size <= (more if letters else room)]
        if not fitting or not text:
            return
        modules, dots = fitting[0]
        above = QUIET_MODULES * dots - LINE_WHITE
        below = 0 if last else QUIET_MODULES * dots
        self.set(False, False, True)
        self.out._raw(FEED_DOTS + bytes([above]))
        self.out.qr(text, ec=1, size=dots, native=True)
        if below:
            self.out._raw(FEED_DOTS + bytes([below]))
        self.piece(modules * dots + above + below)

    def feed(self, lines: int) -> None:
        lines = max(0, min(lines, 255))
        if lines:
            self.out.print_and_feed(lines)
            self.piece(lines * LINE_DOTS)

    def cut(self) -> None:
        if self.model.cutter:
            self.out.cut(feed=False)  # GS V 66 0: the printer feeds to its cutter by itself
            self.piece(CUTTER_DOTS)
        else:
            self.feed(TEAR_LINES)

    def set(self, bold: bool, big: bool, centred: bool) -> None:
        """Tell the printer what differs. ESC a counts only at the start of a line, where every element leaves us."""
        if bold != self.style[0]:
            self.out.set(bold=bold)
        if big != self.style[1]:
            size = 2 if big else 1
            self.out.set(custom_size=True, width=size, height=size)
        if centred != self.style[2]:
            self.out.set(align="center" if centred else "left")
        self.style = (bold, big, centred)

    def text(self, row: str) -> None:
        """One row, already clean: ASCII on whatever page stands, Latin letters by code page, Chinese by GBK."""
        for c in row:
            page = self.encoder.page_of(c)
            if page == "ascii":
                self.out._raw(c.encode("ascii"))
            elif page == CHINESE:
                if not self.chinese:
                    self.out._raw(CHINESE_ON)
                    self.chinese = True
                self.out._raw(c.encode("gbk"))
            else:
                self.latin()
                if not self.encoder.has(self.out.magic.encoding, c):
                    self.out.charcode(page)
                self.out.text(c)

    def latin(self) -> None:
        if self.chinese:
            self.out._raw(CHINESE_OFF)
            self.chinese = False


def _library() -> Any:
    """python-escpos, imported when the first slip needs it: it costs a quarter of a second, most of it for parsing its
    printer table as YAML. The table is JSON: we read it as that and leave it where the library looks for its cache.
    That is a folder of our own, gone when the import is done; the library would leave one behind at every start."""
    before = tempfile.tempdir
    with tempfile.TemporaryDirectory() as folder:
        cache = Path(folder, f"{platform.python_version()}.capabilities.pickle")
        cache.write_bytes(pickle.dumps(json.loads(files("escpos").joinpath("capabilities.json").read_bytes())))
        os.environ["ESCPOS_CAPABILITIES_PICKLE_DIR"] = tempfile.tempdir = folder
        try:
            return importlib.import_module("escpos.printer")
        finally:
            del os.environ["ESCPOS_CAPABILITIES_PICKLE_DIR"]
            tempfile.tempdir = before
