"""The courier: brings the journal to the fleet's ledger, one batch at a time, whenever there is a line.

Only the ledger's word, given after its COMMIT and checked against our own chain, moves what counts as acknowledged; a
broker's PUBACK proves nothing. Sending again is always safe. Nothing here blocks the till, and an idle courier sleeps
until someone rings: a sale (wake), the line (moved) or the fleet (on_message)."""

from firmware.sync import wire
from firmware.sync.patience import Bell, Patience
from firmware.sync.standing import Standing
from hal.ports.faults import Fault, LinkDown, WireFault

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from firmware.journal.desk import Desk
    from firmware.journal.journal import Journal
    from firmware.journal.rollup import Rollup
    from hal.ports.board import Board

KEEPALIVE_S = 60
FIRST_PAUSE_MS, LONGEST_PAUSE_MS = 1000, 60_000  # between two attempts to connect
FIRST_PATIENCE_MS, LONGEST_PATIENCE_MS = 8000, 300_000  # with the fleet's silence, before sending again
MAIL_MAX = 16  # messages that wait to be heeded; beyond it the oldest goes, and the fleet repeats itself


class Courier:
    """changed() is called when queued() or trouble is not what it was."""

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
        self._boot = board.random.below(1 << 30)
        self._bell = Bell()
        self._pause = Patience(board.random, FIRST_PAUSE_MS, LONGEST_PAUSE_MS)
        self._patience = Patience(board.random, FIRST_PATIENCE_MS, LONGEST_PATIENCE_MS)
        self._mail: list[tuple[str, dict[str, Any]]] = []
        self._due = 0  # what must be acknowledged; later records (a print) wait for company
        self._settled = False  # the fleet has said, in this session, where its ledger stands
        self._line = "off"  # the name of the line at the last look
        self._fresh = False  # another line came up since the last attempt

    # ---- what the rest of the till does with it

    @property
    def online(self) -> bool:
        """Is there a session with the broker?"""
        return self._link.state == "online"

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

    def moved(self) -> None:
        """The link's state is not what it was."""
        if self._link.name != self._line:
            self._line = self._link.name
            self._fresh = self._line != "off"
        self._bell.ring()

    def on_message(self, topic: str, payload: bytes) -> None:
        """Something came down. What is not for us, or not sound, is logged without its content and forgotten."""
        try:
            if topic == self._topic(wire.DN_ACK):
                self._mail.append(("ack", wire.read_ack(payload)))
            elif topic == self._topic(wire.DN_WELCOME):
                self._mail.append(("welcome", wire.read_welcome(payload)))
            else:
                raise WireFault(f"topic: {topic[:80]!r} is not for this till")
        except WireFault as fault:
            self._say(f"ignored a message: {fault}")
        if len(self._mail) > MAIL_MAX:
            self._mail.pop(0)
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
        """From the call to whatever ends it; why it ended."""
        self._settled = False
        try:
            await self._serve()
        except LinkDown as fault:
            why = f"{fault}"
            if self._settled:
                self._pause.reset()
        except Fault as fault:  # the store's: coming back at once would not mend it
            why = f"{fault}"
        if self.online:
            await self._link.disconnect()
        return why

    async def _serve(self) -> None:
        """Ends only by raising a Fault."""
        self._mail = []
        will, birth = wire.state(False, self._boot), wire.state(True, self._boot)
        state = self._topic(wire.STATE)
        await self._link.connect(self._board.terminal, self._topic(wire.DN_ALL), state, will, KEEPALIVE_S)
        await self._link.publish(state, birth, 1, True)
        self._patience.reset()
        while True:
            if not self._settled:
                await self._send_hello()
            elif self._owing():
                await self._send_batch()
            else:
                await self._idle()
                continue
            if await self._answered(self._patience.next()):
                self._patience.reset()

    def _owing(self) -> bool:
        return not self.fork and self._standing.to < self._due

    async def _idle(self) -> None:
        """Until there is something to send, or to read."""
        while not self._mail and not self._owing():
            self._check_session()
            await self._bell.wait()
        if self._mail:
            await self._heed()

    async def _answered(self, ms: int) -> bool:
        """Heed what comes, until it answers what was sent; False when nothing did in ms."""
        end = self._board.clock.now_ms() + ms
        while True:
            while self._mail:
                if await self._heed():
                    return True
            self._check_session()
            left = end - self._board.clock.now_ms()
            if left <= 0 or not await self._bell.wait(left):
                return bool(self._mail) and await self._heed()

    def _check_session(self) -> None:
        if not self.online:
            raise LinkDown("no session")

    async def _send_hello(self, parts: int = 0) -> None:
        """parts: the ledger's last record, when what it has is not ours; then what we have there goes with it."""
        clock, journal, acked = self._board.clock, self._journal, self._standing.to
        ph = await self._standing.here_at(parts) if parts else b""
        utc, trusted, software = clock.utc_s(), clock.trusted(), self._board.version
        hello = wire.hello(self._boot, acked, journal.seq, journal.head, utc, trusted, software, parts, ph)
        topic = self._topic(wire.UP_HELLO)
        await self._link.publish(topic, wire.signed(topic, hello, self._board.keystore), 1, False)

    async def _send_batch(self) -> None:
        first = self._standing.to + 1
        lines = await self._journal.payloads(first, wire.MAX_RECORDS, wire.BATCH_BYTES)
        text = wire.pack_batch(self._board.terminal, first, self._standing.h, lines, self._board.keystore.sign)
        packed = bytes([wire.DICTIONARY_VERSION]) + self._link.deflate(text, wire.DICTIONARY)
        self._say(f"sending {first}..{first + len(lines) - 1}, {len(packed)} B")
        await self._link.publish(self._topic(wire.UP_BATCH), packed, 1, False)

    # ---- the fleet's word

    async def _heed(self) -> bool:
        """Take one message to heart. True when it answers what was sent."""
        kind, word = self._mail.pop(0)
        if kind == "welcome":
            return await self._welcomed(word)
        if word["err"] == "fork":
            return self._standing.part(word["at"])
        if word["err"] in ("key", "seal"):
            self._standing.shun()
            return False  # asked again with patience: somebody may tell the fleet to trust us
        if word["err"]:
            self._say(f"the fleet could not take it: {word['err']} at {word['at']}")
            return False
        if word["gap"]:
            self._settled = False  # the ledger lost what it had acknowledged: once patience is over, ask where it stands
            return False
        if word["to"] <= self._standing.to:
            return False  # an old one, come late or twice
        return await self._standing.settle(word["to"], word["h"])

    async def _welcomed(self, word: "dict[str, Any]") -> bool:
        """Where the ledger stands is where we go on, forwards (an ack was lost) or back (a ledger was restored).

        It answers whatever waits: one that comes unasked is from a collector that has just come back."""
        self._settled = True
        self._due = self._journal.seq
        known = self.fork
        if word["err"] == "fork":
            self._standing.part(word["at"])
            return True
        await self._standing.settle(word["ack"], word["h"])
        if self.fork and not known:
            await self._send_hello(word["ack"])  # once, so that the fleet knows it too
        return True

    # ---- small things

    def _topic(self, tail: str) -> str:
        return wire.topic(self._board.terminal, tail)

    def _say(self, text: str) -> None:
        self._board.log.say("net", text)
