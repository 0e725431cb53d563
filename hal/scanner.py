"""The barcode scanner: a keyboard that types a code and Enter, faster than hands can.

What ends a code is Enter or Tab. A pause of more than GAP_MS means that its beginning was something else: it is dropped.
Only printable characters come through, at most SCAN_MAX of them; an AIM symbology prefix (ISO/IEC 15424) is taken off."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from hal.events import DOWN, Ear, Event, Source, stamp_ms
from hal.ports.board import Clock, Log, Scanner
from hal.ports.keys import SCAN_MAX, Scan
from hal.us_layout import COMMANDS, ENDS, PLAIN, SHIFTED, SHIFTS

if TYPE_CHECKING:
    from hal.ports.board import Input

GAP_MS = 100  # a scanner types a character every 1 to 20 ms
BOUNCE_MS = 400  # the same code sooner is the same pull of the trigger
AIM = re.compile(r"\][A-Za-z][0-9A-Za-z]")


class HidScanner(Scanner):
    """A scanner in its factory setting: USB HID keyboard, US layout, suffix Enter or Tab."""

    def __init__(self, source: Source, clock: Clock, log: Log) -> None:
        self._clock = clock
        self._log = log
        self._ear = Ear(source, log, self._hear, self._drop)
        self._held: set[int] = set()  # Shift, Ctrl, Alt, Meta
        self._typed: list[str] = []
        self._stamp = self._heard_ms = 0
        self._last: tuple[str, int] = ("", 0)
        self._drop()

    def start(self, post: "Callable[[Input], None]") -> None:
        self._post = post
        self._ear.start()

    def stop(self) -> None:
        """Hear nothing more."""
        self._ear.stop()
        self._drop()

    def _drop(self) -> None:
        """Forget the half, and any Shift whose end was never heard."""
        self._typed = []
        self._held.clear()

    def _hear(self, event: Event) -> None:
        if self._paused(event):
            self._drop()
        if event.code in SHIFTS or event.code in COMMANDS:
            (self._held.add if event.value == DOWN else self._held.discard)(event.code)
        elif event.value != DOWN or self._held.intersection(COMMANDS):
            return
        elif event.code in ENDS:
            self._end()
        else:
            layout = SHIFTED if self._held else PLAIN
            self._type(layout.get(event.code, ""))

    def _paused(self, event: Event) -> bool:
        """By the device's stamps and by our clock, the shorter: a stall of the loop is no pause, nor is a clock that is set."""
        stamp, now = stamp_ms(event), self._clock.now_ms()
        pause = min(abs(stamp - self._stamp), now - self._heard_ms)
        self._stamp, self._heard_ms = stamp, now
        return pause > GAP_MS

    def _type(self, char: str) -> None:
        if char and len(self._typed) < SCAN_MAX + 3:  # 3: an AIM prefix comes off later
            self._typed.append(char)

    def _end(self) -> None:
        typed, self._typed = "".join(self._typed), []
        prefix = AIM.match(typed)
        text = (typed[prefix.end() :] if prefix else typed)[:SCAN_MAX]
        now = self._clock.now_ms()
        if not text or (text == self._last[0] and now - self._last[1] < BOUNCE_MS):
            return
        self._last = (text, now)
        self._post(Scan(text, now))
