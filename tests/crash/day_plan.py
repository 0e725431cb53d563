"""One day at the stall as lines of the .sale language, from a seed: customers, and what goes wrong between and under them.

Each seed switches on its own half of the troubles (swarm testing), so that rare pairs meet."""

import random

CUSTOMERS = 100

SALES = (
    "keys F1 CASH OK OK",
    "keys F1 CASH OK OK",
    "keys F2 F3 CASH OK OK",
    "keys 1 2 PLU CASH 1 0 00 OK OK",
    "keys 8 5 0 CASH OK OK",
    "keys 3 TIMES F1 CASH CASH OK",
    "keys 5 0 0 CASH 2 00 OK 5 00 CASH OK",
    "keys F1 hold:CANCEL F2 CASH OK OK",
)
SCANS = ("5012345678900", "0", "5012345678901", "x" * 60, "乌龙茶")
NAMES = (
    "F1",
    "F2",
    "F3",
    "CASH",
    "OK",
    "CANCEL",
    "BACK",
    "TIMES",
    "PLU",
    "MENU",
    "UP",
    "DOWN",
    "PRINT",
    "1",
    "5",
    "00",
    "QR",
    "CARD",
)
HOME = "keys OK F2 OK CANCEL OK CANCEL OK"

# what begins, and what ends it some customers later
SPELLS = {
    "paper": ("paper out", "paper in"),
    "paper low": ("paper near-end", "paper in"),
    "cover": ("cover open", "cover closed"),
    "printer": ("printer silent", "printer answering"),
    "link": ("net off", "net wifi"),
    "broker": ("broker down", "broker up"),
    "fleet": ("fleet down", "fleet up"),
    "slow disk": ("disk slow write=2ms sync=10ms", "disk ok"),
    "full disk": ("disk full", "disk ok"),
    "battery": ("battery 4%", "battery 80%"),
}
BLOWS = (
    "cut",
    "cut in a sale",
    "cut at a frame",
    "clock",
    "clock lost",
    "wild keys",
    "scan",
    "hold",
    "reprint",
    "no sale",
    "bad sync",
    "rot",
)
CALM = ("cover closed", "paper in", "printer answering", "net wifi", "broker up", "fleet up", "disk ok", "power on", HOME)


class Plan:
    """lines: the day. profile, lang: what it starts from."""

    def __init__(self, seed: int, customers: int = CUSTOMERS) -> None:
        self.seed = seed
        self.chance = random.Random(seed)
        self.lang = self.chance.choice(("en", "zh"))
        self.loud = seed % 8 == 0  # prints a slip for each sale; the others are four times as fast
        self.lines: list[str] = []
        self.spells = [name for name in SPELLS if self.chance.random() < 0.5]
        self.blows = [name for name in BLOWS if self.chance.random() < 0.5]
        self._ends: list[tuple[int, str]] = []
        for customer in range(customers):
            self._customer(customer)
        self.lines += CALM

    def _customer(self, customer: int) -> None:
        for line in [line for due, line in self._ends if due <= customer]:
            self.lines.append(line)
        self._ends = [(due, line) for due, line in self._ends if due > customer]
        if self.spells and self.chance.random() < 0.12:
            begins, ends = SPELLS[self.chance.choice(self.spells)]
            self.lines.append(begins)
            self._ends.append((customer + self.chance.randrange(1, 12), ends))
        if self.blows and self.chance.random() < 0.2:
            self._blow(self.chance.choice(self.blows))
        self.lines.append(self.chance.choice(SALES))
        self.lines.append(f"wait {self.chance.choice((1, 3, 20, 60, 300))}s")

    def _blow(self, name: str) -> None:
        chance, back = self.chance, ["wait 2s", "power on", HOME]
        if name == "cut":
            self.lines += ["power cut", *back]
        elif name == "cut in a sale":
            keys = chance.choice(SALES).split()
            at = chance.randrange(1, len(keys))
            self.lines += [" ".join(keys[: at + 1]), f"wait {chance.randrange(60)}ms", "power cut", *back]
        elif name == "cut at a frame":
            when, kind = chance.choice(("before", "after")), chance.choice(("sale", "sale", "print"))
            self.lines += [f"power cut {when} {kind}", chance.choice(SALES), *back]
        elif name == "clock":
            self.lines.append(chance.choice(("clock +2h", "clock -2h", "clock +400s")))
        elif name == "clock lost":
            self.lines += ["clock lost", "power cut", *back]
        elif name == "bad sync":
            self.lines += [f"disk eio at sync {chance.randrange(1, 7)}", chance.choice(SALES), HOME]
        elif name == "rot":
            self.lines += ["disk damage", *(["power cut", *back] if chance.random() < 0.7 else [])]
        elif name == "wild keys":
            self.lines += ["keys " + " ".join(chance.choice(NAMES) for _ in range(chance.randrange(1, 9))), HOME]
        elif name == "scan":
            self.lines.append(f"scan {chance.choice(SCANS)}")
        elif name == "hold":
            self.lines += ["keys F3 hold:CANCEL", "keys F1 CASH OK OK", "keys MENU 5 1"]
        elif name == "reprint":
            self.lines.append("keys PRINT")
        else:
            self.lines += ["keys MENU 4 1 OK", HOME]
