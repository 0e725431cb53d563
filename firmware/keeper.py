"""The keeper: is there room in the store? After each sale, and once an hour; then also, which segments of the journal have had
their time?

A segment goes when the fleet has acknowledged all of it and its last sale is older than the shop's horizon, by a clock that
somebody vouches for; the totals of its days stay. Nothing is ever overwritten to make room."""

from firmware import wall
from firmware.ui.status import local_s
from hal.ports.faults import JournalDamaged, StoreBroken

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.till import Till

HOUR_MS = 3_600_000
WARN_PERCENT = 80


class Keeper:
    def __init__(self, till: "Till"):
        self._till = till
        self._warned = ""  # the day on which it was said

    async def run(self) -> None:
        """Never returns."""
        while True:
            await self._room()
            await self._retire()
            await self._hour()

    async def _hour(self) -> None:
        """Each sale takes of the room: a stall that fills its disk hears so from the next one on."""
        clock = self._till.board.clock
        end = clock.now_ms() + HOUR_MS
        while clock.now_ms() < end:
            if await self._till.sold.wait(end - clock.now_ms()):
                await self._room()

    async def _room(self) -> None:
        board = self._till.board
        for store in (board.store, board.mirror):
            if store is None:
                continue
            try:
                used, whole = await store.room()
            except StoreBroken as fault:
                board.log.say("jrn", f"nobody knows what room there is: {fault}")
                continue
            if used * 100 >= whole * WARN_PERCENT and whole:
                self._warn(used * 100 // whole)

    async def _retire(self) -> None:
        till, board = self._till, self._till.board
        if board.clock.trusted():
            before_s = board.clock.utc_s() - till.settings.keep_days * wall.DAY
            try:
                await till.journal.retire(till.courier.retirable(), before_s)
            except (StoreBroken, JournalDamaged) as fault:
                board.log.say("jrn", f"nothing is retired: {fault}")

    def _warn(self, percent: int) -> None:
        """Once a day."""
        today = wall.day_text(local_s(self._till.board.clock))
        if today != self._warned:
            self._warned = today
            self._till.board.log.say("jrn", f"{percent} % of a disk is used")
            self._till.tell("screen.notice.room")
            self._till.wake()
