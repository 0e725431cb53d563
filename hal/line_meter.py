"""A metered line is held to its budget: what it carries is counted while it does, and a full count shuts it."""

import asyncio
from collections.abc import Callable

from hal.budget import Budget
from hal.line_choice import Choice
from hal.line_news import News
from hal.ports.board import Log, Ways

METER_S = 5  # how often the metered line's bytes are counted while it carries, where nobody looks in


class Meter:
    """moved() is called when the budget is not what it was."""

    def __init__(self, budget: Budget, choice: Choice, log: Log, news: News, moved: Callable[[], None]) -> None:
        self.budget = budget
        self.choice = choice
        self.log = log
        self.news = news
        self.moved = moved
        self.running = False
        self.timer: asyncio.TimerHandle | None = None
        self.looked_at = False

    def start(self) -> None:
        """Ask the store what was carried before."""
        self.running = True
        self.budget.moved = self._budget_moved
        self.loading = asyncio.get_running_loop().create_task(self.budget.load())

    def watch(self) -> None:
        """The metered line carries from here on."""
        if self.timer is None:
            self._measure()

    def look(self) -> None:
        """Count now. Who calls this now and then, when the machine is awake anyway, spares it our timer from then on."""
        self.looked_at = True
        if self.timer:
            self.timer.cancel()
        self._measure()

    def close(self) -> None:
        """The power is gone."""
        self.running = False
        if self.timer:
            self.timer.cancel()

    def data(self) -> tuple[int, int, int]:
        """Per cent of the limit that is nearer, bytes of today, bytes of this month."""
        return self.budget.percent, self.budget.today, self.budget.this_month

    def _measure(self) -> None:
        """Count what was carried, and again as long as it is in use."""
        self.timer = None
        metered = self.choice.metered
        if metered and self.running:
            self.budget.count(sum(member.line.spent() for member in metered))
            if self.choice.used in metered and not self.looked_at:
                self.timer = asyncio.get_running_loop().call_later(METER_S, self._measure)

    def _budget_moved(self) -> None:
        budget = self.budget
        if not self.running:
            return
        if budget.loaded and budget.closed:
            self.log.say("net", "4g: the data budget is used up, sales wait for a free line")
            self.news.say(Ways.SPENT)
        elif budget.near:
            self.log.say("net", f"4g: {budget.percent} % of the data budget is used")
            self.news.say(Ways.NEAR)
        else:
            self.news.over(Ways.NEAR, Ways.SPENT)  # a new day: it is news again
        self.moved()
