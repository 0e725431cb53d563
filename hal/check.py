"""What of config/board.json is there and what is not, in words: the first thing to run on a new till."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import smbus2

from hal import brokers, check_gpio, probes
from hal.board_file import BoardFile, Modem, Scanner
from hal.board_panel import SpiWire
from hal.clock import SystemClock
from hal.files import ConfigFiles
from hal.identity import AUTHORITY, CERTIFICATE
from hal.input_device import InputNode
from hal.ports.faults import ConfigFault
from hal.serial_port import open_serial
from hal.stick import plugged

NOP = 0xE3  # SSD1306 datasheet, table 9-1: no operation
SPI_HELP = "is dtoverlay=spi0-1cs,no_miso in config.txt (barrow.txt has it), and this user in the group spi?"
I2C_HELP = "is dtparam=i2c_arm=on,i2c_arm_baudrate=400000 in config.txt, and this user in the group i2c?"


class Finding(NamedTuple):
    """part: of the board. there: it works. words: how, or why not."""

    part: str
    there: bool
    words: str


def check(board: BoardFile, files: ConfigFiles, clock: SystemClock) -> list[Finding]:
    """Opens every device for a moment; nothing is printed, kicked or sounded."""
    parts: list[tuple[str, Callable[[], str]]] = [
        ("panel", lambda: panel(board)),
        ("keypad", lambda: input_node(board.keypad)),
        ("scanner", lambda: scanner(board.scanner)),
        ("printer", lambda: printer(board)),
        ("modem", lambda: modem(board.modem) if board.modem else "none, by board.json"),
        ("gpio", lambda: check_gpio.gpio(board)),
        ("buzzer", lambda: check_gpio.buzzer(board.pins.buzzer)),
        ("store", lambda: store(Path(board.store))),
        ("mirror", lambda: mirror(Path(board.mirror), Path(board.store)) if board.mirror else "none, by board.json"),
        ("stick", lambda: stick(Path(board.stick)) if board.stick else "none, by board.json"),
        ("profile", lambda: profile(files)),
        ("clock", lambda: trusted(clock)),
        ("battery", probes.battery),
        ("supply", probes.supply),
    ]
    return [look(part, probe) for part, probe in parts]


def look(part: str, probe: Callable[[], str]) -> Finding:
    """A probe answers in words, or raises and then its fault is the words."""
    try:
        return Finding(part, True, probe())
    except (OSError, ConfigFault) as fault:
        words = fault.strerror if isinstance(fault, OSError) and fault.strerror else str(fault)
        return Finding(part, False, words)


def panel(board: BoardFile) -> str:
    wire = board.panel.wire
    if isinstance(wire, SpiWire):
        return spi_node(f"/dev/spidev{wire.bus}.{wire.device}")
    where = f"/dev/i2c-{wire.bus}"
    try:
        bus = smbus2.SMBus(wire.bus)
    except OSError as fault:
        raise OSError(f"{where}: {fault.strerror}; {I2C_HELP}") from fault
    try:
        return answers(bus, wire.address, where) + probes.chip_hint(bus, wire.address, board.panel.chip)
    finally:
        bus.close()


def spi_node(where: str) -> str:
    """Nothing answers on SPI, so that it may be written is all that can be said."""
    if not os.path.exists(where):
        raise OSError(f"{where}: No such file or directory; {SPI_HELP}")
    if not os.access(where, os.W_OK):
        raise OSError(f"{where} may not be written by this user; {SPI_HELP}")
    return f"{where}, which cannot say whether a panel hangs on it"


def answers(bus: Any, address: int, where: str) -> str:
    """Raises OSError when no chip takes the byte."""
    try:
        bus.write_i2c_block_data(address, 0x00, [NOP])
    except OSError as fault:
        raise OSError(f"nothing answers at 0x{address:02X} on {where}: check its cable") from fault
    return f"answers at 0x{address:02X} on {where}"


def input_node(where: str) -> str:
    node = InputNode(where)
    try:
        node.open()
    except OSError as fault:
        raise OSError(f"{where}: {fault.strerror}") from fault
    node.close()
    return f"{where}, held for us alone"


def scanner(soldered: Scanner) -> str:
    if not soldered.port:
        return f"{input_node(soldered.device)}, types as {soldered.style.layout}"
    open_serial(soldered.port, soldered.baud).close()
    return f"{soldered.port} opens at {soldered.baud} baud"


def printer(board: BoardFile) -> str:
    wired = board.printer
    wired.open().close()
    return f"{wired.port} opens" + ("" if wired.usb else f" at {wired.baud} baud") + f", {wired.model.width_mm} mm"


def modem(soldered: Modem) -> str:
    """That it answers AT; whether its SIM and its cell are well is its driver's business, and in the log. One whose switch is
    the till's to turn on has no power now, and its silence is no fault."""
    device = open_serial(soldered.port, soldered.baud, soldered.rtscts)
    try:
        answered = probes.modem_answers(device)
    finally:
        device.close()
    if not answered and soldered.power_bcm is None:
        raise OSError(f"{soldered.port} opens, and nothing answers AT at {soldered.baud} baud: is it fed, is the till stopped?")
    what = "answers AT" if answered else "is off (the till switches it on)"
    return f"{what} on {soldered.port} at {soldered.baud} baud, {soldered.set}, APN {soldered.apn or 'of the network'}"


def store(folder: Path) -> str:
    if not folder.is_dir():
        raise OSError(f"{folder} is not there: make it, on a disk that survives a power cut")
    if not os.access(folder, os.W_OK):
        raise OSError(f"{folder} may not be written by this user")
    if probes.in_memory(folder):
        raise OSError(f"{folder} lies in memory: every sale would be gone with the power")
    free = os.statvfs(folder)
    return f"{folder}, {free.f_bavail * free.f_frsize // 2**20} MiB free"


def mirror(folder: Path, first: Path) -> str:
    """The second copy is worth something on another disk alone."""
    said = store(folder)
    if folder.stat().st_dev == first.stat().st_dev:
        raise OSError(f"{folder} is on the same disk as {first}: mount another one there")
    return said


def stick(folder: Path) -> str:
    """None in is no fault."""
    return f"one is in {folder}" if plugged(folder) else f"none is in; one that is plugged in must be mounted at {folder}"


def profile(files: ConfigFiles) -> str:
    """Only that its files are there; what they say is the firmware's to judge."""
    sizes = [len(files.get(name)) for name in ("profile/merchant.json", "profile/catalogue.json")]
    return f"merchant.json and catalogue.json, {sum(sizes)} bytes"


def trusted(clock: SystemClock) -> str:
    if not clock.trusted():
        raise OSError("nothing vouches for the time (no RTC that runs, not synchronised yet): the till will ask for it")
    return "vouched for by an RTC or the network"


def fleet(config: Path, board: BoardFile, now_s: float) -> list[Finding]:
    """The way to the fleet: whose brokers, and until when the till's papers are good."""
    try:
        far = brokers.load(config)
    except ConfigFault as fault:
        return [Finding("brokers", False, str(fault))]
    named = ", ".join(f"{each.host}:{each.port}{'' if each.tls else ' without TLS'}" for each in far.brokers)
    found = [Finding("brokers", True, named)]
    if any(each.tls for each in far.brokers):
        found.append(look("fleet", lambda: probes.certificate(config / AUTHORITY, now_s)))
        found.append(look("papers", lambda: probes.certificate(Path(board.store) / CERTIFICATE, now_s)))
    return found
