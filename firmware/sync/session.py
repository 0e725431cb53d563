"""One session with the fleet after another: what is said next, and how long its answer is waited for.

A hello first, and again when nobody signed for a long stretch; then what the ledger lacks, one batch at a time; then what it
lost. Silence is met with patience: the same again, later each time."""

from firmware.sync.patience import Patience
from hal.ports.faults import Fault, LinkDown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.sync.again import Again
    from firmware.sync.channel import Channel
    from firmware.sync.listener import Listener
    from firmware.sync.outbox import Outbox
    from firmware.sync.patience import Bell
    from firmware.sync.standing import Standing
    from hal.ports.board import Board

FIRST_PATIENCE_MS, LONGEST_PATIENCE_MS = 8000, 300_000  # with the fleet's silence, before sending again
ANCHOR_EVERY = 1000  # records of one session after which the fleet is asked to sign for them


class Ending:
    """Of a session. why: in words. held_ms: how long it stood, and of_use: something was acknowledged or answered in it;
    neither counts where the fleet never spoke, or where the till's own store was at fault."""

    def __init__(self, why: str, held_ms: int = 0, of_use: bool = False):
        self.why = why
        self.held_ms = held_ms
        self.of_use = of_use


class Session:
    """bell: rings for whatever may have to be sent or heeded, and when the line moves."""

    def __init__(
        self,
        board: "Board",
        standing: "Standing",
        channel: "Channel",
        outbox: "Outbox",
        again: "Again",
        listener: "Listener",
        bell: "Bell",
    ):
        self._link = board.link
        self._clock = board.clock
        self._standing = standing
        self._channel = channel
        self._outbox = outbox
        self._again = again
        self._listener = listener
        self._bell = bell
        self._patience = Patience(board.random, FIRST_PATIENCE_MS, LONGEST_PATIENCE_MS)

    async def run(self) -> Ending:
        """From the call to whatever ends it."""
        self._channel.opened()
        self._listener.opened()
        began, before = self._clock.now_ms(), self._standing.to
        try:
            await self._serve()
        except LinkDown as fault:
            ending = Ending(f"{fault}")
            if self._channel.settled:
                ending.held_ms = self._clock.now_ms() - began
                ending.of_use = self._listener.answers > 0 or self._standing.to > before
        except Fault as fault:  # the store's: coming back at once would not mend it
            ending = Ending(f"{fault}")
        if self._channel.online:
            await self._link.disconnect()
        self._outbox.cut()
        self._again.cut()
        self._listener.closed()
        return ending

    async def _serve(self) -> None:
        """Ends only by raising a Fault."""
        await self._outbox.connect()
        self._patience.reset()
        while True:
            if not self._channel.settled or self._standing.unvouched >= ANCHOR_EVERY:
                await self._outbox.hello()
            elif self._standing.owing:
                await self._outbox.batch()
            elif self._again.due:
                await self._again.send(self._outbox)
            else:
                await self._idle()
                continue
            if await self._answered(self._patience.next()):
                self._patience.reset()
                self._outbox.answered()

    async def _idle(self) -> None:
        """Until there is something to send, or to read."""
        while not self._listener.mail and not self._standing.owing and not self._again.due:
            self._channel.check()
            await self._bell.wait()
        if self._listener.mail:
            await self._listener.heed()

    async def _answered(self, ms: int) -> bool:
        """Heed what comes, until it answers what was sent; False when nothing did in ms."""
        end = self._clock.now_ms() + ms
        while True:
            while self._listener.mail:
                if await self._listener.heed():
                    return True
            self._channel.check()
            left = end - self._clock.now_ms()
            if left <= 0 or not await self._bell.wait(left):
                return self._listener.mail and await self._listener.heed()
