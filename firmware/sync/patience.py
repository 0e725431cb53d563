"""Waiting, two ways: how long before the next try, and until someone rings."""

import asyncio

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hal.ports.board import Random

JITTER_PERCENT = 30  # either way, so that a fleet does not come back as one


class Patience:
    """A wait that starts at first_ms and doubles up to longest_ms; each is drawn from 70..130 % of that."""

    def __init__(self, random: "Random", first_ms: int, longest_ms: int):
        self._random = random
        self._first_ms = first_ms
        self._longest_ms = longest_ms
        self._ms = first_ms

    def reset(self) -> None:
        """All went well: be quick again."""
        self._ms = self._first_ms

    def next(self) -> int:
        """The wait in ms; the one after it will be twice as long."""
        ms = self._ms * (100 - JITTER_PERCENT + self._random.below(2 * JITTER_PERCENT + 1)) // 100
        self._ms = min(self._ms * 2, self._longest_ms)
        return ms


class Bell:
    """What wakes the one task that waits. Ringing it while nobody waits is forgotten: look first, then wait."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def ring(self) -> None:
        """Wake it."""
        self._event.set()

    async def wait(self, ms: "int | None" = None) -> bool:
        """Until it rings (True), or until ms are over (False); None: for ever."""
        self._event.clear()
        if ms is None:
            await self._event.wait()
            return True
        try:
            await asyncio.wait_for(self._event.wait(), ms / 1000)
        except asyncio.TimeoutError:
            return False
        return True
