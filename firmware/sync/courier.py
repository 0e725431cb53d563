"""The courier: brings the journal to the fleet's ledger, one batch at a time, whenever there is a line.

Only the ledger's word, given after its COMMIT and checked against our own chain, moves what counts as acknowledged; a
broker's PUBACK proves nothing. Sending again is always safe. Nothing here blocks the till, and an idle courier sleeps
until someone rings: a sale (wake), the line (moved) or the fleet (on_message)."""

from firmware.sync.again import Again
from firmware.sync.channel import Channel
from firmware.sync.listener import Listener
from firmware.sync.outbox import Outbox
from firmware.sync.patience import Bell
from firmware.sync.redial import Redial
from firmware.sync.request import Requests
from firmware.sync.session import Session
from firmware.sync.standing import Standing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from firmware.journal.desk import Desk
    from firmware.journal.journal import Journal
    from firmware.journal.rollup import Rollup
    from hal.ports.board import Board


class Courier:
    """changed() is called when queued() or trouble is not what it was. requests: how the till asks the fleet. docs(out) is
    called with what the fleet says is out for this till, kind -> version."""

    def __init__(
        self,
        board: "Board",
        journal: "Journal",
        rollup: "Rollup",
        desk_journal: "Journal",
        desk: "Desk",
        changed: "Callable[[], None]",
    ):
        boot = board.random.below(1 << 30)
        self.docs: Callable[[dict[str, int]], None] = _nobody
        self._standing = Standing(board, journal, rollup, desk_journal, desk, changed)
        self._channel = Channel(board)
        self.requests = Requests(board, self._channel, boot, desk_journal, desk)
        self._bell = Bell()
        self._again = Again(journal, self._standing, self._channel, self._bell)
        self._outbox = Outbox(board, journal, self._standing, boot)
        self._listener = Listener(
            board, self._standing, self._channel, self._outbox, self._again, self.requests, lambda out: self.docs(out)
        )
        self._session = Session(board, self._standing, self._channel, self._outbox, self._again, self._listener, self._bell)
        self._redial = Redial(board, self._bell)

    @property
    def online(self) -> bool:
        """Is there a session with the broker?"""
        return self._channel.online

    @property
    def fork(self) -> bool:
        """The ledger's past is not ours: nothing is sent until they agree."""
        return self._standing.fork

    @property
    def trouble(self) -> str:
        """Why the fleet takes nothing: Standing.FORK, KEY, or "" when all is well. Selling goes on whatever it is."""
        return self._standing.trouble

    def queued(self) -> int:
        """Sales that the ledger has not acknowledged."""
        return self._standing.queued()

    def retirable(self) -> int:
        """Seq up to which the fleet certainly has everything: what may go from here. An ack alone could be anybody's."""
        return self._standing.to - self._standing.unvouched

    def wake(self) -> None:
        """Something that the fleet should know now was just journaled."""
        self._standing.owe()
        self._bell.ring()

    async def resend(self, first: int) -> int:
        """Send the acknowledged records from `first` on once more: the ledger has lost some. Seq of the last, when the fleet
        has taken them all. Raises LinkDown; the next call with the same first goes on where that came. StoreBroken."""
        return await self._again.ask(first)

    def moved(self) -> None:
        """The link's state is not what it was."""
        self._redial.moved()
        self._bell.ring()

    def retry(self) -> None:
        """What kept the brokers from letting us in is mended: try at once."""
        self._redial.hurry()
        self._bell.ring()

    def on_message(self, topic: str, payload: bytes) -> None:
        """Something came down."""
        if self._listener.heard(topic, payload):
            self._bell.ring()

    async def run(self) -> None:
        """Never returns."""
        while True:
            await self._redial.line()
            await self._redial.rest(await self._session.run())


def _nobody(out: "dict[str, int]") -> None:
    """Nobody listens yet."""
