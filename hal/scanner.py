"""The barcode scanners: a keyboard that types a code and Enter faster than hands can, and one that sends it by a serial line.

What ends a code is Enter or Tab (CR, LF or Tab). A pause of more than GAP_MS means that its beginning was something else: it
is dropped. What a code means is hal/labels.py's."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from hal.absent import SOON_S, pause_s
from hal.events import DOWN, Ear, Event, Source, stamp_ms
from hal.labels import GAP_MS, Labels, Style
from hal.layouts import ALT, ALT_GR, COMMANDS, CTRL, ENDS, LAYOUTS, SHIFTS, SPACE
from hal.ports.board import Clock, Log, Scanner
from hal.serial_port import Port

if TYPE_CHECKING:
    from hal.ports.board import Input

READ = 256
WAIT_MS = 3_600_000  # a port that is silent is waited on for this long, and then again
ENDINGS = "\r\n\t"


class HidScanner(Scanner):
    """A scanner that is a USB HID keyboard."""

    def __init__(self, source: Source, clock: Clock, log: Log, style: Style | None = None) -> None:
        style = style or Style()
        self._clock = clock
        self._layout = LAYOUTS[style.layout]
        self._labels = Labels(style, clock, log)
        self._pause_ends = style.pause_ends
        self._silence: asyncio.TimerHandle | None = None
        self._ear = Ear(source, log, self._hear, self._drop)
        self._held: set[int] = set()  # Shift, Ctrl, Alt, Meta
        self._dead = False  # the last character waits for a space that is none
        self._stamp = self._heard_ms = 0

    def start(self, post: "Callable[[Input], None]") -> None:
        self._labels.start(post)
        self._ear.start()

    def stop(self) -> None:
        """Hear nothing more."""
        self._ear.stop()
        self._drop()

    def _drop(self) -> None:
        """Forget the half, and any Shift whose end was never heard."""
        self._still()
        self._labels.drop()
        self._held.clear()
        self._dead = False

    def _hear(self, event: Event) -> None:
        if self._paused(event):
            self._drop()
        if event.code in SHIFTS or event.code in COMMANDS:
            (self._held.add if event.value == DOWN else self._held.discard)(event.code)
        elif event.value == DOWN and event.code in ENDS and not self._held.intersection(COMMANDS):
            self._end()
        elif event.value == DOWN:
            self._type(event.code, self._table().get(event.code, ""))

    def _table(self) -> dict[int, str]:
        """What the keys mean with those that are held."""
        if ALT_GR in self._held or self._held >= {CTRL, ALT}:
            return self._layout.alt_gr
        if self._held.intersection(COMMANDS):
            return {}
        return self._layout.shifted if self._held else self._layout.plain

    def _type(self, code: int, char: str) -> None:
        if not (self._dead and code == SPACE):
            self._labels.put(char)
        self._dead = bool(char) and char in self._layout.dead
        self._still()
        if self._pause_ends:
            self._silence = asyncio.get_running_loop().call_later(GAP_MS / 1000, self._end)

    def _end(self) -> None:
        self._still()
        self._dead = False
        self._labels.end()

    def _still(self) -> None:
        if self._silence is not None:
            self._silence.cancel()
            self._silence = None

    def _paused(self, event: Event) -> bool:
        """By the device's stamps and by our clock, the shorter: a stall of the loop is no pause, nor is a clock that is set."""
        stamp, now = stamp_ms(event), self._clock.now_ms()
        pause = min(abs(stamp - self._stamp), now - self._heard_ms)
        self._stamp, self._heard_ms = stamp, now
        return pause > GAP_MS


class SerialScanner(Scanner):
    """A scanner at a serial port, or at a USB port that looks like one (CDC).

    It sends UTF-8, or Latin-1 where that does not fit. plugged: returns when something was plugged in since the last time."""

    def __init__(
        self,
        port: Port,
        name: str,
        clock: Clock,
        log: Log,
        style: Style | None = None,
        plugged: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        style = style or Style()
        self._plugged = plugged
        self._port = port
        self._name = name
        self._log = log
        self._labels = Labels(style, clock, log)
        self._pause_ends = style.pause_ends
        self._held = b""
        self._listening: asyncio.Task[None] | None = None
        self._missing = False
        self._since: float | None = None  # in the loop's time, it has been open; None: it is not
        self._tries = 0  # to find it, or to keep it

    def start(self, post: "Callable[[Input], None]") -> None:
        self._labels.start(post)
        self._listening = asyncio.create_task(self._listen())

    def stop(self) -> None:
        """Hear nothing more."""
        if self._listening is not None:
            self._listening.cancel()
        self._port.close()

    async def _listen(self) -> None:
        while True:
            try:
                self._port.open()
                self._found()
                self._hear(await self._port.read(READ, GAP_MS if self._held else WAIT_MS))
            except OSError as fault:
                self._lost(fault)
                await self._pause()

    def _found(self) -> None:
        if self._since is None:
            self._since = asyncio.get_running_loop().time()
            if self._missing:
                self._log.say("key", f"{self._name} is back")
            self._missing = False

    def _lost(self, fault: OSError) -> None:
        self._held = b""
        if self._since is not None and asyncio.get_running_loop().time() - self._since > SOON_S:
            self._tries = 0  # a port that falls at once, again and again, is no port
        self._since = None
        if not self._missing:
            self._log.say("key", f"{self._name} is not there: {fault}")
        self._missing = True

    async def _pause(self) -> None:
        """Before it is looked for again: a second, later a minute; news of a plug ends that, and begins anew."""
        pause = pause_s(self._tries)
        self._tries += 1
        if self._plugged is None or pause == SOON_S:
            await asyncio.sleep(pause)
            return
        with contextlib.suppress(asyncio.TimeoutError):
            async with asyncio.timeout(pause):
                await self._plugged()
                self._tries = 0

    def _hear(self, data: bytes) -> None:
        """What came, or nothing: a pause."""
        if not data:
            if self._pause_ends:
                self._label(self._held)
            self._held = b""
            return
        for byte in data:
            if chr(byte) in ENDINGS:
                self._label(self._held)
                self._held = b""
            elif len(self._held) < READ * 4:
                self._held += bytes([byte])

    def _label(self, held: bytes) -> None:
        try:
            text = held.decode("utf-8")
        except UnicodeDecodeError:
            text = held.decode("latin-1")
        for char in text:
            self._labels.put(char)
        self._labels.end()
