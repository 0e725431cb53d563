"""The figures of a day, a month or a year, from the rollup alone: nobody scans years.

The till has them in its rollup; a laptop reads the newest checkpoint and what stands behind it, and writes nothing."""

from firmware.journal.recovery import Replay, newest
from firmware.journal.rollup import Rollup
from firmware.journal.shelf import Shelf

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hal.ports.board import Log, Store

    Record = dict[str, Any]


def figures(rollup: "Rollup", period: str) -> "Record":
    """What a day ("2026-11-21"), a month ("2026-11"), a year ("2026") or all time ("") comes to, as totals.blank says it.

    Raises ValueError for any other text."""
    digits = period.replace("-", "0")
    if len(period) not in (0, 4, 7, 10) or any(c not in "0123456789" for c in digits) or period[4:5] not in ("", "-"):
        raise ValueError(f"{period!r} is no day, month or year")
    return rollup.totals.period(period)


async def read(store: "Store", log: "Log") -> "Rollup":
    """What the main journal in this store adds up to, as a boot finds it; nothing is changed there. Raises JournalDamaged,
    StoreBroken."""
    rollup, shelf = Rollup(), Shelf(store, "main")
    await shelf.look()
    found = await newest(shelf, log, False)
    if found.live is not None and found.checkpoint is not None:
        await Replay(found.live, found.checkpoint, rollup, log).look(shelf.stream(found.live))
    return rollup


def longer(rollup: "Rollup", period: str) -> str:
    """The longer period in which sales of this one are added up by now, "" where they are all kept apart."""
    for name in rollup.totals.names():
        if name and len(name) < len(period) and period.startswith(name):
            return name
    return ""
