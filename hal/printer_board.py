"""config/board.json's "printer": which it is, where its cable goes, and who sees to it that its buffer does not run over."""

from collections.abc import Callable
from typing import NamedTuple

from hal.board_reader import Reader
from hal.ports.board import Log
from hal.printer import EscposPrinter
from hal.printer_model import HEADS, LETTERS, PROFILES, Model
from hal.printer_usb import NODE, Ioctl, LinePrinter, UsbPort, read_status
from hal.serial_port import Device, Port, open_serial
from hal.worker import Worker

BAUDS = (9600, 19200, 38400, 57600, 115200, 230400)
FLOWS = ("rtscts", "xonxoff", "paced")  # by its lines, by its bytes, or by our own reckoning


class Wired(NamedTuple):
    """port: a serial device or a USB line printer's node. flow: one of FLOWS; of no account over USB, which has its own."""

    port: str
    baud: int
    flow: str
    model: Model

    @property
    def usb(self) -> bool:
        """A line printer's node, without a baud rate."""
        return NODE.fullmatch(self.port) is not None

    def open(self) -> Device:
        """Its device. Raises OSError."""
        if self.usb:
            return LinePrinter(self.port)
        return open_serial(self.port, self.baud, self.flow == "rtscts", self.flow == "xonxoff")


def printer(reader: Reader) -> Wired:
    """Raises ConfigFault."""
    port, flow = reader.words("printer.port"), reader.one_of("printer.flow", FLOWS)
    model = Model(
        profile=reader.one_of("printer.profile", PROFILES),
        width_mm=reader.one_of("printer.width_mm", tuple(HEADS)),
        letters=reader.one_of("printer.letters", LETTERS),
        cutter=reader.one_of("printer.cutter", (True, False)),
        paced=flow == "paced" and not NODE.fullmatch(port),
        mm_per_s=reader.number("printer.head_mm_s", 20, 400),
    )
    return Wired(port, reader.one_of("printer.baud", BAUDS), flow, model)


def driver(
    wired: Wired, log: Log, worker: Worker, open_port: Callable[[], Device] | None = None, ioctl: Ioctl = read_status
) -> EscposPrinter:
    """The driver at its cable, which may be plugged in later. open_port, ioctl: the bench's, in place of its node's own."""
    open_port = open_port or wired.open
    if wired.usb:
        usb = UsbPort(open_port, ioctl)
        return EscposPrinter(usb, log, worker, wired.model, usb.trouble)
    return EscposPrinter(Port(None, wired.baud, open_port), log, worker, wired.model)
