"""Which of several lines may carry, which should, and which would cost less than the one that does. It looks, and no more."""

from hal.budget import Budget
from hal.caller import Line
from hal.line_health import Member
from hal.ports.board import Clock


class Choice:
    """lines: in the order of preference among those that cost the same. used: the one that carries."""

    def __init__(self, lines: list[Line], clock: Clock, budget: Budget | None) -> None:
        self.members = [Member(line) for line in lines]
        self.metered = [member for member in self.members if member.line.cost]
        self.used: Member | None = None
        self.clock = clock
        self.budget = budget

    def blocked(self, member: Member) -> bool:
        """Has its budget been used up?"""
        return member.line.cost > 0 and self.budget is not None and self.budget.closed

    def open(self) -> list[Member]:
        """Those that are up and may carry."""
        return [member for member in self.members if member.line.state != "off" and not self.blocked(member)]

    def stays(self) -> bool:
        """The one in use stays as long as it can and is in health."""
        return self.used is not None and self.used in self.open() and self.used.rest_until <= self.clock.now_ms()

    def best(self) -> Member | None:
        """The cheapest that is not at rest; when all are, the one whose rest is over first."""
        now = self.clock.now_ms()
        can = self.open()
        awake = [member for member in can if member.rest_until <= now]
        if awake:
            return min(awake, key=lambda member: member.line.cost)
        return min(can, key=lambda member: member.rest_until, default=None)

    def better(self) -> list[Member]:
        """Lines that would cost less than the one in use."""
        if self.used is None:
            return []
        return [member for member in self.open() if member is not self.used and member.line.cost < self.used.line.cost]
