"""The thermal printer behind a serial wire: text in the printer's own letters, and its status asked by us.

Status: DLE EOT n (Epson ESC/POS, real-time status), asked one by one because the answers do not say which they are."""

import asyncio
from collections.abc import Callable

from hal.escpos_encoder import LINE_DOTS, Element, Encoder, Piece
from hal.ports.board import Log, Printer
from hal.ports.faults import PrinterGone
from hal.printer_model import DOTS_A_MM, Model
from hal.printer_pace import Pace
from hal.serial_port import Port, PortGone, PortStalled
from hal.worker import Worker

ANSWER_MS = 300  # cheap printers never answer, or only while idle: silence is UNKNOWN
AGAIN_MS = 100  # of one that was silent the last time: no slip should wait much for what will not come
ASK_MS = 100  # a few bytes, which any living port takes at once
STALL_MS = 5000  # plus 10 ms a byte, the time that the slowest head needs for it
SETTLE_S = 0.01

PAPER, GENERAL, OFFLINE = 4, 1, 2  # n of DLE EOT
NEAR_END_BITS, OUT_BITS = 0x0C, 0x60  # n=4
OFFLINE_BIT = 0x08  # n=1
COVER_BIT = 0x04  # n=2
PLAIN = Model()


class EscposPrinter(Printer):
    """One ESC/POS printer.

    worker: its own, so that keys are not kept waiting: there the encoder is loaded, by the first question or slip, and trouble
    asked, about a printer that does not answer itself, for OUT, ERROR or UNKNOWN."""

    def __init__(
        self, port: Port, log: Log, worker: Worker, model: Model = PLAIN, trouble: Callable[[], str] = lambda: Printer.UNKNOWN
    ):
        self.columns = model.columns
        self._port = port
        self._log = log
        self._worker = worker
        self._model = model
        self._trouble = trouble
        self._encoder: Encoder | None = None
        self._owed = b""  # sent before anything else: the end of a block that the printer did not take, or what fills one up
        self._longest = 0  # bytes of the longest piece so far
        self._busy = asyncio.Lock()
        self._last = Printer.UNKNOWN
        self._silent = False

    async def status(self) -> str:
        """Ask it now. While a block is under way the word of the last asking stands: a wire answers one at a time."""
        if not self._busy.locked():
            async with self._busy:
                word = await self._ask_all()
            if word != self._last:
                self._log.say("prn", f"status {word}")
            self._last = word
            await self._load()
        return self._last

    async def print(self, block: list[Element]) -> None:
        """Send a block; returns when the head should be through with it, so that a status asked now is about it.

        A cable that was pulled meanwhile may have taken the end of the block, though it had been sent: PrinterGone."""
        async with self._busy:
            pieces = (await self._load()).block(block)
            self._longest = max(self._longest, *(len(data) for data, _ in pieces))
            done = await (self._paced(pieces) if self._model.paced else self._at_once(pieces))
            self._log.say("prn", f"{sum(len(data) for data, _ in pieces)} bytes, {sum(d for _, d in pieces) // DOTS_A_MM} mm")
            left_s = done - asyncio.get_running_loop().time()
            await asyncio.sleep(max(LINE_DOTS / self._model.dots_per_s, left_s) + SETTLE_S)
            try:
                self._port.check()
            except PortGone as e:
                raise self._gone(e) from e

    async def _at_once(self, pieces: list[Piece]) -> float:
        """Send a block as fast as the wire takes it. Returns when the head will be through, in the loop's time."""
        data = b"".join(data for data, _ in pieces)
        # the head starts when its first line is there, and is never through before it has had the last one
        done = asyncio.get_running_loop().time() + self._port.wire_s(data.find(b"\n") + 1)
        done += sum(dots for _, dots in pieces) / self._model.dots_per_s
        await self._send(data, STALL_MS + 10 * (len(self._owed) + len(data)))
        return done

    async def _paced(self, pieces: list[Piece]) -> float:
        """The same for a printer that drops what its buffer has no room for: never much more than the head has taken."""
        loop, pace = asyncio.get_running_loop(), Pace(self._model.dots_per_s)
        for data, dots in pieces:
            await asyncio.sleep(pace.wait_s(len(data), loop.time()))
            await self._send(data, STALL_MS + 10 * (len(self._owed) + len(data)))
            pace.sent(len(data), dots, loop.time())
        return pace.free_at

    async def _load(self) -> Encoder:
        if self._encoder is None:
            self._encoder = await self._worker.run(Encoder, self._model)
        return self._encoder

    async def _send(self, data: bytes, timeout_ms: int) -> None:
        """Send what is owed from before, then data. Of data that was begun the rest is owed, lest a command be cut in two; of
        other data nothing is: who sends it sends it again, and each try would come out once more."""
        owed, self._owed = self._owed, b""
        try:
            await self._port.write(owed + data, timeout_ms)
        except PortStalled as e:
            self._owed = (owed + data if e.sent > len(owed) else owed)[e.sent :]
            raise PrinterGone(f"printer: {e}") from e
        except PortGone as e:
            raise self._gone(e) from e

    def _gone(self, fault: PortGone) -> PrinterGone:
        """Of a command cut in two the printer waits for the rest, and would take the next slip for it: it gets NULs instead,
        which it passes over anywhere else.

        So told for Brother's label printers (Raster Command Reference, "Invalidate"); emupos, which others wrote from Epson's
        reference, does the same (tests/contract/test_printer_by_others.py). A receipt printer itself was not asked."""
        self._owed = bytes(self._longest)
        return PrinterGone(f"printer: {fault}")

    async def _ask_all(self) -> str:
        """Paper first, which more printers answer than anything else; the cause only when there is something to explain."""
        try:
            await self._send(b"", ASK_MS)
            deadline = asyncio.get_running_loop().time() + (AGAIN_MS if self._silent else ANSWER_MS) / 1000
            paper = await self._ask(PAPER, deadline)
            self._silent = paper is None
            if paper is None:
                return await self._worker.run(self._trouble)
            general = await self._ask(GENERAL, deadline) or 0
            offline = general & OFFLINE_BIT
            out = paper & OUT_BITS
            if (offline or out) and (await self._ask(OFFLINE, deadline) or 0) & COVER_BIT:
                return Printer.COVER
        except PortGone as e:
            return await self._no_status(self._gone(e))
        except PrinterGone as e:
            return await self._no_status(e)
        if out:
            return Printer.OUT
        if offline:
            return Printer.ERROR
        return Printer.NEAR_END if paper & NEAR_END_BITS else Printer.OK

    async def _no_status(self, fault: PrinterGone) -> str:
        if self._last != Printer.UNKNOWN:
            self._log.say("prn", f"no status: {fault}")
        return await self._worker.run(self._trouble)

    async def _ask(self, n: int, deadline: float) -> int | None:
        """The answer to DLE EOT n, or None in silence. Bytes that are no answer (flow control, noise) are passed over."""
        loop = asyncio.get_running_loop()
        self._port.drain_input()
        await self._send(bytes((0x10, 0x04, n)), ASK_MS)
        while (left_ms := int((deadline - loop.time()) * 1000)) > 0:
            for byte in await self._port.read(16, left_ms):
                if byte & 0x93 == 0x12:  # bits 1 and 4 are set, 0 and 7 are not, in every real-time status
                    return byte
        return None
