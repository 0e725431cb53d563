"""Where a journal under test stands: the one place of tests/crash that knows how many copies a till keeps and how it is told."""

from collections.abc import Sequence
from typing import Any

from firmware.journal.desk import Desk
from firmware.journal.journal import Journal
from firmware.journal.rollup import Rollup
from hal.ports.board import Log
from hal.store import FileStore
from hal.worker import Inline

COPIES = 1
SEGMENT = 8192


class Silent(Log):
    """Nobody reads it here."""

    def say(self, who: str, text: str) -> None:
        return


def journal(
    disks: "Sequence[Any]", prefix: str, rollup: "Rollup | Desk", segment: int = SEGMENT, log: "Log | None" = None
) -> Journal:
    """Over one disk a copy, the first place first. Not recovered yet."""
    (disk,) = disks
    log = log or Silent()
    return Journal(FileStore(disk, Inline(), log), prefix, rollup, log, segment)
