"""The panel and the hands together: a screen is awaited, and what it returns is the operator's next act."""

from firmware.ui.hands import Act, Hands
from firmware.ui.status import next_minute_ms
from hal.ports.board import Sound

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from firmware.ui.look import Look
    from firmware.ui.queue import Queue
    from hal.ports.board import Board
    from hal.ports.frame import Frame

    Draw = Callable[[Look], Frame]

LEAVE = ("OK", "BACK", "CANCEL")


class Ui:
    """Handed to every flow. look: makes the Look of this instant."""

    def __init__(self, board: "Board", queue: "Queue", look: "Callable[[], Look]"):
        self._clock = board.clock
        self._screen = board.screen
        self._sound = board.sound
        self._look = look
        self._hands = Hands(queue, board.clock, board.sound)
        self._again: Act | None = None

    async def show(self, draw: "Draw") -> None:
        """Draw it now, as things stand."""
        await self._screen.show(draw(self._look()))

    async def act(
        self,
        draw: "Draw",
        holds: "tuple[str, ...]" = (),
        until_ms: int | None = None,
        until: "Callable[[], bool] | None" = None,
    ) -> "Act | None":
        """Show a screen and wait for the operator's next act.

        The screen is drawn again when the minute, the link or the queue changes. holds: keys that mean something when
        held. None when until_ms (clock.now_ms) has come, or when until() has become true."""
        while True:
            if self._again is not None:
                left_over, self._again = self._again, None
                return left_over
            await self.show(draw)
            if until is not None and until():
                return None
            act = await self._hands.next(holds, self._wake_ms(until_ms))
            if act is not None:
                return act
            if until_ms is not None and self._clock.now_ms() >= until_ms:
                return None

    def again(self, act: Act) -> None:
        """This act ended a screen and is meant for the next one: no screen swallows a key."""
        self._again = act

    async def any_key(self, draw: "Draw") -> None:
        """Show until any key. OK, BACK and CANCEL only leave; every other act counts on the next screen."""
        act = await self.act(draw)
        if act is not None and act.name not in LEAVE:
            self.again(act)

    def refuse(self) -> None:
        """That key means nothing here."""
        self._sound.tone(Sound.ERROR)

    def _wake_ms(self, until_ms: int | None) -> int | None:
        minute_ms = next_minute_ms(self._clock)
        wakes = [ms for ms in (until_ms, minute_ms) if ms is not None]
        return min(wakes) if wakes else None
