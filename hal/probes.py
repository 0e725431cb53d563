"""What `python -m hal check` asks for beside opening a device: does it answer, is it healthy, how long is it good for."""

import importlib
import os
import re
import select
import time
from pathlib import Path
from typing import Any

from hal import power

MODEM_S = 1.0  # an idle modem answers AT within some 10 ms
SH1106, SSD13XX = (0x0, 0x8), (0x3, 0x4, 0x6, 0x7)  # low four bits of the status byte, as boards in the field have them
IN_MEMORY = ("tmpfs", "ramfs")
SOON_DAYS = 14


def modem_answers(device: Any) -> bool:
    """AT, and is there an OK? device: an open port. One that the till itself has open just now does not answer us."""
    end = time.monotonic() + MODEM_S
    os.write(device.fileno(), b"AT\r")
    heard = b""
    while b"OK" not in heard and (left := end - time.monotonic()) > 0:
        if select.select([device.fileno()], [], [], left)[0]:
            heard += os.read(device.fileno(), 4096)
    return b"OK" in heard


def chip_hint(bus: Any, address: int, chip: str) -> str:
    """A panel on I2C gives a status byte when it is read, and makers differ in its low bits: a hint, no proof."""
    try:
        low = bus.read_byte(address) & 0x0F
    except (OSError, AttributeError):
        return ""
    seen = "sh1106" if low in SH1106 else "ssd13" if low in SSD13XX else ""
    if not seen or chip.startswith(seen):
        return f", like the {chip} of board.json" if seen else ""
    return f", more like an {'SH1106' if seen == 'sh1106' else 'SSD1306 or SSD1309'} than the {chip} of board.json"


def in_memory(folder: Path, mounts: Path = Path("/proc/self/mounts")) -> bool:
    """Would what is written there be gone with the power? Also the upper half of a read-only root's overlay may be."""
    try:
        rows = [row.split() for row in mounts.read_text().splitlines()]
    except OSError:
        return False
    kind, options = below(folder.resolve(), rows)
    upper = re.search(r"\bupperdir=([^,]+)", options) if kind == "overlay" else None
    return kind in IN_MEMORY or (upper is not None and below(Path(upper[1]), rows)[0] in IN_MEMORY)


def below(folder: Path, rows: list[list[str]]) -> tuple[str, str]:
    """Kind and options of the file system that a folder is on; the last mounted of two counts. rows: of proc(5), mounts."""
    best, found = "", ("", "")
    for _, where, kind, options, *_ in rows:
        if folder.is_relative_to(where) and len(where) >= len(best):
            best, found = where, (kind, options)
    return found


def supply(sensors: Path = power.SENSORS) -> str:
    """Raises OSError while the 5 V are too low."""
    weak = power.under_voltage(sensors)
    if weak:
        raise OSError("the 5 V are too low just now: a better supply, or a shorter and thicker cable")
    return "no sensor for the 5 V here" if weak is None else "the 5 V are well"


def battery(folder: Path = power.SUPPLIES) -> str:
    found = power.gauge(folder)
    if found is None:
        return "no gauge, so it is taken as full"
    charges = power.word(found / "status")
    driver = power.Battery(folder)
    driver.heed(driver.read())
    return f"{driver.battery()} %" + (f", {charges}" if charges else "")


def certificate(path: Path, now_s: float) -> str:
    """Until when it is good. Raises OSError where there is none, or none that is good."""
    x509 = importlib.import_module("cryptography.x509")  # 50 ms that a boot does not need
    try:
        until = x509.load_pem_x509_certificate(path.read_bytes()).not_valid_after_utc
    except (OSError, ValueError) as fault:
        raise OSError(f"{path} is not there or is no certificate") from fault
    left_s, day = until.timestamp() - now_s, until.date()
    if left_s < 0:
        raise OSError(f"{path} ended on {day}")
    return f"{path}, good until {day}" + (", which is soon" if left_s < SOON_DAYS * 86_400 else "")
