"""ESC/POS, read strictly: what the virtual printer understands, written from Epson's command reference, and no more.

It shares no code with the driver. A command that is not in the tables is reported, never guessed: its two bytes are
dropped and what follows is printed, as a real printer would, so that nobody overlooks it."""

from dataclasses import dataclass

NUL, LF, DLE, ESC, FS, GS = 0x00, 0x0A, 0x10, 0x1B, 0x1C, 0x1D

ANY = tuple(range(256))
# command -> its name, and the values that its one byte may have (None: no byte follows)
COMMANDS: dict[bytes, tuple[str, tuple[int, ...] | None]] = {
    b"\x1b@": ("reset", None),
    b"\x1ba": ("align", (0, 1, 2, 48, 49, 50)),
    b"\x1bE": ("bold", ANY),  # only bit 0 counts
    b"\x1b!": ("mode", ANY),  # bit 3 bold, 4 double height, 5 double width; one-byte letters only
    b"\x1bd": ("feed_lines", ANY),
    b"\x1bJ": ("feed_dots", ANY),
    b"\x1bt": ("page", (0, 2, 14, 17, 18, 19)),
    b"\x1d!": ("size", tuple(w << 4 | h for w in range(8) for h in range(8))),
    b"\x1c&": ("chinese_on", None),
    b"\x1c.": ("chinese_off", None),
    b"\x10\x04": ("status", (1, 2, 3, 4)),  # answered when it arrived; nothing is left to do when its turn comes
}
PAGES = {0: "cp437", 2: "cp850", 14: "cp737", 17: "cp866", 18: "cp852", 19: "cp858"}
CUTS = {0: "full", 48: "full", 1: "part", 49: "part"}
FEED_CUTS = {65: "full", 66: "part"}  # GS V m n: feed to the cutter and n dots more
LONGEST = 2956  # bytes after pL pH of a QR code: 2,953 is what version 40 holds at level L
QR_LEVELS = {48: "L", 49: "M", 50: "Q", 51: "H"}


@dataclass(frozen=True)
class Command:
    """One act: `name` of the tables, "nothing", "char", "line", "cut", "qr", or "unknown" with the reason in `text`.

    value: its byte; for a letter its size in bytes, for a code its dots a module. level: of a QR code, L M Q or H."""

    name: str
    value: int = 0
    text: str = ""
    level: str = ""


class Decoder:
    """Bytes in, one command at a time out. Holds what decides how the next byte reads: code page, Chinese or not, QR.

    hanzi: there are Chinese characters in its ROM, and commands to get at them."""

    def __init__(self, hanzi: bool = True) -> None:
        self.hanzi = hanzi
        self.reset()

    def reset(self) -> None:
        """As after ESC @ or power on: Chinese printers start with Chinese on."""
        self.chinese = self.hanzi
        self.page = 0
        self.qr_dots = 3
        self.qr_level = "L"
        self.qr_text = b""
        self.swallow = 0  # bytes still to come of a command that is refused

    def next(self, buffer: bytearray) -> Command | None:
        """Take one whole command off the buffer's front; None while it is not all there."""
        swallowed = min(self.swallow, len(buffer))
        del buffer[:swallowed]
        self.swallow -= swallowed
        if not buffer:
            return None
        first = buffer[0]
        if first in (ESC, FS, GS, DLE):
            return self._command(buffer)
        if first in (LF, NUL):
            del buffer[0]
            return Command("line" if first == LF else "nothing")
        return self._letter(buffer)

    def _letter(self, buffer: bytearray) -> Command | None:
        first = buffer[0]
        size = 2 if self.chinese and first >= 0x81 else 1
        if len(buffer) < size:
            return None
        raw = bytes(buffer[:size])
        del buffer[:size]
        if first < 0x20 or first == 0x7F:
            return unknown(raw, "a control byte that is no command")
        try:
            return Command("char", value=size, text=raw.decode("gbk" if size == 2 else PAGES[self.page]))
        except UnicodeDecodeError:
            return unknown(raw, "no character of GBK")

    def _command(self, buffer: bytearray) -> Command | None:
        if len(buffer) < 2:
            return None
        head = bytes(buffer[:2])
        if head == b"\x1dV":
            return self._cut(buffer)
        if head == b"\x1d(":
            return self._code(buffer)
        if head not in COMMANDS or (head[0] == FS and not self.hanzi):
            del buffer[:2]
            return unknown(head, "not a command of this printer")
        name, values = COMMANDS[head]
        if values is None:
            del buffer[:2]
            return self._known(name, 0)
        if len(buffer) < 3:
            return None
        value = buffer[2]
        del buffer[:3]
        if value not in values:
            return unknown(head + bytes([value]), f"{name} has no {value}")
        return self._known(name, value)

    def _known(self, name: str, value: int) -> Command:
        if name == "reset":
            self.reset()
        elif name == "page":
            self.page = value
        elif name in ("chinese_on", "chinese_off"):
            self.chinese = name == "chinese_on"
        return Command(name, value)

    def _cut(self, buffer: bytearray) -> Command | None:
        """GS V m, GS V m n."""
        if len(buffer) < 3 or (buffer[2] in FEED_CUTS and len(buffer) < 4):
            return None
        m = buffer[2]
        if m in FEED_CUTS:
            dots = buffer[3]
            del buffer[:4]
            return Command("cut", dots, "feed")
        del buffer[:3]
        return Command("cut") if m in CUTS else unknown(b"\x1dV" + bytes([m]), "no such cut")

    def _code(self, buffer: bytearray) -> Command | None:
        """GS ( k pL pH cn fn …: a symbol of two dimensions; of these, QR (cn 49)."""
        if len(buffer) < 5:
            return None
        size = buffer[3] | buffer[4] << 8
        if size > LONGEST:
            head = bytes(buffer[:5])
            del buffer[:5]
            self.swallow = size
            return unknown(head, f"{size} bytes are more than a code takes")
        if len(buffer) < 5 + size:
            return None
        body = bytes(buffer[5 : 5 + size])
        whole = bytes(buffer[: 5 + size])
        kind = buffer[2]
        del buffer[: 5 + size]
        if kind != ord("k") or body[:1] != b"1" or len(body) < 3:
            return unknown(whole, "no QR command")
        return self._qr(body[1], body[2:], whole)

    def _qr(self, fn: int, data: bytes, whole: bytes) -> Command:
        if fn == 65 and data == b"2\x00":  # model 2, the only one in use
            return Command("qr_setting")
        if fn == 67 and len(data) == 1 and 1 <= data[0] <= 16:
            self.qr_dots = data[0]
            return Command("qr_setting")
        if fn == 69 and len(data) == 1 and data[0] in QR_LEVELS:
            self.qr_level = QR_LEVELS[data[0]]
            return Command("qr_setting")
        if fn == 80 and data[:1] == b"0" and len(data) >= 2:
            self.qr_text = data[1:]
            return Command("qr_setting")
        if fn == 81 and data == b"0" and self.qr_text:
            return Command("qr", self.qr_dots, self.qr_text.decode("utf-8", "replace"), self.qr_level)
        return unknown(whole, "no QR function, or a value out of its range")


def unknown(raw: bytes, reason: str) -> Command:
    """A refusal that names the bytes."""
    shown = raw[:16].hex(" ") + (" …" if len(raw) > 16 else "")
    return Command("unknown", text=f"{shown}: {reason}")
