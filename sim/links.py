"""The ways out of the bench: its Wi-Fi and its modem, and what is done to them. The page, scripts and tests turn these knobs."""

import asyncio
from typing import NamedTuple

from hal.board_file import Modem as Soldered
from hal.budget import Limits
from hal.random import seeded
from sim.chips.modem import Modem
from sim.net import CAPTIVE, HOLE, OPEN, Dial, Net
from sim.net_wire import Quality

# what a script says -> Wi-Fi's manners (None: no Wi-Fi), and whether there is a cell (None: as before)
LINKS: "dict[str, tuple[str | None, bool | None]]" = {
    "wifi": (OPEN, False),
    "4g": (None, True),
    "both": (OPEN, True),
    "off": (None, False),
    "captive": (CAPTIVE, None),
    "hole": (HOLE, None),
}
LINKS_AT_START = ("wifi", "4g", "both", "off")


class Air(NamedTuple):
    """What both ways are like. latency_ms: there and back. loss: of a hundred packets. rate: bit/s each way, 0 is no limit."""

    latency_ms: int = 0
    loss: float = 0.0
    rate: int = 0

    def __str__(self) -> str:
        """As a script says it."""
        rate = "0" if not self.rate else f"{self.rate // 1000}kbit" if self.rate % 1_000_000 else f"{self.rate // 1_000_000}Mbit"
        return f"latency={self.latency_ms}ms loss={self.loss:g}% rate={rate}"


class Links:
    """name: as a script says it. wifi: a line as hal/lines.py wants it. modem: the chip; its cell is here or not. plan: what
    the SIM's contract lets it carry; None, what board.json says."""

    def __init__(self, loop: asyncio.AbstractEventLoop, name: str, soldered: Soldered, far: Dial, seed: int) -> None:
        self.name = name
        self.air = Air()
        self.plan: Limits | None = None
        self.wifi = Net("off", far, seeded(seed))
        self.modem = Modem(loop, far, soldered.set, soldered.baud, seed)
        self.cell = False
        self.modem.supply(False)  # until the till feeds it
        self.modem.drop()
        self.set(name, self.air)

    def set(self, name: str, air: Air) -> None:
        """In an order in which no line that is going is used for a moment."""
        manners, cell = LINKS[name]
        self.name = name
        self.air = air
        self.wifi.quality = Quality(air.latency_ms / 1000, air.loss, air.rate)
        self.modem.latency, self.modem.loss, self.modem.rate = air.latency_ms / 2000, air.loss / 100, air.rate
        if manners is not None:
            self.wifi.behave(manners)
            self.wifi.set("wifi")
        if cell is not None and cell != self.cell:
            self.cell = cell
            self.modem.restore() if cell else self.modem.drop()
        if manners is None:
            self.wifi.set("off")

    def turn(self, word: str, value: str) -> None:
        """A knob of the modem, as a script says it. pin: another SIM, with which the modem starts anew."""
        modem = self.modem
        if word in ("drop", "silent"):
            modem.drop(loud=word == "drop")
        elif word == "pin":
            modem.pin = "" if value == "none" else value
            modem.sim = "READY"
            modem.reboot()
        elif word == "csq":
            modem.signal(int(value))
        elif word == "registration":
            modem.registration = value
        else:
            {"restore": modem.restore, "hang": modem.hang, "reboot": modem.reboot}[word]()

    @property
    def any(self) -> bool:
        """Is there a way out at all?"""
        return self.wifi.state != "off" or self.cell

    def power_cut(self) -> None:
        """The till's ends are gone."""
        self.wifi.drop()

    def close(self) -> None:
        self.wifi.close()
        self.modem.close()
