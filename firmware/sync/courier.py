"""The courier: brings the journal to the fleet's ledger, one batch at a time, whenever there is a line.

Only the ledger's word, given after its COMMIT and checked against our own chain, moves what counts as acknowledged; a
broker's PUBACK proves nothing. Sending again is always safe. Nothing here blocks the till, and an idle courier sleeps
until someone rings: a sale (wake), the line (moved) or the fleet (on_message)."""

from firmware.sync import wire
from firmware.sync.channel import Channel
from firmware.sync.inbox import Inbox
from firmware.sync.outbox import Outbox
from firmware.sync.patience import Bell, Patience
from firmware.sync.request import Requests
from firmware.sync.standing import Standing
from hal.ports.faults import Fault, LinkDown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from firmware.journal.desk import Desk
    from firmware.journal.journal import Journal
    from firmware.journal.rollup import Rollup
    from firmware.sync.inbox import Letter
    from hal.ports.board import Board

FIRST_PAUSE_MS, LONGEST_PAUSE_MS = 1000, 60_000  # between two attempts to connect
FIRST_PATIENCE_MS, LONGEST_PATIENCE_MS = 8000, 300_000  # with the fleet's silence, before sending again
ANCHOR_EVERY = 1000  # records of one session after which the fleet is asked to sign for them


class Again:
    """What goes up once more. first: seq that was asked for. next: of the batch that is due, 0 when all went. sent: records
    of it that are under way. over: rings when all went, or when there is no line."""

    def __init__(self, first: int):
        self.first = self.next = first
        self.sent = 0
        self.over = Bell()


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
        self._board = board
        self._link = board.link
        self._journal = journal
        self._standing = Standing(journal, rollup, desk_journal, desk, board.log, changed)
        boot = board.random.below(1 << 30)
        self._channel = Channel(board)
        self._inbox = Inbox(board, self._standing.doubt)
        self._outbox = Outbox(board, journal, self._standing, boot)
        self.requests = Requests(board, self._channel, boot, desk_journal, desk)
        self.docs: Callable[[dict[str, int]], None] = _nobody
        self._again = Again(0)
        self._bell = Bell()
        self._pause = Patience(board.random, FIRST_PAUSE_MS, LONGEST_PAUSE_MS)
        self._patience = Patience(board.random, FIRST_PATIENCE_MS, LONGEST_PATIENCE_MS)
        self._due = 0  # what must be acknowledged; later records (a print) wait for company
        self._answers = 0  # to what the till asked, in this session
        self._parted = False  # the fleet was told, in this session, that its past is not ours
        self._line = "off"  # the name of the line at the last look
        self._fresh = False  # another line came up since the last attempt

    # ---- what the rest of the till does with it

    @property
    def online(self) -> bool:
        """Is there a session with the broker?"""
        return self._channel.online

    def queued(self) -> int:
        """Sales that the ledger has not acknowledged."""
        return self._standing.queued()

    @property
    def fork(self) -> bool:
        """The ledger's past is not ours: nothing is sent until they agree."""
        return self._standing.trouble == Standing.FORK

    @property
    def trouble(self) -> str:
        """Why the fleet takes nothing: Standing.FORK, KEY, or "" when all is well. Selling goes on whatever it is."""
        return self._standing.trouble

    def wake(self) -> None:
        """Something that the fleet should know now was just journaled."""
        self._due = self._journal.seq
        self._bell.ring()

    async def resend(self, first: int) -> int:
        """Send the acknowledged records from `first` on once more: the ledger has lost some. Seq of the last, when the fleet
        has taken them all. Raises LinkDown; the next call with the same first goes on where that came. StoreBroken."""
        first = max(first, await self._journal.first())
        if self._again.first != first:
            self._again = Again(first)
        self._bell.ring()
        while self._repeating():
            self._check_session()
            await self._again.over.wait()
        self._again = Again(0)
        return self._standing.to

    def moved(self) -> None:
        """The link's state is not what it was."""
        if self._link.name != self._line:
            self._line = self._link.name
            self._fresh = self._line != "off"
        self._bell.ring()

    def retry(self) -> None:
        """What kept the brokers from letting us in is mended: try at once."""
        self._fresh = True
        self._bell.ring()

    def on_message(self, topic: str, payload: bytes) -> None:
        """Something came down."""
        letter = self._inbox.open(topic, payload)
        if letter is None:
            return
        if letter.tail == wire.DN_RES:
            self._answers += 1
            self.requests.heard(letter.word)
        elif letter.tail == wire.DN_NOTICE:
            self.docs(letter.word["docs"])
        else:
            self._inbox.keep(letter)
        self._bell.ring()

    async def run(self) -> None:
        """Never returns."""
        while True:
            while self._link.state == "off":
                await self._bell.wait()
            if self._fresh:
                self._pause.reset()
                self._fresh = False
            why = await self._session()
            if self._link.state == "off":
                self._say(f"{why}; no line")
            else:
                await self._rest(why, self._pause.next())

    async def _rest(self, why: str, ms: int) -> None:
        """Until the time is over, or another line is up; without any line there is nothing to wait for here."""
        self._say(f"{why}; again in {ms} ms")
        end = self._board.clock.now_ms() + ms
        while self._link.state != "off" and not self._fresh:
            left = end - self._board.clock.now_ms()
            if left <= 0 or not await self._bell.wait(left):
                return

    # ---- a session

    async def _session(self) -> str:
        """From the call to whatever ends it; why it ended.

        One that held, or was of use, is a new beginning. Where two tills have one key each ends the
        other's session as soon as it has settled: they must not do so once a second."""
        self._channel.opened()
        began, before = self._board.clock.now_ms(), self._standing.to
        self._answers, self._parted = 0, False
        try:
            await self._serve()
        except LinkDown as fault:
            why = f"{fault}"
            held = self._board.clock.now_ms() - began >= LONGEST_PAUSE_MS
            if self._channel.settled and (held or self._answers or self._standing.to > before):
                self._pause.reset()
        except Fault as fault:  # the store's: coming back at once would not mend it
            why = f"{fault}"
        if self.online:
            await self._link.disconnect()
        self._outbox.cut()
        self._again.sent = 0
        self._again.over.ring()
        self.requests.moved()
        return why

    async def _serve(self) -> None:
        """Ends only by raising a Fault."""
        self._inbox.letters = []
        await self._outbox.connect()
        self._patience.reset()
        while True:
            if not self._channel.settled or self._unvouched() >= ANCHOR_EVERY:
                await self._outbox.hello()
            elif self._owing():
                await self._outbox.batch()
            elif self._repeating():
                self._again.sent = await self._outbox.again(self._again.next)
            else:
                await self._idle()
                continue
            if await self._answered(self._patience.next()):
                self._patience.reset()
                self._outbox.answered()

    def _owing(self) -> bool:
        return not self.fork and self._standing.to < self._due

    def _repeating(self) -> bool:
        return not self.fork and 0 < self._again.next <= self._standing.to

    async def _idle(self) -> None:
        """Until there is something to send, or to read."""
        while not self._mail() and not self._owing() and not self._repeating():
            self._check_session()
            await self._bell.wait()
        if self._mail():
            await self._heed()

    def _mail(self) -> bool:
        """Is there anything to heed?"""
        return bool(self._inbox.letters) or self.requests.late

    def _unvouched(self) -> int:
        """Acknowledged records that no signature of the fleet's covers; 0 where this till could not check one."""
        return self._standing.to - self._standing.vouched if self._board.keystore.fleet() else 0

    def retirable(self) -> int:
        """Seq up to which the fleet certainly has everything: what may go from here. An ack alone could be anybody's."""
        return self._standing.to - self._unvouched()

    async def _answered(self, ms: int) -> bool:
        """Heed what comes, until it answers what was sent; False when nothing did in ms."""
        end = self._board.clock.now_ms() + ms
        while True:
            while self._mail():
                if await self._heed():
                    return True
            self._check_session()
            left = end - self._board.clock.now_ms()
            if left <= 0 or not await self._bell.wait(left):
                return self._mail() and await self._heed()

    def _check_session(self) -> None:
        if not self.online:
            raise LinkDown("no session")

    # ---- the fleet's word

    async def _heed(self) -> bool:
        """Take one message to heart. True when it answers what was sent."""
        if self.requests.late:
            await self.requests.heed()
            return False
        letter = self._inbox.letters.pop(0)
        word = letter.word
        if letter.tail == wire.DN_WELCOME:
            return await self._welcomed(letter)
        if word["err"] == "fork":
            return self._standing.part(word["at"])
        if word["err"] in ("key", "seal"):
            self._standing.shun()
            return False  # asked again with patience: somebody may tell the fleet to trust us
        if word["err"] == "version":
            self._standing.estrange(word["v"])
            return False
        if word["err"]:
            self._say(f"the fleet could not take it: {word['err']} at {word['at']}")
            return False
        if word["gap"]:
            self._channel.settled = False  # the ledger lost what it had acknowledged: once patience is over, ask where it stands
            return False
        if word["to"] <= self._standing.to:
            return self._repeated()  # or an old one, come late or twice
        return await self._standing.settle(word["to"], word["h"])

    def _repeated(self) -> bool:
        """The fleet has taken what was sent once more. False when nothing was."""
        again, sent = self._again, self._again.sent
        again.next, again.sent = again.next + sent, 0
        if sent and not self._repeating():
            again.next = 0
            again.over.ring()
        return sent > 0

    async def _welcomed(self, letter: "Letter") -> bool:
        """Where the ledger stands is where we go on, forwards (an ack was lost) or back (a ledger was restored).

        It answers whatever waits: one that comes unasked is from a collector that has just come back."""
        word = letter.word
        self._channel.welcomed(word["utc"])
        self.requests.moved()
        self.docs(word.get("docs", {}))
        self._due = self._journal.seq
        if word["err"] == "fork":
            self._standing.part(word["at"])
            return True
        await self._standing.settle(word["ack"], word["h"])
        if self.fork and not self._parted:
            self._parted = True  # once a session, which may end before the fleet has heard it
            await self._outbox.hello(word["ack"])
        elif not self.fork and self._board.keystore.fleet():
            await self._standing.anchor(word["ack"], word["h"], letter.payload)
        return True

    def _say(self, text: str) -> None:
        self._board.log.say("net", text)


def _nobody(out: "dict[str, int]") -> None:
    """Nobody listens yet."""
