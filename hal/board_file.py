"""config/board.json: what is soldered to what, written once; a Pi and the bench read the same file.

Every rule it must keep is checked here, before anything is opened. A broken one is a ConfigFault: file, key, reason."""

from pathlib import Path
from typing import NamedTuple

from hal.board_panel import Panel, SpiWire, panel
from hal.board_reader import NAME, Reader
from hal.budget import Limits
from hal.config_text import text_of
from hal.labels import Style
from hal.layouts import LAYOUTS
from hal.ports.board import Light
from hal.ports.faults import ConfigFault
from hal.printer_board import BAUDS, Wired, printer

MODEM_BAUDS = (9600, 19200, 38400, 57600, 115200, 230400, 460800, 921600)
FRAME = "[ -~]{0,8}"  # what a scanner may put before or behind a code
HEADER = range(2, 28)  # BCM numbers on the 40-pin header; 0 and 1 belong to the HAT's EEPROM
MATRIX = "matrix_keypad"  # the device of config/overlays/barrow-keypad-overlay.dts
MATRIX_LINES = (4, 5, 6, 7, 12, 13, 16, 19, 20, 21, 26)  # which are its kernel driver's


class Pins(NamedTuple):
    """BCM numbers. lamps: by name. power_key: None where there is none."""

    drawer: int
    buzzer: int
    lamps: dict[str, int]
    power_key: int | None = None


class Modem(NamedTuple):
    """port: a path. set: a file of config/modems. pin: of the SIM, "" where it has none. power_bcm: the line that feeds the
    modem, None where nothing switches it. rtscts: the port has the lines for it."""

    port: str
    baud: int
    set: str
    apn: str
    pin: str
    power_bcm: int | None
    rtscts: bool


class Scanner(NamedTuple):
    """device: the name of an input device, or a path; "" for a scanner at a serial port, whose path is port."""

    device: str
    port: str
    baud: int
    style: Style


class BoardFile(NamedTuple):
    """What config/board.json says. keypad: the name of an input device, or a path. keymap: a file of config/keymaps.
    store, mirror: folders on two disks; mirror "" where there is one disk. stick: where USB sticks are mounted,
    "" for nowhere. modem: None where there is none. metered: what a line that costs money may carry."""

    terminal: str
    store: str
    mirror: str
    stick: str
    panel: Panel
    keypad: str
    keymap: str
    scanner: Scanner
    printer: Wired
    pins: Pins
    modem: Modem | None
    metered: Limits


def load(config_dir: Path) -> BoardFile:
    """Raises ConfigFault."""
    return parse(text_of(config_dir, NAME))


def parse(text: str) -> BoardFile:
    """Raises ConfigFault."""
    reader = Reader(text)
    board = BoardFile(
        terminal=reader.words("terminal", "[A-Z0-9-]{4,16}"),
        store=reader.words("store.folder"),
        mirror=reader.words("store.mirror", "[ -~]{0,100}"),
        stick=reader.words("stick.folder", "[ -~]{0,100}"),
        panel=panel(reader),
        keypad=reader.words("keypad.device"),
        keymap=reader.words("keypad.map", "[a-z0-9-]{1,32}"),
        scanner=scanner(reader),
        printer=printer(reader),
        pins=pins(reader),
        modem=modem(reader),
        metered=metered(reader),
    )
    taken = dict.fromkeys(MATRIX_LINES, "the keypad's overlay") if MATRIX in board.keypad else {}
    for key, line in lines(board):
        if line in taken:
            raise ConfigFault(NAME, key, f"one pin has two uses: BCM {line} is that of {taken[line]}")
        taken[line] = key
    return board


def lines(board: BoardFile) -> list[tuple[str, int]]:
    """Of the header, those that the till itself moves: key of the file, BCM number."""
    air, glass = board.modem, board.panel
    found = [
        ("gpio.drawer_bcm", board.pins.drawer),
        ("gpio.buzzer_bcm", board.pins.buzzer),
        *((f"gpio.lamps_bcm.{name}", line) for name, line in board.pins.lamps.items()),
        ("gpio.power_key_bcm", board.pins.power_key),
        ("modem.power_bcm", air.power_bcm if air else None),
        ("panel.dc_bcm", glass.wire.dc if isinstance(glass.wire, SpiWire) else None),
        ("panel.reset_bcm", glass.reset),
    ]
    return [(key, line) for key, line in found if line is not None]


def scanner(reader: Reader) -> Scanner:
    style = Style(
        prefix=reader.words("scanner.prefix", FRAME),
        suffix=reader.words("scanner.suffix", FRAME),
        pause_ends=reader.one_of("scanner.end", ("enter", "pause")) == "pause",
    )
    if "port" in reader.table("scanner"):
        return Scanner("", reader.words("scanner.port"), reader.one_of("scanner.baud", BAUDS), style)
    style = style._replace(layout=reader.one_of("scanner.layout", tuple(LAYOUTS)))
    return Scanner(reader.words("scanner.device"), "", 0, style)


def pins(reader: Reader) -> Pins:
    lamps = {name: pin(reader, f"gpio.lamps_bcm.{name}") for name in reader.table("gpio.lamps_bcm")}
    for name in lamps:
        if name not in Light.LAMPS:
            raise ConfigFault(NAME, f"gpio.lamps_bcm.{name}", f"must be one of {', '.join(Light.LAMPS)}")
    # a file from before there was such a key has none, and is sound
    key = None if reader.table("gpio").get("power_key_bcm") is None else pin(reader, "gpio.power_key_bcm")
    return Pins(pin(reader, "gpio.drawer_bcm"), pin(reader, "gpio.buzzer_bcm"), lamps, key)


def modem(reader: Reader) -> Modem | None:
    """None where the file has no such entry."""
    if "modem" not in reader.root:
        return None
    return Modem(
        port=reader.words("modem.port"),
        baud=reader.one_of("modem.baud", MODEM_BAUDS),
        set=reader.words("modem.set", "[a-z0-9-]{1,32}"),
        apn=reader.words("modem.apn", "[A-Za-z0-9.-]{0,62}"),
        pin=reader.words("modem.pin", "([0-9]{4,8})?"),
        power_bcm=None if reader.value("modem.power_bcm") is None else pin(reader, "modem.power_bcm"),
        rtscts=reader.one_of("modem.rtscts", (True, False)),
    )


def metered(reader: Reader) -> Limits:
    """No limits where the file has no such entry."""
    if "metered" not in reader.root:
        return Limits(0, 0)
    return Limits(reader.number("metered.day_bytes", 0, 10**12), reader.number("metered.month_bytes", 0, 10**12))


def pin(reader: Reader, key: str) -> int:
    return reader.number(key, HEADER.start, HEADER.stop - 1)
