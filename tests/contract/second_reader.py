"""ESC/POS read a second time, from Epson's reference for the TM-T88 series alone: it shares no code and no table with the
driver, nor with the virtual printer. No library reads what we send (FS &, GBK); this does, and knows nothing else.

It says what stands on the paper and where: rows with their letters' size, codes, cuts, and how long the paper is in dots."""

import re
from dataclasses import dataclass, field

import segno

# ESC t n of Epson's table; the names are Python's
TABLES = {0: "cp437", 2: "cp850", 14: "cp737", 17: "cp866", 18: "cp852", 19: "cp858"}
PITCH, LETTER = 30, 24  # dots: line spacing of 1/6 inch, height of font A
BLADE = 96

TOKEN = re.compile(
    rb"""
    (?P<init>\x1b@)              # initialize
  | \x1bE(?P<bold>[\x00\x01])    # emphasized, off or on
  | \x1ba(?P<align>[\x00-\x02])  # justification
  | \x1bt(?P<table>.)            # code table
  | \x1d!(?P<size>[\x00\x11])    # letters of one size, or of two
  | \x1bd(?P<lines>.)            # print and feed lines
  | \x1bJ(?P<dots>.)             # print and feed dots
  | (?P<kanji>\x1c&) | (?P<cancel>\x1c\.)
  | \x1dVB(?P<cut>.)             # feed to the blade, cut all but one point
  | \x1d\(k(?P<code>..)          # pL pH of a symbol's function
  | (?P<lf>\n)
  | (?P<text>[\x20-\x7e\x80-\xff])
    """,
    re.VERBOSE | re.DOTALL,
)


@dataclass
class Row:
    """One row of letters. left: columns of white before it, as it is justified. wide: columns that it takes."""

    text: str
    left: int
    wide: int
    bold: bool
    big: bool


@dataclass
class Page:
    """All that was printed. codes: text, dots a module, level."""

    rows: list[Row] = field(default_factory=list)
    codes: list[tuple[str, int, str]] = field(default_factory=list)
    cuts: int = 0
    dots: int = 0


class Reader:
    """One printer's worth of state. hanzi: a Chinese model, which starts in pairs."""

    def __init__(self, columns: int, hanzi: bool):
        self.columns = columns
        self.hanzi = hanzi
        self.page = Page()
        self.init(b"")

    def read(self, data: bytes) -> Page:
        """Raises ValueError at the first byte that the reference does not explain."""
        at = 0
        while at < len(data):
            token = TOKEN.match(data, at)
            if token is None:
                raise ValueError(f"byte {at}: {data[at : at + 4].hex(' ')}")
            at = token.end()
            kind = token.lastgroup or ""
            if kind == "code":
                size = int.from_bytes(token["code"], "little")
                self.code(data[at : at + size])
                at += size
            elif kind == "text" and self.pairs and token["text"] >= b"\x81":
                self.letter(data[at - 1 : at + 1].decode("gbk"), 2)
                at += 1
            else:
                getattr(self, kind)(token[kind])
        if self.row:
            raise ValueError("a row without an end")
        return self.page

    def init(self, _: bytes) -> None:
        self.pairs, self.codec, self.row, self.wide = self.hanzi, "cp437", "", 0
        self.is_bold = self.is_big = False
        self.side = 0
        self.symbol = {"dots": 3, "level": "L", "text": ""}

    def bold(self, n: bytes) -> None:
        self.is_bold = n == b"\1"

    def align(self, n: bytes) -> None:
        if self.row:
            raise ValueError("justification in the middle of a row, where it is ignored")
        self.side = n[0]

    def table(self, n: bytes) -> None:
        self.codec = TABLES[n[0]]

    def size(self, n: bytes) -> None:
        self.is_big = n == b"\x11"

    def lines(self, n: bytes) -> None:
        self.page.dots += n[0] * PITCH

    def dots(self, n: bytes) -> None:
        self.page.dots += n[0]

    def kanji(self, _: bytes) -> None:
        self.chinese(True)

    def cancel(self, _: bytes) -> None:
        self.chinese(False)

    def chinese(self, on: bool) -> None:
        if not self.hanzi:
            raise ValueError("FS, on a printer without Chinese")
        self.pairs = on

    def cut(self, n: bytes) -> None:
        self.page.cuts += 1
        self.page.dots += n[0] + BLADE

    def text(self, byte: bytes) -> None:
        self.letter(byte.decode(self.codec), 1)

    def letter(self, letter: str, wide: int) -> None:
        self.row += letter
        self.wide += wide * (2 if self.is_big else 1)
        if self.wide > self.columns:
            raise ValueError(f"{self.row!r} is wider than the paper")

    def lf(self, _: bytes) -> None:
        spare = self.columns - self.wide
        self.page.rows.append(Row(self.row, (0, spare // 2, spare)[self.side], self.wide, self.is_bold, self.is_big))
        self.page.dots += max(PITCH, 2 * LETTER if self.is_big and self.row else PITCH)
        self.row, self.wide = "", 0

    def code(self, said: bytes) -> None:
        """GS ( k: cn fn and what belongs to it; cn 49 is QR."""
        if said[:1] != b"1":
            raise ValueError("a symbol that is no QR")
        fn, body = said[1], said[2:]
        if fn == 67:
            self.symbol["dots"] = body[0]
        elif fn == 69:
            self.symbol["level"] = "LMQH"[body[0] - 48]
        elif fn == 80 and body[:1] == b"0":
            self.symbol["text"] = body[1:].decode()
        elif fn == 81 and body == b"0":
            text, dots, level = self.symbol["text"], self.symbol["dots"], self.symbol["level"]
            self.page.codes.append((text, dots, level))
            self.page.dots += dots * len(segno.make_qr(text, error=level, boost_error=False, mask=0).matrix)
        elif (fn, body) != (65, b"2\0"):
            raise ValueError(f"QR function {fn}")


def read(data: bytes, columns: int = 32, hanzi: bool = True) -> Page:
    """What a printer of so many columns makes of these bytes."""
    return Reader(columns, hanzi).read(data)
