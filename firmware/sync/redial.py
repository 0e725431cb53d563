"""When the courier calls again: at once on a new line, else after a pause that doubles for as long as calling does no good."""

from firmware.sync.patience import Patience

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.sync.patience import Bell
    from firmware.sync.session import Ending
    from hal.ports.board import Board

FIRST_PAUSE_MS, LONGEST_PAUSE_MS = 1000, 60_000  # between two attempts to connect


class Redial:
    """bell: rings whenever the line moves, or somebody is in a hurry."""

    def __init__(self, board: "Board", bell: "Bell"):
        self._link = board.link
        self._clock = board.clock
        self._log = board.log
        self._bell = bell
        self._pause = Patience(board.random, FIRST_PAUSE_MS, LONGEST_PAUSE_MS)
        self._line = "off"  # its name at the last look
        self._fresh = False  # another line came up since the last attempt

    def moved(self) -> None:
        """The link's state is not what it was."""
        if self._link.name != self._line:
            self._line = self._link.name
            self._fresh = self._line != "off"

    def hurry(self) -> None:
        """The next call is as good as on a new line."""
        self._fresh = True

    async def line(self) -> None:
        """Until there is one to call on."""
        while self._link.state == "off":
            await self._bell.wait()
        if self._fresh:
            self._pause.reset()
            self._fresh = False

    async def rest(self, ended: "Ending") -> None:
        """Until the time is over, or another line is up; without any line there is nothing to wait for here.

        A session that held, or was of use, is a new beginning. Where two tills have one key each ends the other's as soon
        as it has settled: they must not do so once a second."""
        if ended.of_use or ended.held_ms >= LONGEST_PAUSE_MS:
            self._pause.reset()
        if self._link.state == "off":
            self._log.say("net", f"{ended.why}; no line")
            return
        ms = self._pause.next()
        self._log.say("net", f"{ended.why}; again in {ms} ms")
        end = self._clock.now_ms() + ms
        while self._link.state != "off" and not self._fresh:
            left = end - self._clock.now_ms()
            if left <= 0 or not await self._bell.wait(left):
                return
