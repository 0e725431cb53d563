"""What an act is, and the ways in which one can miss."""

from typing import Protocol

from sim.script.pace import Pace
from sim.world import World

PATIENCE_MS = 600_000  # what must come gives up after ten virtual minutes


class Missed(Exception):
    """An expectation that did not hold; str() says what was there instead."""


class TooLong(Exception):
    """Something that must end did not, in ten virtual minutes."""


class Act(Protocol):
    """One line of a script."""

    async def run(self, world: World, pace: Pace) -> None: ...
