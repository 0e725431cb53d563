"""A receipt printer that Barrow has no part in, at the far end of the driver's wire: emupos, written from Epson's reference.

It keeps what comes as text and as a picture, answers DLE EOT, and says aloud what it does not know. It has no Chinese: FS & and
FS . mean nothing to it, and the two bytes of a character come out as two letters of the code page, a column each (`seen_as`)."""

import asyncio
import io
from importlib.resources import files

import yaml
from PIL import Image, ImageChops

from hal.printer import EscposPrinter
from hal.serial_port import Port
from hal.worker import Inline
from sim.chips.uart import Uart
from tests.contract.cables import PRINTER, cable
from tests.contract.emupos_here import emupos
from tests.contract.wires import Notes, run, wait_ms

CELL = (12, 24)  # dots of a letter
WHITE = 255
CP437 = bytes(range(0x20, 0x100)).decode("cp437")
GREEK = {14: "PC737"}  # ESC t n of Epson's reference; the TM-T20III, of which emupos has a file, lacks this one page of ours
PROFILE = "profiles/printers/epson-tm-t20iii.yaml"
config, glyphs, printer = (emupos(name) for name in ("config", "printer.escpos.glyphs", "printer.printer"))
Fault = printer.PrinterFault


class Emulator:
    """emupos's TM-T20III on paper of any width, as a chip of tests/contract/cables.py. pages: ESC t n -> name, where they differ.

    slips: what was cut, or what hung out as the wire was unplugged. events: what it did not know, as it says it."""

    def __init__(self, loop, dots, pages=None):
        known = yaml.safe_load(files("emupos").joinpath(PROFILE).read_text())
        known |= {"width_dots": dots, "code_pages": pages or known["code_pages"] | GREEK}
        self.loop = loop
        profile = config.PrinterProfile(**known)
        self.printer = printer.Printer("printer", profile, sensor_open_level="high", job_idle_timeout_ms=3_600_000)
        self.uart = Uart(loop, 0, self.take, lambda: 4096)
        self.slips, self.events = [], []
        self.out(self.printer.open_connection("till", loop.time()))

    def plug(self, wire):
        self.uart.plug(wire)

    def unplug(self):
        self.uart.unplug()
        self.out(self.printer.close_connection("till", self.loop.time()))

    def take(self, data):
        self.out(self.printer.receive("till", data, self.loop.time()))

    def fault(self, which, active):
        self.out(self.printer.set_fault(which, active, self.loop.time()))

    def out(self, what):
        for answer in what.writes:
            self.uart.send(answer.data)
        self.slips += [Slip(receipt) for receipt in what.receipts]
        self.events += [(str(event.type), event.data) for event in what.events]


class Slip:
    """rows: text from the left edge of each, without its place. picture: a dot of ink is 0."""

    def __init__(self, receipt):
        self.rows = receipt.text.split("\n")[:-1]
        self.picture = Image.open(io.BytesIO(receipt.png))


def played(story, model, pages=None):
    """The emulator after story(driver, emulator), the real driver at the other end of its wire."""
    seen = []

    async def main():
        emulator = Emulator(asyncio.get_running_loop(), model.columns * CELL[0], pages)
        line = cable(emulator, PRINTER)
        port = Port(line.open())
        await story(EscposPrinter(port, Notes(), Inline(), model), emulator)
        await wait_ms(60_000)
        emulator.unplug()
        port.close()
        line.close()
        seen.append(emulator)

    run(main())
    return seen[0]


def seen_as(text):
    """Text of a Chinese model as emupos reads its bytes: CP437, and GBK for the rest."""
    return "".join(c if c in CP437 else c.encode("gbk").decode("cp437") for c in text)


def strip(row, dots):
    """A row of letters as emupos's own letters draw it across the paper: text, left dot, bold, big. b"" for one without ink."""
    text, left, bold, big = row
    times = 2 if big else 1
    picture = Image.new("1", (dots, CELL[1] * times), WHITE)
    for i, c in enumerate(text):
        cell = glyphs.cell_image("A", CELL, c, glyphs.Style(times, times, bold))
        picture.paste(cell, (left + i * CELL[0] * times, 0), ImageChops.invert(cell))
    return picture.tobytes() if text.strip() else b""


def below(picture, rows):
    """What is under these rows, each exactly where it belongs with nothing between them. AssertionError: one is not there."""
    data, line, at = picture.tobytes(), picture.width // 8, 0
    for row in rows:
        wanted = strip(row, picture.width)
        found = data.find(wanted, at)
        while found % line and found != -1:
            found = data.find(wanted, found + 1)
        assert found != -1 and not data[at:found].strip(b"\xff"), f"{row} is not on the paper, or not next"
        at = found + len(wanted)
    return picture.crop((0, at // line, picture.width, picture.height))
