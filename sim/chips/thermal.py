"""The virtual thermal printer: bytes come in by a wire, paper goes out, at the pace of the real thing.

  wire    9600 or 115200 baud where a pace is asked for; DLE EOT n is answered as it arrives, even while printing
  buffer  4 KiB; what happens when it is full is a matter of `flow`
    rtscts   nothing more is taken off the wire, not even a question, and who writes has to wait
    xonxoff  XOFF is sent while it is nearly full, XON when there is room again; who does not heed it loses bytes
    paced    nothing is said, and what does not fit is lost
  usb     as rtscts and of no baud: the host controller keeps what there is no room for, and a pulled cable takes it
  head    50 mm/s at 8 dots a mm: a text line of 30 dots takes 75 ms

When the paper ends, the cover opens or the head is hot, the head stops and the buffer waits, as in an Epson. Many cheap
printers forget their buffer instead: keeps=False."""

import asyncio
import socket
from collections.abc import Callable

from sim.chips.escpos import Decoder
from sim.chips.head import Head, Rows
from sim.chips.paper import HEADS, Carriage
from sim.chips.roll import Roll, Torn
from sim.chips.uart import BITS_A_BYTE, Uart, Wire

BUFFER = 4096
DOTS_A_MM = 8
PAPER = ("ok", "near_end", "out")
XON, XOFF = b"\x11", b"\x13"
FIXED = 0x12  # bits 1 and 4 stand in every real-time status


class Thermal:
    """A printer, switched on. baud 0: bytes cost no time on the wire. letters: "gbk" or "latin".

    Knobs: paper, cover (True is open), hot, silent (True: no answers), left_mm (the roll ends by itself; None: never).
    To read: text(), slips, image(), metres, errors (commands refused), received (bytes), wire_s, held (bytes waiting),
    dropped (bytes that did not fit).
    host: the till's end of the wire, unless a wire was given."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        wire: Wire | None = None,
        baud: int = 0,
        mm_per_s: int = 50,
        keeps: bool = True,
        width_mm: int = 58,
        letters: str = "gbk",
        flow: str = "rtscts",
        size: int = BUFFER,
    ):
        self.loop = loop
        self.keeps = keeps
        self.dots = HEADS[width_mm]
        self.letters = letters
        self.flow = flow
        self.size = size
        self.dropped = 0
        self.silent = False
        self.left_mm: float | None = None
        self.errors: list[str] = []
        self.complain: Callable[[str], None] = self.errors.append
        self._paper, self._cover, self._hot, self._powered = "ok", False, False, True
        self.roll = Roll(self.dots)
        self.head = Head(loop, self.roll, 1 / (mm_per_s * DOTS_A_MM), lambda: not self._stopped(), self._work)
        self.head.watchers.append(self._used)
        self.uart = Uart(loop, baud, self._arrived, self._room)
        self._reset()
        self.uart.plug(wire)

    # -- what a hand can do

    @property
    def paper(self) -> str:
        """ "ok", "near_end" or "out"."""
        return self._paper

    @paper.setter
    def paper(self, word: str) -> None:
        if word not in PAPER:
            raise ValueError(f"paper is one of {', '.join(PAPER)}")
        self._paper = word
        if word != "out" and self.left_mm is not None and self.left_mm <= 0:
            self.left_mm = None
        self._moved()

    @property
    def cover(self) -> bool:
        """True while it is open."""
        return self._cover

    @cover.setter
    def cover(self, is_open: bool) -> None:
        self._cover = is_open
        self._moved()

    @property
    def hot(self) -> bool:
        """True while the head is too hot to print."""
        return self._hot

    @hot.setter
    def hot(self, is_hot: bool) -> None:
        self._hot = is_hot
        self._moved()

    @property
    def powered(self) -> bool:
        """Without power it hears nothing, and has forgotten its buffer."""
        return self._powered

    @powered.setter
    def powered(self, on: bool) -> None:
        self._powered = on
        self._reset()
        self.uart.listen()

    def plug(self, wire: Wire | None = None) -> None:
        """Another wire, or a new pair of ends; the old one hangs up."""
        self.uart.plug(wire)

    def unplug(self) -> None:
        """Pull the cable."""
        self.uart.unplug()

    def tear(self) -> None:
        """Take off the paper that hangs there."""
        self.roll.tear()

    def become(self, width_mm: int, baud: int, flow: str) -> None:
        """Another printer in its place, switched off and on no wire; what hangs there is torn off."""
        self.unplug()
        self.dots = HEADS[width_mm]
        self.roll.widen(self.dots)
        self.uart.baud, self.flow = baud, flow
        self._reset()

    def on_rows(self, watch: Rows) -> Callable[[], None]:
        """Call watch with the rows of each band as it comes out. The answer ends that."""
        self.head.watchers.append(watch)
        return lambda: self.head.watchers.remove(watch)

    # -- what an eye can see

    @property
    def slips(self) -> list[Torn]:
        """Every slip so far; the last one hangs in the printer when it has lines."""
        return [slip for slip in self.roll.slips if slip.rows or slip.lines]

    def text(self) -> list[str]:
        """Every line printed so far."""
        return [line for slip in self.roll.slips for line in slip.lines]

    def image(self) -> bytes:
        """The paper of the slips that are kept, 48 bytes a row, or 72."""
        return b"".join(bytes(slip.rows) for slip in self.roll.slips)

    def class_status(self) -> int:
        """What a USB printer says without ESC/POS: bit 5 no paper, 4 selected, 3 no error (printer class 1.1, 4.2.2)."""
        return 0x10 * self._powered | 0x20 * (self._paper == "out") | 0x08 * (not self._stopped())

    @property
    def metres(self) -> float:
        """Paper used."""
        return self.roll.metres

    @property
    def held(self) -> int:
        """Bytes in the buffer."""
        return len(self._buffer)

    @property
    def host(self) -> socket.socket | None:
        """The till's end of the wire, where the printer made both."""
        return self.uart.host

    @property
    def received(self) -> int:
        """Bytes that have come in."""
        return self.uart.received

    @property
    def wire_s(self) -> float:
        """Seconds that the wire has been busy towards the printer; 0 where it has no pace."""
        return self.received * BITS_A_BYTE / self.uart.baud if self.uart.baud else 0.0

    # -- inside

    def _stopped(self) -> bool:
        return self._paper == "out" or self._cover or self._hot or not self._powered

    def _moved(self) -> None:
        if self._stopped() and not self.keeps:
            self._reset()
        self.head.go()
        self._work()

    def _reset(self) -> None:
        self.head.forget()
        self._buffer = bytearray()
        self._decoder = Decoder(self.letters == "gbk")
        self._carriage = Carriage(self.dots)
        self._held_up = False  # XOFF was the last that we said
        self._recent = b""  # the last two bytes that came in: a question may come in pieces
        self.uart.forget()

    def _used(self, rows: list[bytes]) -> None:
        if self.left_mm is not None:
            self.left_mm -= len(rows) / DOTS_A_MM
            if self.left_mm <= 0:
                self.paper = "out"

    def _arrived(self, data: bytes) -> None:
        if not self._powered:
            return
        for byte in data:
            self._recent = self._recent[-2:] + bytes([byte])
            if self._recent == bytes((0x10, 0x04, byte)) and 1 <= byte <= 4:
                self._answer(byte)
        taken = data[: max(0, self.size - len(self._buffer))]
        self.dropped += len(data) - len(taken)
        self._buffer += taken
        self._work()

    def _room(self) -> int:
        """Bytes to be taken off the wire: without rtscts they come whether there is room or not."""
        return self.size - len(self._buffer) if self.flow == "rtscts" else BUFFER

    def _say_flow(self) -> None:
        held_up = len(self._buffer) > self.size // (4 if self._held_up else 2)
        if self.flow == "xonxoff" and held_up != self._held_up and self.uart.send(XOFF if held_up else XON):
            self._held_up = held_up

    def _answer(self, n: int) -> None:
        """Real-time status (DLE EOT n): sent at once, past whatever waits in the buffer."""
        if self.silent:
            return
        out = self._paper == "out"
        bits = {
            1: 0x08 * self._stopped(),
            2: 0x04 * self._cover | 0x20 * out | 0x40 * self._hot,
            3: 0x40 * self._hot,
            4: 0x0C * (self._paper != "ok") | 0x60 * out,
        }[n]
        if not self.uart.send(bytes([FIXED | bits])):
            self.complain("an answer was not taken")

    def _work(self) -> None:
        """Read commands until one of them gives the head something to do."""
        while not self.head.busy:
            command = self._decoder.next(self._buffer)
            if command is None:
                break
            if command.name == "unknown":
                self.complain(command.text)
                continue
            try:
                self.head.queue(self._carriage.apply(command))
            except ValueError as e:
                self.complain(str(e))
        self._say_flow()
        self.uart.listen()
