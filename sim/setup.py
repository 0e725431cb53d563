"""What a bench starts from: the profile and what a script's `use` may say."""

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from firmware.sale.money import Currency, currency

CONFIG = Path(__file__).parents[1] / "config"


@dataclass
class Setup:
    """profile: a folder of config/profiles by name, or any by path. at: local wall time at the start.
    lang: "" is the profile's own. disk, mirror: folders that keep the till's two disks; None, they are gone with the world.
    stick: a folder that keeps its USB stick. printer_baud: of the printer's wire; 0 is board.json's.
    panel, keypad, scanner, printer: of sim/fittings.py by name; modem: of config/modems; "" is board.json's.
    restarts: a firmware that died is started again, as systemd does on a Pi.
    strict: text that does not fit its screen is a crash, as tests want it, and not clipped and logged."""

    profile: str = "market"
    lang: str = ""
    seed: int = 1
    at: datetime = datetime(2026, 11, 21, 14, 32)
    link: str = "wifi"
    disk: Path | None = None
    mirror: Path | None = None
    stick: Path | None = None
    printer_baud: int = 0
    panel: str = ""
    keypad: str = ""
    scanner: str = ""
    printer: str = ""
    modem: str = ""
    restarts: bool = False
    strict: bool = True


def profile_folder(profile: str) -> Path:
    """A folder of config/profiles by its name, or any folder by its path."""
    return Path(profile) if "/" in profile else CONFIG / "profiles" / profile


def place_of(profile: str) -> tuple[Currency, int]:
    """Money and wall clock of the place: currency, and seconds to add to UTC. Pounds in Greenwich where the profile is
    broken: the till itself says what is wrong with it."""
    try:
        merchant = json.loads((profile_folder(profile) / "merchant.json").read_text(encoding="utf-8"))
        hours, minutes = merchant["offset"][1:].split(":")
        offset_s = (int(hours) * 60 + int(minutes)) * 60
        money = currency(merchant["currency"])
        if money is None:
            raise ValueError(merchant["currency"])
        return money, -offset_s if merchant["offset"].startswith("-") else offset_s
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return Currency("GBP", 2), 0
