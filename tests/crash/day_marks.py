"""What each trouble of day_troubles.py changes in a day: proof that it did something. A day with one trouble alone, often, is
held against the same customers' day with none: there must be more of the trouble's mark in it."""

import asyncio
from collections.abc import Callable
from itertools import pairwise
from typing import Any

from hal.ports.frame import Frame
from sim.records import Tail
from sim.world import World
from tests.crash.day_troubles import LOUD

HAND_MS = 20  # every edge of a script's keys comes at a multiple of it
LONG_S = 330  # longer than from one customer to the next
PAPERY = ("paper", "paper low", "cover", "printer", "printer cable")  # where nothing is printed they do nothing
ONLINE_MS = 5000  # until then a boot may be on its way to the fleet
SAMPLE = 8  # days
CUSTOMERS = 4


class Diary:
    """All that can be seen of one day. screens: how often each came; said: the log; queued: the most that waited."""

    def __init__(self) -> None:
        self.screens: dict[str, int] = {}
        self.said: list[str] = []
        self.batteries: set[int] = set()
        self.offline = self.late = False
        self.queued = 0

    def watch(self, world: World) -> None:
        """From the start."""
        self.world = world
        self.loop = asyncio.get_running_loop()
        self.started = self.loop.time()
        world.watch(self._frame)
        world.events.subscribe(lambda event: self.said.append(event.text))

    def _frame(self, frame: Frame) -> None:
        self.screens[frame.id] = self.screens.get(frame.id, 0) + 1
        ms = round((self.loop.time() - self.started) * 1000)
        self.late = self.late or (frame.id == "paid" and ms % HAND_MS > 0)
        if frame.status is not None:
            self.offline = self.offline or (frame.status.offline and ms > ONLINE_MS)
            self.queued = max(self.queued, frame.status.queued)
            self.batteries.add(frame.status.battery)

    def saw(self, screen: str) -> bool:
        return screen in self.screens

    def heard(self, words: str) -> bool:
        return any(words in text for text in self.said)

    def kept(self, kind: str) -> "list[dict[str, Any]]":
        """Records of the main journal."""
        return [record for record in self.world.books.read().records if record["kind"] == kind]

    def recalled(self) -> int:
        """How many carts came back from the slot where they were parked."""
        return sum(1 for record in Tail(self.world.books.local.disks, "desk").fresh() if record.get("from"))

    def sold(self) -> "list[int]":
        return [sale["total"] for sale in self.kept("sale")]

    def jumped(self) -> bool:
        """The wall clock went back, or far ahead."""
        at = [sale["at"] for sale in self.kept("sale")]
        return any(not 0 <= after - before <= LONG_S for before, after in pairwise(at))


Mark = Callable[[Diary], int]  # or a bool


def saw(screen: str) -> Mark:
    return lambda day: day.saw(screen)


def heard(words: str) -> Mark:
    return lambda day: day.heard(words)


MARKS: "dict[str, Mark]" = {
    "paper": saw("paper_out"),
    "paper low": heard("status near_end"),
    "cover": heard("status cover"),
    "printer": heard("status unknown"),
    "printer cable": heard("no status"),
    "panel cable": heard("panel lost"),
    "worn keys": lambda day: sum(day.sold()),
    "link": lambda day: day.offline,
    "hole": lambda day: day.offline,
    "broker": lambda day: day.offline,
    "fleet": lambda day: day.queued > 1,
    "slow disk": lambda day: day.late,
    "full disk": heard("100 % of a disk is used"),
    "battery": lambda day: 4 in day.batteries,
    "cut": lambda day: day.screens["off"],
    "cut in a sale": lambda day: day.screens["off"],
    "cut at a frame": lambda day: day.screens["off"],
    "power key": lambda day: day.heard("the power key was pressed") and day.heard("the till has switched itself off"),
    "battery empty": lambda day: day.saw("switch_off") and day.heard("the till has switched itself off"),
    "keypad cable": heard("keypad is back"),
    "scanner cable": heard("scanner is back"),
    "clock": lambda day: day.jumped(),
    "clock lost": saw("clock_check"),
    "wild keys": saw("refused"),
    "scan": saw("not_found"),
    "hold": lambda day: day.recalled(),
    "reprint": lambda day: len(day.kept("print")),
    "no sale": lambda day: len(day.kept("no_sale")),
    "bad sync": heard("is in doubt"),
    "rot": heard("frames healed, seq"),
}


def seeds(name: str) -> "list[int]":
    """Of the sample's days."""
    return [day * LOUD + (name not in PAPERY) for day in range(SAMPLE)]


def leaves_its_mark(name: str, live: "Callable[[int, str], Diary]") -> bool:
    """live(seed, the only trouble): some day of the sample has more of its mark than the calm one."""
    return any(MARKS[name](live(seed, name)) > MARKS[name](live(seed, "")) for seed in seeds(name))
