"""What a command of the virtual modem's can reach: its line, its air, its SIM, and how its radio stands."""

import asyncio
import random
from collections.abc import Callable

from sim.chips.modem_air import Air, Far, Knobs
from sim.chips.modem_sim import SimCard
from sim.chips.modem_uart import Line, Meters

STATS = {"idle": 0, "home": 1, "searching": 2, "denied": 3, "unknown": 4, "roaming": 5}


class Hardware(Knobs, Meters, SimCard):
    """It stays what it is over boots. errors: commands that it refused. heard, room: as its line wants them. The rest is told
    where a modem's knobs are."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        far: Far,
        baud: int,
        seed: int,
        heard: Callable[[bytes], None],
        room: Callable[[], int],
    ) -> None:
        self.loop = loop
        self.chance = random.Random(seed)
        self.air = Air(loop, far, self.chance)
        self.wire = Line(loop, baud, self.chance, heard, room)
        self.errors: list[str] = []
        self.complain: Callable[[str], None] = self.errors.append
        self.csq = 18
        self.apn = ""
        self.autobaud = 0
        self.answer_s = (0.003, 0.01)
        self.stuck_close = False
        self.only_4g = False
        self.stat = 0
        self.covered = True  # there is a cell

    def stat_of(self, kind: str) -> int:
        """+CxREG's, where kind is x."""
        return STATS["unknown"] if kind == "G" and self.only_4g else self.stat

    @property
    def served(self) -> bool:
        """Registered, at home or roaming."""
        return self.stat in (STATS["home"], STATS["roaming"])

    @property
    def heard_csq(self) -> int:
        return self.csq if self.covered else 99
