"""Where the fleet's ledger stands in our journal: how far it has followed, and whether it is our past that it holds."""

from firmware.sync import wire

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from firmware.journal.desk import Desk
    from firmware.journal.journal import Journal
    from firmware.journal.rollup import Rollup
    from hal.ports.board import Board


class Standing:
    """What is acknowledged lives in the local journal, and moves only here, on the ledger's word.

    trouble: FORK, the ledger holds another past than ours (a clone of this till, a restored card); KEY, the fleet does not
    know this till by its key; VERSION, the fleet speaks another wire; FORGED, somebody spoke in the fleet's name; "" none.
    changed() is called when trouble or queued() is not what it was."""

    FORK, KEY, VERSION, FORGED = "fork", "key", "version", "forged"

    def __init__(
        self,
        board: "Board",
        journal: "Journal",
        rollup: "Rollup",
        desk_journal: "Journal",
        desk: "Desk",
        changed: "Callable[[], None]",
    ):
        self.trouble = ""
        self._journal = journal
        self._rollup = rollup
        self._desk_journal = desk_journal
        self._desk = desk
        self._log = board.log
        self._keystore = board.keystore
        self._changed = changed
        self._due = 0  # what must be acknowledged; later records (a print) wait for company

    @property
    def to(self) -> int:
        """Seq of the last record that the ledger has, 0 for none."""
        to: int = self._desk.acked["to"]
        return to

    @property
    def h(self) -> bytes:
        """The chain there."""
        return bytes.fromhex(self._desk.acked["h"])

    def queued(self) -> int:
        """Sales that the ledger has not acknowledged."""
        acknowledged: int = self._desk.acked["sales"]
        return self._rollup.sales - acknowledged

    @property
    def fork(self) -> bool:
        """The ledger's past is not ours: nothing is sent until they agree."""
        return self.trouble == self.FORK

    def owe(self) -> None:
        """All that is journaled by now should go up."""
        self._due = self._journal.seq

    @property
    def owing(self) -> bool:
        """Is there something that should go up, and may?"""
        return not self.fork and self.to < self._due

    async def settle(self, seq: int, h: bytes) -> bool:
        """The ledger says that it ends at seq, with a chain that begins with h. True when that changes anything here.
        Raises StoreBroken."""
        # a ledger that fell back behind what was retired cannot be followed: that is a fork for people to mend
        here_h = await self.here_at(seq)
        if not here_h or here_h[: len(h)] != h:
            return self.part(seq)
        mended, self.trouble = self.trouble != "", ""
        here = self.to
        if seq != here:
            sales: int = self._desk.acked["sales"]
            sales += await self._sales(here, seq) if seq > here else -await self._sales(seq, here)
            await self._desk_journal.append("acked", 0, {"to": seq, "h": wire.hex_of(here_h), "sales": sales})
            self._log.say("net", f"the ledger has {seq} of {self._journal.seq}")
        if mended or seq != here:
            self._changed()
        return mended or seq != here

    def part(self, at: int) -> bool:
        """Two histories of one terminal, apart at record `at`. True when that is news."""
        return self._alarm(self.FORK, f"the ledger's record {at} is not ours; nothing is sent until they agree")

    def shun(self) -> bool:
        """The fleet takes us for somebody else. True when that is news."""
        return self._alarm(self.KEY, "the fleet does not know this till's key, or its signature; nothing is booked")

    def estrange(self, version: int) -> bool:
        """The fleet speaks another version of the wire. True when that is news."""
        words = f"the fleet speaks wire {version}, this till {wire.VERSION}; nothing is booked until they agree"
        return self._alarm(self.VERSION, words)

    def doubt(self) -> bool:
        """Somebody spoke as the fleet who is not; a worse trouble stays what it is. True when that is news."""
        if self.trouble:
            return False
        return self._alarm(self.FORGED, "a message in the fleet's name is not signed by it, and was not heeded")

    async def anchor(self, seq: int, h: bytes, said: bytes) -> None:
        """The fleet has signed that its ledger stands here; said: the welcome as it came. Raises StoreBroken."""
        known = self._desk.anchor
        if (known["to"], known["h"]) != (seq, wire.hex_of(h)):
            body = {"to": seq, "h": wire.hex_of(h), "said": str(said, "utf-8")}
            await self._desk_journal.append("anchor", 0, body)

    @property
    def vouched(self) -> int:
        """Seq of the last record that the fleet has signed for, and still has."""
        to: int = self._desk.anchor["to"]
        return min(to, self.to)

    @property
    def unvouched(self) -> int:
        """Acknowledged records that no signature of the fleet's covers; 0 where this till could not check one."""
        return self.to - self.vouched if self._keystore.fleet() else 0

    def _alarm(self, trouble: str, words: str) -> bool:
        news = self.trouble != trouble
        self.trouble = trouble
        if news:
            self._log.say("net", f"ALARM: {words}")
            self._changed()
        return news

    async def here_at(self, seq: int) -> bytes:
        """Our own chain after record seq, b"" where we have no such record."""
        return await self._journal.hash_at(seq) if await self._kept(seq) else b""

    async def _kept(self, seq: int) -> bool:
        """Whether our own chain after record seq can be read."""
        return max(1, seq) >= await self._journal.first() and seq <= self._journal.seq

    async def _sales(self, after: int, last: int) -> int:
        """How many of the records after..last, the first not counted, are sales."""
        count = 0
        while after < last:
            lines = await self._journal.payloads(after + 1, min(last - after, wire.MAX_RECORDS), wire.BATCH_BYTES)
            for line in lines:
                count += wire.object_of(line, "journal").get("kind") == "sale"
            after += len(lines)
        return count
