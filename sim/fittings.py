"""What can be fitted to a till: panels, keypads, scanners and printers by name, as a script and the page say them."""

import asyncio

from hal import keymap
from hal.keymap import Keymap
from hal.printer_board import Wired
from hal.printer_model import HEADS
from sim.chips.oled_chips import CHIPS
from sim.chips.scanner import ScannerChip
from sim.chips.scanner_serial import SerialScannerChip
from sim.setup import CONFIG

KEYPADS = ("matrix-28", "pad-4x4", "usb-number-pad")  # config/keymaps
SCANNERS: dict[str, type[ScannerChip] | type[SerialScannerChip]] = {"hid": ScannerChip, "serial": SerialScannerChip}
PORTS = {"": "/dev/serial0", "-usb": "/dev/usb/lp0"}  # what hangs on the name of a printer's width -> where it is plugged in
PRINTERS = {f"{width}mm{tail}": (width, port) for tail, port in PORTS.items() for width in HEADS}
PARTS: dict[str, tuple[str, ...]] = {
    "panel": tuple(CHIPS),
    "keypad": KEYPADS,
    "scanner": tuple(SCANNERS),
    "printer": tuple(PRINTERS),
}


def pad(name: str) -> Keymap:
    """A keypad's map."""
    return keymap.load(CONFIG, name)


def gun(name: str, loop: asyncio.AbstractEventLoop) -> ScannerChip | SerialScannerChip:
    """A scanner: one that types, or one at a serial line."""
    return SCANNERS[name](loop)


def printer(shipped: Wired, name: str) -> Wired:
    """config/board.json's printer, or one with a roll or a cable of another kind; those of 80 mm are sold with a cutter."""
    if name in ("", called(shipped)):
        return shipped
    width_mm, port = PRINTERS[name]
    model = shipped.model
    if width_mm != model.width_mm:
        model = model._replace(width_mm=width_mm, cutter=width_mm == 80)
    other = shipped._replace(port=port)
    return other._replace(model=model._replace(paced=other.flow == "paced" and not other.usb))


def called(wired: Wired) -> str:
    """A printer's name among PRINTERS."""
    return f"{wired.model.width_mm}mm{'-usb' if wired.usb else ''}"
