"""Sending acknowledged records once more, because the ledger has lost some and an order of the fleet's asks for them."""

from firmware.sync.patience import Bell

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.journal.journal import Journal
    from firmware.sync.channel import Channel
    from firmware.sync.outbox import Outbox
    from firmware.sync.standing import Standing


class Again:
    """bell: wakes whoever sends."""

    def __init__(self, journal: "Journal", standing: "Standing", channel: "Channel", bell: Bell):
        self._journal = journal
        self._standing = standing
        self._channel = channel
        self._bell = bell
        self._over = Bell()  # rings when all went, or when there is no session
        self._first = 0  # what was asked for
        self._next = 0  # of the batch that is due; 0 when all went
        self._sent = 0  # records of it that are under way

    @property
    def due(self) -> bool:
        """Is there a batch to send?"""
        return not self._standing.fork and 0 < self._next <= self._standing.to

    async def ask(self, first: int) -> int:
        """Until the fleet has taken all from `first` on that it had acknowledged; seq of the last. Raises LinkDown; the next
        call with the same first goes on where that came. StoreBroken."""
        first = max(first, await self._journal.first())
        if self._first != first:
            self._first = self._next = first
            self._sent = 0
        self._bell.ring()
        while self.due:
            self._channel.check()
            await self._over.wait()
        self._first = self._next = 0
        return self._standing.to

    async def send(self, outbox: "Outbox") -> None:
        """The batch that is due."""
        self._sent = await outbox.again(self._next)

    def taken(self) -> bool:
        """The fleet has acknowledged what it had acknowledged before. False when nothing was sent once more."""
        sent, self._sent = self._sent, 0
        self._next += sent
        if sent and not self.due:
            self._next = 0
            self._over.ring()
        return sent > 0

    def cut(self) -> None:
        """The session is over: nobody knows whether it was taken."""
        self._sent = 0
        self._over.ring()
