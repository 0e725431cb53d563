"""The ways out, and which of them carries: the cheapest that is in health. A line itself, over several.

A line whose call fails rests, longer each time, and the next one carries. A cheaper one that has come back is asked
first (hal/knock.py), and only then takes over: moved() is called with another name, and the link hangs up. Whatever was
under way is sent again over the new line, and the ledger books it once. A metered line is held to its budget."""

import asyncio
import socket
from collections.abc import Callable
from functools import partial

from hal.budget import Budget
from hal.caller import Line
from hal.knock import Knock
from hal.line_choice import Choice
from hal.line_health import STEADY_MS, Member
from hal.line_meter import Meter
from hal.line_news import News
from hal.line_scout import Scout
from hal.ports.board import Clock, Log, Way, Ways
from hal.ports.faults import LinkDown

DIAL_S = 25  # a call that is not taken until then never will be; hal/mqtt.py has 30


class Lines(Ways):
    """lines: in the order of preference among those that cost the same. knock: raises LinkDown unless the broker is there."""

    def __init__(self, lines: list[Line], clock: Clock, log: Log, knock: Knock, budget: Budget | None = None) -> None:
        self.choice = Choice(lines, clock, budget)
        self.clock = clock
        self.log = log
        self.news = News()
        self.scout = Scout(self.choice, log, knock, self.news, self._use, lambda: self.moved())
        self.meter = Meter(budget, self.choice, log, self.news, self._choose) if budget else None
        self.calling: Member | None = None
        self.moved: Callable[[], None] = lambda: None
        self.running = False

    # ---- a line

    @property
    def used(self) -> Line | None:
        """The one that carries."""
        return self.choice.used.line if self.choice.used else None

    @property
    def state(self) -> str:
        return "line" if self.used else "off"

    @property
    def name(self) -> str:
        return self.used.name if self.used else "off"

    @property
    def bars(self) -> int:
        return self.used.bars if self.used else 0

    @property
    def cost(self) -> int:
        return self.used.cost if self.used else 0

    def spent(self) -> int:
        return sum(member.line.spent() for member in self.choice.members)

    def start(self, moved: Callable[[], None]) -> None:
        self.moved = moved
        self.running = self.scout.running = True
        for member in self.choice.members:
            member.line.start(partial(self._moved, member))
            self._look(member)
        if self.meter:
            self.meter.start()
        self._choose()

    async def dial(self, host: str, port: int) -> socket.socket:
        """Over the line in use. Raises LinkDown, OSError."""
        member = self.choice.used
        if member is None:
            raise LinkDown("no line")
        self.scout.far = (host, port)
        self.calling = member
        try:
            return await asyncio.wait_for(member.line.dial(host, port), DIAL_S)
        except asyncio.TimeoutError:
            raise LinkDown(f"no answer in {DIAL_S} s") from None

    def report(self, good: bool, why: str) -> None:
        """How the attempt ended in which dial() was called."""
        member = self.calling
        if member is None:
            return
        member.line.report(good, why)
        if good:
            self.news.over(member.trouble)
            member.well(self.clock.now_ms())
            self.scout.wake()
        elif member is self.choice.used:  # one that was given up meanwhile has not failed
            self.calling = None
            rest = member.failed(self.clock.now_ms())
            if len(self.choice.open()) > 1:
                self.log.say("net", f"{member.line.name} rests for {rest // 1000} s: {why}")
            if not member.line.cost:
                self.scout.knock_at(member)
            self._choose()

    def look(self) -> None:
        """To be called every ten seconds or so, when the machine is awake anyway: what a metered line carried is counted."""
        if self.meter:
            self.meter.look()

    def close(self) -> None:
        """The power is gone: nothing goes on by itself."""
        self.running = False
        self.moved = lambda: None
        self.scout.close()
        if self.meter:
            self.meter.close()

    # ---- what an operator may know and do

    def watch(self, heed: Callable[[str], None]) -> None:
        self.news.heed = heed

    def ways(self) -> list[Way]:
        return [self._way(member) for member in self.choice.members]

    def _way(self, member: Member) -> Way:
        trouble = Ways.SPENT if self.choice.blocked(member) else member.trouble
        return Way(member.name, member.up >= 0, member is self.choice.used, member.line.bars, trouble)

    def data(self) -> tuple[int, int, int]:
        return self.meter.data() if self.meter else (0, 0, 0)

    def allow(self) -> None:
        if self.meter:
            self.meter.budget.allow()

    # ---- who carries

    def _choose(self) -> None:
        """After anything that may matter."""
        if not self.choice.stays():
            self._use(self.choice.best())
        self.scout.wake()
        self.moved()

    def _use(self, member: Member | None) -> None:
        if member is self.choice.used:
            return
        self.choice.used = member
        if member:
            self.log.say("net", f"{member.line.name} carries from here on")
        if member and member.line.cost and self.meter:
            self.meter.watch()

    def _moved(self, member: Member) -> None:
        """A line's state, name or bars are not what they were."""
        if not self.running:
            return
        self._look(member)
        self._choose()

    def _look(self, member: Member) -> None:
        """Up and down. One that goes down soon after it began to carry has failed, lest the till hop between two."""
        now, line = self.clock.now_ms(), member.line
        if line.state == "off" and member.up >= 0:
            if member is self.choice.used:
                self.log.say("net", f"{member.name} is gone")
                if now - member.up < STEADY_MS:
                    member.failed(now)
            member.up = -1
        elif line.state != "off" and (member.up < 0 or line.name != member.name):
            member.name = line.name
            member.up = now
            member.trouble = ""
