"""The courier: brings the journal to the fleet's ledger, one batch at a time, whenever there is a line.

Only the ledger's word, given after its COMMIT and checked against our own chain, moves what counts as acknowledged; a
broker's PUBACK proves nothing. Sending again is always safe. Nothing here blocks the till, and an idle courier sleeps
until someone rings: a sale (wake), the line (moved) or the fleet (on_message)."""

import asyncio

from firmware.sync import wire
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
JITTER_PERCENT = 30  # either way, so that a fleet does not come back as one
MAIL_MAX = 16  # messages that wait to be heeded; beyond it the oldest goes, and the fleet repeats itself


class Courier:
    """fork: the ledger's past is not ours (a clone, a restored card): nothing is sent until they agree, selling goes on.

    changed() is called when queued() or fork is not what it was."""

    def __init__(
        self,
        board: "Board",
        journal: "Journal",
        rollup: "Rollup",
        desk_journal: "Journal",
        desk: "Desk",
        changed: "Callable[[], None]",
    ):
        self.fork = False
        self._board = board
        self._link = board.link
        self._journal = journal
        self._rollup = rollup
        self._desk_journal = desk_journal
        self._desk = desk
        self._changed = changed
        self._boot = board.random.below(1 << 30)
        self._bell = asyncio.Event()
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
        acknowledged: int = self._desk.acked["sales"]
        return self._rollup.sales - acknowledged

    def wake(self) -> None:
        """Something that the fleet should know now was just journaled."""
        self._due = self._journal.seq
        self._bell.set()

    def moved(self) -> None:
        """The link's state is not what it was."""
        if self._link.name != self._line:
            self._line = self._link.name
            self._fresh = self._line != "off"
        self._bell.set()

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
        self._bell.set()

    async def run(self) -> None:
        """Never returns."""
        pause = FIRST_PAUSE_MS
        while True:
            await self._line_up()
            if self._fresh:
                pause = FIRST_PAUSE_MS
                self._fresh = False
            self._settled = False
            why = await self._session()
            if self._settled:
                pause = FIRST_PAUSE_MS
            rest = self._jittered(pause)
            self._say(f"{why}; " + ("no line" if self._link.state == "off" else f"again in {rest} ms"))
            await self._rest(rest)
            pause = min(pause * 2, LONGEST_PAUSE_MS)

    # ---- the line

    async def _line_up(self) -> None:
        while self._link.state == "off":
            await self._ring()

    async def _rest(self, ms: int) -> None:
        """Until the time is over, or another line is up; without any line there is nothing to wait for here."""
        end = self._board.clock.now_ms() + ms
        while self._link.state != "off" and not self._fresh:
            left = end - self._board.clock.now_ms()
            if left <= 0 or not await self._ring(left):
                return

    async def _ring(self, ms: int = 0) -> bool:
        """Wait for the bell; False when it did not ring in ms. 0: for ever."""
        self._bell.clear()
        try:
            await asyncio.wait_for(self._bell.wait(), ms / 1000 if ms else None)
        except asyncio.TimeoutError:
            return False
        return True

    def _jittered(self, ms: int) -> int:
        return ms * (100 - JITTER_PERCENT + self._board.random.below(2 * JITTER_PERCENT + 1)) // 100

    # ---- a session

    async def _session(self) -> str:
        """From the call to whatever ends it; why it ended."""
        try:
            await self._serve()
        except Fault as fault:
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
        patience = FIRST_PATIENCE_MS
        while True:
            if not self._settled:
                await self._send_hello()
            elif self._owing():
                await self._send_batch()
            else:
                await self._idle()
                continue
            answered = await self._answered(self._jittered(patience))
            patience = FIRST_PATIENCE_MS if answered else min(patience * 2, LONGEST_PATIENCE_MS)

    def _owing(self) -> bool:
        return not self.fork and self._desk.acked["to"] < self._due

    async def _idle(self) -> None:
        """Until there is something to send, or to read."""
        while not self._mail and not self._owing():
            self._check_session()
            await self._ring()
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
            if left <= 0 or not await self._ring(left):
                return bool(self._mail) and await self._heed()

    def _check_session(self) -> None:
        if not self.online:
            raise LinkDown("no session")

    async def _send_hello(self) -> None:
        clock, head = self._board.clock, self._journal.seq
        where = (self._boot, self._desk.acked["to"], head, self._journal.head)
        hello = wire.hello(where[0], where[1], where[2], where[3], clock.utc_s(), clock.trusted(), self._board.version)
        await self._link.publish(self._topic(wire.UP_HELLO), hello, 1, False)

    async def _send_batch(self) -> None:
        first = self._desk.acked["to"] + 1
        prev = bytes.fromhex(self._desk.acked["h"])
        lines = await self._journal.payloads(first, wire.MAX_RECORDS, wire.BATCH_BYTES)
        text = wire.pack_batch(self._board.terminal, first, prev, lines)
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
            return self._part(word["at"])
        if word["err"]:
            self._say(f"the fleet could not take it: {word['err']} at {word['at']}")
            return False
        if word["gap"]:
            self._settled = False  # the ledger lost what it had acknowledged: ask where it stands
            return True
        if word["to"] <= self._desk.acked["to"]:
            return False  # an old one, come late or twice
        return await self._settle(word["to"], word["h"])

    async def _welcomed(self, word: "dict[str, Any]") -> bool:
        """Where the ledger stands is where we go on, forwards (an ack was lost) or back (a ledger was restored).

        It answers whatever waits: one that comes unasked is from a collector that has just come back."""
        self._settled = True
        self._due = self._journal.seq
        await self._settle(word["ack"], word["h"])
        return True

    async def _settle(self, seq: int, h: bytes) -> bool:
        """The ledger ends at seq with h. True when that changes anything here."""
        if seq > self._journal.seq or await self._journal.hash_at(seq) != h:
            return self._part(seq)
        mended, self.fork = self.fork, False
        here = self._desk.acked["to"]
        if seq != here:
            sales = self._desk.acked["sales"]
            sales += await self._sales(here, seq) if seq > here else -await self._sales(seq, here)
            acked = {"to": seq, "h": wire.hex_of(h), "sales": sales}
            await self._desk_journal.append("acked", 0, acked)
            self._say(f"the ledger has {seq} of {self._journal.seq}")
        if mended or seq != here:
            self._changed()
        return mended or seq != here

    def _part(self, at: int) -> bool:
        """Two histories of one terminal. True when that is news."""
        news = not self.fork
        self.fork = True
        if news:
            self._say(f"ALARM: the ledger's record {at} is not ours; nothing is sent until they agree")
            self._changed()
        return news

    async def _sales(self, after: int, last: int) -> int:
        """How many of the records after..last, the first not counted, are sales."""
        count = 0
        while after < last:
            lines = await self._journal.payloads(after + 1, min(last - after, wire.MAX_RECORDS), wire.BATCH_BYTES)
            for line in lines:
                count += wire.object_of(line, "journal").get("kind") == "sale"
            after += len(lines)
        return count

    # ---- small things

    def _topic(self, tail: str) -> str:
        return wire.topic(self._board.terminal, tail)

    def _say(self, text: str) -> None:
        self._board.log.say("net", text)
