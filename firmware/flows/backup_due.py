"""The weekly reminder: said once, when the counter is idle, that the last good backup is a week old; before the first one, that
the first sale is."""

import json

from hal.ports.faults import JournalDamaged, StoreBroken

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from firmware.journal.desk import Desk
    from firmware.journal.journal import Journal
    from firmware.journal.rollup import Rollup
    from firmware.shop import Shop
    from hal.ports.board import Board

WEEK_S = 7 * 86_400


class Reminder:
    """tell(key): shows a notice once the counter is idle."""

    def __init__(
        self, board: "Board", shop: "Shop", journal: "Journal", rollup: "Rollup", desk: "Desk", tell: "Callable[[str], None]"
    ):
        self._board = board
        self._shop = shop
        self._journal = journal
        self._rollup = rollup
        self._desk = desk
        self._tell = tell
        self._first_s = 0  # of the first sale; 0 until it is known
        self._told = 0  # for which time it was said

    async def look(self) -> None:
        """Whenever the counter is idle."""
        clock = self._board.clock
        if self._board.stick is None or not self._shop.settings.backup_key or not self._rollup.sales or not clock.trusted():
            return
        since = self._desk.backup["at"] or await self._first()
        if since and since != self._told and clock.utc_s() - since >= WEEK_S:
            self._told = since
            self._tell("screen.notice.backup_due")

    async def _first(self) -> int:
        """UTC seconds of the oldest record; 0 where it cannot be read, and 1 where it is so old that it has gone."""
        if not self._first_s:
            try:
                self._first_s = json.loads((await self._journal.payloads(1, 1, 0))[0]).get("at", 1)
            except JournalDamaged:
                self._first_s = 1
            except StoreBroken as fault:
                self._board.log.say("jrn", f"the first sale cannot be read: {fault}")
        return self._first_s
