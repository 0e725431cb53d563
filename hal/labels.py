"""What scanners of every kind have in common: from characters as they come to labels as they are meant.

The frame that a scanner was set to put around a code is taken off, and so is its AIM identifier (ISO/IEC 15424), which says
what kind of code it was: an EAN whose check digit is wrong was misread, and of a GS1 code we want the item's number (GTIN).
Only printable characters come through, at most SCAN_MAX of them."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from hal.ports.board import Clock, Log
from hal.ports.keys import SCAN_MAX, Scan

if TYPE_CHECKING:
    from hal.ports.board import Input

GAP_MS = 100  # a scanner sends a character every 1 to 20 ms
BOUNCE_MS = 400  # the same code sooner is the same pull of the trigger
ADDED_MAX = 3 + 2 * 8  # what may stand around a code: an AIM identifier, a prefix and a suffix
AIM = re.compile(r"\]([A-Za-z])([0-9A-Za-z])")
GS1 = ("C1", "e0", "e1", "e2", "d2", "Q3", "J1")  # GS1-128, DataBar, composites, DataMatrix, QR, DotCode
ADD_ON = {"E3": 13}  # an EAN-13 with the two or five digits that magazines add: its own length
ITEM = re.compile("01([0-9]{14})")  # GS1 General Specifications 3.3.2


class Style(NamedTuple):
    """As the scanner is set up: the keyboard it plays, what it puts before and behind each code, and whether silence ends a
    code (else Enter or Tab does, and silence drops it)."""

    layout: str = "us"
    prefix: str = ""
    suffix: str = ""
    pause_ends: bool = False


class Labels:
    """Collects characters; posts a Scan for each label."""

    def __init__(self, style: Style, clock: Clock, log: Log) -> None:
        self._style = style
        self._clock = clock
        self._log = log
        self._typed: list[str] = []
        self._last: tuple[str, int] = ("", 0)

    def start(self, post: "Callable[[Input], None]") -> None:
        self._post = post

    def drop(self) -> None:
        """Forget the half."""
        self._typed = []

    def put(self, char: str) -> None:
        """One character, or none. What is not printable is left out."""
        if char.isprintable() and len(self._typed) < SCAN_MAX + ADDED_MAX:
            self._typed.append(char)

    def end(self) -> None:
        """The code is whole."""
        typed, self._typed = "".join(self._typed), []
        text = self._meaning(self._inside(typed))[:SCAN_MAX]
        now = self._clock.now_ms()
        if not text or (text == self._last[0] and now - self._last[1] < BOUNCE_MS):
            return
        self._last = (text, now)
        self._post(Scan(text, now))

    def _inside(self, typed: str) -> str:
        """Without its frame. A code whose frame is not there has lost an end, and is none."""
        before, behind = self._style.prefix, self._style.suffix
        whole = typed.startswith(before) and typed.endswith(behind) and len(typed) >= len(before) + len(behind)
        if not whole:
            self._log.say("key", "a scan without the scanner's prefix or suffix was dropped")
            return ""
        return typed[len(before) : len(typed) - len(behind)]

    def _meaning(self, text: str) -> str:
        aim = AIM.match(text)
        if aim is None:
            return text
        kind, text = aim[1] + aim[2], text[aim.end() :]
        if kind[0] == "E":
            text = text[: ADD_ON.get(kind, len(text))]
            if not check_digit_ok(text):
                self._log.say("key", "a misread EAN was dropped: its check digit is wrong")
                return ""
        item = ITEM.match(text) if kind in GS1 else None
        # a GTIN of fourteen digits that begins with 0 is an EAN-13, which catalogues have
        return item[1].removeprefix("0") if item else text


def check_digit_ok(text: str) -> bool:
    """GS1 General Specifications 7.9: EAN-13, EAN-8, UPC-A. What is no such number (an add-on, UPC-E) has none to be wrong."""
    if len(text) not in (8, 12, 13) or not text.isdecimal():
        return True
    digits = [int(digit) for digit in reversed(text)]
    return (sum(digits[0::2]) + 3 * sum(digits[1::2])) % 10 == 0
