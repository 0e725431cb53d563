"""One session after another with the broker, and in it the fleet: is it there, what time is it there, and a way up."""

from hal.ports.faults import LinkDown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hal.ports.board import Board


class Channel:
    """settled: the fleet has said, in this session, where its ledger stands. session: counts them."""

    def __init__(self, board: "Board"):
        self._board = board
        self._link = board.link
        self._ahead_ms = 0  # of the fleet's clock before our own counter
        self.settled = False
        self.session = 0

    @property
    def online(self) -> bool:
        """Is there a session with the broker?"""
        return self._link.state == "online"

    @property
    def ready(self) -> bool:
        """Is there a session in which the fleet has spoken?"""
        return self.online and self.settled

    def opened(self) -> None:
        """A new session; the fleet has not spoken yet."""
        self.settled = False
        self.session += 1

    def welcomed(self, utc: int) -> None:
        """The fleet has spoken; utc: its clock, s."""
        if not self.settled:
            self._ahead_ms = utc * 1000 - self._board.clock.now_ms()
        self.settled = True

    def fleet_s(self) -> int:
        """The fleet's UTC seconds, by its last welcome; slow by as long as that took to come."""
        return (self._ahead_ms + self._board.clock.now_ms()) // 1000

    def check(self) -> None:
        """Raises LinkDown where there is no session."""
        if not self.online:
            raise LinkDown("no session")

    async def post(self, topic: str, payload: bytes) -> None:
        """Publish in this session. Raises LinkDown."""
        if not self.ready:
            raise LinkDown("no session")
        await self._link.publish(topic, payload, 1, False)
