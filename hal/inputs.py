"""A Pi's hands: the keypad and the scanner that config/board.json names, on their real wires."""

from collections.abc import Callable
from pathlib import Path

from hal import keymap
from hal.board_file import BoardFile
from hal.board_file import Scanner as Soldered
from hal.input_device import InputNode
from hal.keypad import Keypad
from hal.plug_watch import watch
from hal.ports.board import Clock, Log, Scanner
from hal.scanner import HidScanner, SerialScanner
from hal.serial_port import Port, open_serial


def keypad(config_dir: Path, parts: BoardFile, clock: Clock, log: Log, click: Callable[[], None]) -> Keypad:
    """click: what tells the operator of a small pad that its shift was heard. Raises ConfigFault."""
    return Keypad(InputNode(parts.keypad), keymap.load(config_dir, parts.keymap), clock, log, click)


def scanner(soldered: Soldered, clock: Clock, log: Log) -> Scanner:
    """Whichever of the two kinds it is."""
    if not soldered.port:
        return HidScanner(InputNode(soldered.device), clock, log, soldered.style)
    port = Port(None, reopen=lambda: open_serial(soldered.port, soldered.baud))
    news = watch("tty")
    return SerialScanner(port, soldered.port, clock, log, soldered.style, news.came if news else None)
