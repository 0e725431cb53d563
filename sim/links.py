"""The ways out of the bench: its Wi-Fi and its modem, and what is done to them. The page, scripts and tests turn these knobs."""

from typing import NamedTuple

from hal.random import seeded
from sim.net import CAPTIVE, HOLE, OPEN, Dial, Net, Quality

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
    """name: as a script says it. wifi and cell: lines as hal/lines.py wants them."""

    def __init__(self, name: str, far: Dial, seed: int) -> None:
        self.name = name
        self.air = Air()
        self.wifi = Net("off", far, seeded(seed))
        self.cell = Net("off", far, seeded(seed + 1), cost=1)
        self.set(name, self.air)

    def set(self, name: str, air: Air) -> None:
        """In an order in which no line that is going is used for a moment."""
        manners, cell = LINKS[name]
        self.name = name
        self.air = air
        self.wifi.quality = self.cell.quality = Quality(air.latency_ms / 1000, air.loss, air.rate)
        if manners is not None:
            self.wifi.behave(manners)
            self.wifi.set("wifi")
        if cell is not None:
            self.cell.set("4g" if cell else "off")
        if manners is None:
            self.wifi.set("off")

    @property
    def any(self) -> bool:
        """Is there a way out at all?"""
        return self.wifi.state != "off" or self.cell.state != "off"

    def power_cut(self) -> None:
        """The till's ends are gone."""
        self.wifi.drop()
        self.cell.drop()

    def close(self) -> None:
        self.wifi.close()
        self.cell.close()
