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
from hal.knock import Knock, Portal, Silent
from hal.line_health import STEADY_MS, Member
from hal.ports.board import Clock, Log, Way, Ways
from hal.ports.faults import LinkDown

SETTLE_MS = 3000  # a line that comes up must stay up so long before it takes over from one that carries
KNOCK_S = 20
DIAL_S = 25  # a call that is not taken until then never will be; hal/mqtt.py has 30
METER_S = 5  # how often the metered line's bytes are counted while it carries


class Lines(Ways):
    """lines: in the order of preference among those that cost the same. knock: raises LinkDown unless the broker is there."""

    def __init__(self, lines: list[Line], clock: Clock, log: Log, knock: Knock, budget: Budget | None = None) -> None:
        self.members = [Member(line) for line in lines]
        self.clock = clock
        self.log = log
        self.knock = knock
        self.budget = budget
        self.used: Member | None = None
        self.calling: Member | None = None
        self.far: tuple[str, int] | None = None  # the broker that was called last
        self.moved: Callable[[], None] = lambda: None
        self.heed: Callable[[str], None] = lambda trouble: None
        self.told: set[str] = set()
        self.timer: asyncio.TimerHandle | None = None
        self.meter: asyncio.TimerHandle | None = None
        self.asking: asyncio.Task[None] | None = None
        self.running = False

    # ---- a line

    @property
    def state(self) -> str:
        return "line" if self.used else "off"

    @property
    def name(self) -> str:
        return self.used.line.name if self.used else "off"

    @property
    def bars(self) -> int:
        return self.used.line.bars if self.used else 0

    @property
    def cost(self) -> int:
        return self.used.line.cost if self.used else 0

    def spent(self) -> int:
        return sum(member.line.spent() for member in self.members)

    def start(self, moved: Callable[[], None]) -> None:
        self.moved = moved
        self.running = True
        for member in self.members:
            member.line.start(partial(self._moved, member))
            self._look(member)
        if self.budget:
            self.budget.moved = self._budget_moved
            self.loading = asyncio.get_running_loop().create_task(self.budget.load())
        self._choose()

    async def dial(self, host: str, port: int) -> socket.socket:
        """Over the line in use. Raises LinkDown, OSError."""
        member = self.used
        if member is None:
            raise LinkDown("no line")
        self.far = (host, port)
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
            self.told.discard(member.trouble)
            member.well(self.clock.now_ms())
            self._wake()
        elif member is self.used:  # one that was given up meanwhile has not failed
            self.calling = None
            rest = member.failed(self.clock.now_ms())
            if len(self._open()) > 1:
                self.log.say("net", f"{member.line.name} rests for {rest // 1000} s: {why}")
            if not member.line.cost:
                self._knock_at(member)
            self._choose()

    def close(self) -> None:
        """The power is gone: nothing goes on by itself."""
        self.running = False
        self.moved = lambda: None
        for timer in (self.timer, self.meter):
            if timer:
                timer.cancel()
        if self.asking:
            self.asking.cancel()

    # ---- what an operator may know and do

    def watch(self, heed: Callable[[str], None]) -> None:
        self.heed = heed

    def ways(self) -> list[Way]:
        return [self._way(member) for member in self.members]

    def _way(self, member: Member) -> Way:
        trouble = Ways.SPENT if self._blocked(member) else member.trouble
        return Way(member.name, member.up >= 0, member is self.used, member.line.bars, trouble)

    def data(self) -> tuple[int, int, int]:
        if self.budget is None:
            return 0, 0, 0
        return self.budget.percent, self.budget.today, self.budget.this_month

    def allow(self) -> None:
        if self.budget:
            self.budget.allow()

    def _say(self, trouble: str) -> None:
        """Once, until it is over."""
        if trouble and trouble not in self.told:
            self.told.add(trouble)
            self.heed(trouble)

    # ---- who carries

    def _open(self) -> list[Member]:
        return [member for member in self.members if member.line.state != "off" and not self._blocked(member)]

    def _blocked(self, member: Member) -> bool:
        return member.line.cost > 0 and self.budget is not None and self.budget.closed

    def _best(self) -> Member | None:
        """The cheapest that is not at rest; when all are, the one whose rest is over first."""
        now = self.clock.now_ms()
        can = self._open()
        awake = [member for member in can if member.rest_until <= now]
        if awake:
            return min(awake, key=lambda member: member.line.cost)
        return min(can, key=lambda member: member.rest_until, default=None)

    def _choose(self) -> None:
        """After anything that may matter. The one in use stays as long as it can and is in health."""
        used = self.used
        if used is None or used not in self._open() or used.rest_until > self.clock.now_ms():
            self._use(self._best())
        self._wake()
        self.moved()

    def _use(self, member: Member | None) -> None:
        if member is self.used:
            return
        self.used = member
        if member:
            self.log.say("net", f"{member.line.name} carries from here on")
        if self.meter is None and member and member.line.cost and self.budget:
            self._measure()

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
            if member is self.used:
                self.log.say("net", f"{member.name} is gone")
                if now - member.up < STEADY_MS:
                    member.failed(now)
            member.up = -1
        elif line.state != "off" and (member.up < 0 or line.name != member.name):
            member.name = line.name
            member.up = now
            member.trouble = ""

    # ---- is a better one in health?

    def _better(self) -> list[Member]:
        """Lines that would cost less than the one in use."""
        if self.used is None:
            return []
        return [member for member in self._open() if member is not self.used and member.line.cost < self.used.line.cost]

    def _wake(self) -> None:
        """Set the clock for the next knock."""
        if self.timer:
            self.timer.cancel()
            self.timer = None
        if self.asking and not self.asking.done():
            return
        better = self._better()
        if better and self.far and self.running:
            at = min(max(member.rest_until, member.up + SETTLE_MS) for member in better)
            wait = max(at - self.clock.now_ms(), 0) / 1000
            self.timer = asyncio.get_running_loop().call_later(wait, self._ask)

    def _ask(self) -> None:
        now = self.clock.now_ms()
        due = [member for member in self._better() if max(member.rest_until, member.up + SETTLE_MS) <= now]
        if due:
            self._knock_at(min(due, key=lambda member: member.line.cost))
        else:
            self._wake()

    def _knock_at(self, member: Member) -> None:
        """Go and ask, unless somebody is on the way."""
        if self.far and (self.asking is None or self.asking.done()):
            self.asking = asyncio.get_running_loop().create_task(self._try(member, *self.far))
            self.asking.add_done_callback(lambda task: self._wake())

    async def _try(self, member: Member, host: str, port: int) -> None:
        """Knock; whoever opens, and is not at rest, takes over if it costs less."""
        try:
            async with asyncio.timeout(KNOCK_S):
                await self.knock(await member.line.dial(host, port), host)
        except asyncio.TimeoutError:
            self._unwell(member, Silent("no answer"))
        except (LinkDown, OSError) as fault:
            self._unwell(member, fault)
        else:
            self.told.discard(member.trouble)
            member.trouble = ""
            member.opened = True
            if member in self._better() and member.rest_until <= self.clock.now_ms():
                self._use(member)
                self.moved()

    def _unwell(self, member: Member, fault: Exception) -> None:
        """It is not the broker who answers, or nobody does."""
        now = self.clock.now_ms()
        if member.rest_until <= now:
            member.failed(now)
        member.trouble = Ways.PORTAL if isinstance(fault, Portal) else Ways.SILENT
        self.log.say("net", f"{member.name}: {fault}")
        if member.trouble == Ways.PORTAL:
            self._say(Ways.PORTAL)
        self.moved()

    # ---- the budget

    def _measure(self) -> None:
        """Count what the metered line has carried, and again as long as it is in use."""
        self.meter = None
        metered = [member for member in self.members if member.line.cost]
        if self.budget and metered and self.running:
            self.budget.count(sum(member.line.spent() for member in metered))
            if self.used in metered:
                self.meter = asyncio.get_running_loop().call_later(METER_S, self._measure)

    def _budget_moved(self) -> None:
        budget = self.budget
        if budget is None or not self.running:
            return
        if budget.loaded and budget.closed:
            self.log.say("net", "4g: the data budget is used up, sales wait for a free line")
            self._say(Ways.SPENT)
        elif budget.near:
            self.log.say("net", f"4g: {budget.percent} % of the data budget is used")
            self._say(Ways.NEAR)
        else:
            self.told -= {Ways.NEAR, Ways.SPENT}  # a new day: it is news again
        self._choose()
