"""What goes up by itself: the birth, the hello, and the next batch of the journal."""

from firmware.sync import wire

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.journal.journal import Journal
    from firmware.sync.standing import Standing
    from hal.ports.board import Board

KEEPALIVE_S = 60


class Outbox:
    """boot: the number drawn at power on. Raises LinkDown, and the store's faults."""

    def __init__(self, board: "Board", journal: "Journal", standing: "Standing", boot: int):
        self._board = board
        self._link = board.link
        self._journal = journal
        self._standing = standing
        self._boot = boot
        self._most = wire.MAX_RECORDS  # of the next batch
        self._under_way = False  # a batch that has no answer yet

    async def connect(self) -> None:
        """A session with the broker, and the birth in it."""
        will, birth = wire.state(False, self._boot), wire.state(True, self._boot)
        state = self._topic(wire.STATE)
        await self._link.connect(self._board.terminal, self._topic(wire.DN_ALL), state, will, KEEPALIVE_S)
        await self._link.publish(state, birth, 1, True)

    async def hello(self, parts: int = 0) -> None:
        """parts: the ledger's last record, when what it has is not ours; then what we have there goes with it."""
        clock, journal, acked = self._board.clock, self._journal, self._standing.to
        ph = await self._standing.here_at(parts) if parts else b""
        utc, trusted, software = clock.utc_s(), clock.trusted(), self._board.version
        hello = wire.hello(self._boot, acked, journal.seq, journal.head, utc, trusted, software, parts, ph)
        topic = self._topic(wire.UP_HELLO)
        await self._link.publish(topic, wire.signed(topic, hello, self._board.keystore), 1, False)

    async def batch(self) -> None:
        """The records after the last that is acknowledged."""
        await self._batch(self._standing.to + 1, self._standing.h, self._most)

    async def again(self, first: int) -> int:
        """Records that were acknowledged before, from this one on; how many."""
        prev = await self._journal.hash_at(first - 1)
        return await self._batch(first, prev, min(self._most, self._standing.to - first + 1))

    def answered(self) -> None:
        """What was sent last was answered: after a batch, the next may be longer."""
        if self._under_way:
            self._most = min(2 * self._most, wire.MAX_RECORDS)
        self._under_way = False

    def cut(self) -> None:
        """The session is over. A batch that it ended under is sent again in halves, until one fits into such a session."""
        if self._under_way:
            self._most = max(self._most // 2, 1)
        self._under_way = False

    async def _batch(self, first: int, prev: bytes, most: int) -> int:
        lines = await self._journal.payloads(first, most, wire.BATCH_BYTES)
        packed = self._packed(first, prev, lines)
        while 0 < self._link.largest < len(packed) and len(lines) > 1:
            lines = lines[: len(lines) // 2]
            packed = self._packed(first, prev, lines)
        self._board.log.say("net", f"sending {first}..{first + len(lines) - 1}, {len(packed)} B")
        self._under_way = True
        await self._link.publish(self._topic(wire.UP_BATCH), packed, 1, False)
        return len(lines)

    def _packed(self, first: int, prev: bytes, lines: "list[bytes]") -> bytes:
        return wire.packed(self._board.terminal, first, prev, lines, self._board.keystore.sign, self._link.deflate)

    def _topic(self, tail: str) -> str:
        return wire.topic(self._board.terminal, tail)
