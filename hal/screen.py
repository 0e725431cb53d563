"""The panel, driven through luma.oled's own device, sending only what changed.

Substitute the wire, not the driver: hal/panels_wire.py takes any bus, so the bench and a Pi run these lines.
One screen of 1,034 bytes takes 23 ms at 400 kHz; a digit takes about one."""

import asyncio
from collections.abc import Callable

from luma.core.error import Error as LumaError

from hal.draw.glyphs import Glyphs
from hal.draw.render import render
from hal.panels import Glass, Ssd1309
from hal.panels_wire import I2c, Spi
from hal.ports.board import Log, Screen
from hal.ports.frame import Frame
from hal.qr import modules
from hal.windows import Window, changed
from hal.worker import Worker

ASK_S = 1.0  # nobody puts a plug back faster; a digit typed in between need not ask
AGAIN_S = 10.0  # so often at most, as another screen comes, is a panel set up again that cannot be asked


class Panel(Screen):
    """frame: the last Frame shown. chip: a class of hal/panels.py. strict: text that does not fit raises, as tests want it;
    else it is clipped and logged."""

    def __init__(
        self,
        serial: I2c | Spi,
        glyphs: Glyphs,
        log: Log,
        worker: Worker,
        strict: bool = False,
        upside_down: bool = False,
        chip: type[Glass] = Ssd1309,
    ) -> None:
        self.frame: Frame | None = None
        self._serial = serial
        self._glyphs = glyphs
        self._log = log
        self._worker = worker
        self._strict = strict
        self._upside_down = upside_down
        self._chip = chip
        self._raster = chip.raster_on(serial.toll)
        self._glass: Glass | None = None  # None: not set up yet, or lost
        self._held: bytes | None = None  # what the panel shows; None: unknown until every byte of a whole picture went through
        self._sent_at = self._set_up_at = 0.0  # of the loop's clock
        self._again = False  # the next picture goes with everything that sets the chip up
        self._missed = False
        self._turn = asyncio.Lock()  # two tasks may show; the bus takes one picture at a time

    async def show(self, frame: Frame) -> None:
        async with self._turn:
            picture = self._draw(frame)
            another = self.frame is None or self.frame.id != frame.id
            self.frame = frame
            now = asyncio.get_running_loop().time()
            windows = self._windows(picture, now, another)
            if not windows:
                return
            ask = self._held is not None and self._glass is not None and self._glass.can_be_asked
            ask = ask and now - self._sent_at >= ASK_S
            self._held = None
            if ask or self._raster.cost(windows) > self._serial.hold:
                await self._worker.run(self._update, picture, windows, now, ask)  # one job: each wakes the loop when it is done
            else:
                self._update(picture, windows, now, ask)

    def off(self) -> None:
        """Dark, when the program ends: a picture that nobody drives would be a lie."""
        if self._glass is not None:
            self._attempt(self._glass.hide)  # type: ignore[attr-defined]  # luma's
        self._glass = self._held = None

    def _draw(self, frame: Frame) -> bytes:
        report: list[str] = []
        code, width = self._code(frame, report), self._chip.width
        pages = bytes(render(frame, self._glyphs, self._strict, report, code, width))
        for line in report:
            self._log.say("ui", f"{frame.id}: {line}")
        return self._chip.packed(pages)

    def _code(self, frame: Frame, report: list[str]) -> list[bytes] | None:
        try:
            return modules(frame.qr) if frame.qr else None
        except ValueError as fault:  # longer than any code holds
            if self._strict:
                raise
            report.append(f"no QR: {fault}")
            return None

    def _windows(self, picture: bytes, now: float, another: bool) -> list[Window]:
        """What to send. A panel may have lost its power for a moment, and take the next bytes all the same, in the dark: the
        one that can be asked is asked first; the other is set up again now and then, where another screen is drawn anyway."""
        glass, whole = self._glass, self._raster.whole()
        if self._held is None or glass is None:
            return whole
        windows = changed(self._raster, self._held, picture)
        if windows and not glass.can_be_asked and now - self._set_up_at >= AGAIN_S and another:
            self._again = True
            return whole
        return windows

    def _update(self, picture: bytes, windows: list[Window], now: float, ask: bool) -> None:
        if ask and self._serial.lit() is False:
            self._log.say("ui", "panel went dark: set up anew")
            self._glass = None
        if self._attempt(lambda: self._send(picture, windows, now)):
            self._held = picture
            self._sent_at = now

    def _send(self, picture: bytes, windows: list[Window], now: float) -> None:
        again, self._again = self._again, False
        if self._glass is None or again:
            self._set_up_at = now
        if self._glass is None:
            self._glass = self._chip(self._serial, picture, self._upside_down)
        elif again:
            self._glass.again(picture)
        else:
            self._glass.send(picture, windows)

    def _attempt(self, work: Callable[[], None]) -> bool:
        """A wire that fails is logged once, until it is back; the panel is set up anew and drawn whole at the next show."""
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
