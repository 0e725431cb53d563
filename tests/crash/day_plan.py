"""One day at the stall as lines of the .sale language, from a seed: customers, and what goes wrong between and under them.

Each seed switches on its own half of the troubles (swarm testing), so that rare pairs meet."""

import random

from tests.crash.day_troubles import BLOWS, HOME, LOUD, SALES, SPELLS

CUSTOMERS = 100
SPELL, BLOW = 0.12, 0.2  # chances that one begins with a customer
CALM = (
    "cover closed",
    "paper in",
    "printer answering",
    *(f"cable {device} in" for device in ("keypad", "scanner", "panel", "printer")),
    "bounce 0ms",
    "net wifi",
    "broker up",
    "fleet up",
    "disk ok",
    "battery 80%",
    "power on",
    HOME,
)


class Plan:
    """lines: the day. loud: it prints a slip for each sale; the others are four times as fast. only: this trouble and no
    other, and often; "" for none at all. The customers are the same whatever goes wrong."""

    def __init__(self, seed: int, customers: int = CUSTOMERS, only: "str | None" = None) -> None:
        self.seed = seed
        self.chance = random.Random(seed)
        self.counter = random.Random(f"the counter of {seed}")
        self.lang = self.chance.choice(("en", "zh"))
        self.loud = seed % LOUD == 0
        self.lines: list[str] = []
        self.spells = [name for name in SPELLS if self._troubled(name, only)]
        self.blows = [name for name in BLOWS if self._troubled(name, only)]
        self.often = 1.0 if only is None else 4.0
        self._ends: list[tuple[int, str]] = []
        for customer in range(customers):
            self._customer(customer)
        self.lines += CALM

    def _troubled(self, name: str, only: "str | None") -> bool:
        drawn = self.chance.random() < 0.5
        return drawn if only is None else name == only

    def _customer(self, customer: int) -> None:
        for line in [line for due, line in self._ends if due <= customer]:
            self.lines.append(line)
        self._ends = [(due, line) for due, line in self._ends if due > customer]
        if self.spells and self.chance.random() < SPELL * self.often:
            begins, ends = SPELLS[self.chance.choice(self.spells)]
            self.lines += begins
            self._ends.append((customer + self.chance.randrange(1, 12), ends))
        if self.blows and self.chance.random() < BLOW * self.often:
            self.lines += BLOWS[self.chance.choice(self.blows)](self.chance)
        self.lines.append(self.counter.choice(SALES))
        self.lines.append(f"wait {self.counter.choice((1, 3, 20, 60, 300))}s")
