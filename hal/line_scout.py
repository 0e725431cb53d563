"""Is a cheaper line in health again? It is asked while the dearer one carries; only who opens as the broker does takes over."""

import asyncio
from collections.abc import Callable

from hal.knock import Knock, Portal, Silent
from hal.line_choice import Choice
from hal.line_health import Member
from hal.line_news import News
from hal.ports.board import Log, Ways
from hal.ports.faults import LinkDown

SETTLE_MS = 3000  # a line that comes up must stay up so long before it takes over from one that carries
KNOCK_S = 20


class Scout:
    """far: the broker that was called last. take(member): it carries from here on. told(): a line's trouble may be another."""

    def __init__(
        self, choice: Choice, log: Log, knock: Knock, news: News, take: Callable[[Member], None], told: Callable[[], None]
    ) -> None:
        self.far: tuple[str, int] | None = None
        self.choice = choice
        self.clock = choice.clock
        self.log = log
        self.knock = knock
        self.news = news
        self.take = take
        self.told = told
        self.running = False
        self.timer: asyncio.TimerHandle | None = None
        self.asking: asyncio.Task[None] | None = None

    def wake(self) -> None:
        """Set the clock for the next knock."""
        if self.timer:
            self.timer.cancel()
            self.timer = None
        if self.asking and not self.asking.done():
            return
        better = self.choice.better()
        if better and self.far and self.running:
            at = min(settled(member) for member in better)
            wait = max(at - self.clock.now_ms(), 0) / 1000
            self.timer = asyncio.get_running_loop().call_later(wait, self._ask)

    def knock_at(self, member: Member) -> None:
        """Go and ask, unless somebody is on the way."""
        if self.far and (self.asking is None or self.asking.done()):
            self.asking = asyncio.get_running_loop().create_task(self._try(member, *self.far))
            self.asking.add_done_callback(lambda task: self.wake())

    def close(self) -> None:
        """The power is gone: nobody is asked any more."""
        self.running = False
        if self.timer:
            self.timer.cancel()
        if self.asking:
            self.asking.cancel()

    def _ask(self) -> None:
        due = [member for member in self.choice.better() if settled(member) <= self.clock.now_ms()]
        if due:
            self.knock_at(min(due, key=lambda member: member.line.cost))
        else:
            self.wake()

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
            self.news.over(member.trouble)
            member.trouble = ""
            member.opened = True
            if member in self.choice.better() and member.rest_until <= self.clock.now_ms():
                self.take(member)
                self.told()

    def _unwell(self, member: Member, fault: Exception) -> None:
        """It is not the broker who answers, or nobody does."""
        now = self.clock.now_ms()
        if member.rest_until <= now:
            member.failed(now)
        member.trouble = Ways.PORTAL if isinstance(fault, Portal) else Ways.SILENT
        self.log.say("net", f"{member.name}: {fault}")
        if member.trouble == Ways.PORTAL:
            self.news.say(Ways.PORTAL)
        self.told()


def settled(member: Member) -> int:
    """From when on it may be asked, clock.now_ms()."""
    return max(member.rest_until, member.up + SETTLE_MS)
