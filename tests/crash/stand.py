"""Where a journal under test stands: the one place of tests/crash that knows how a till is given its copies."""

from collections.abc import Sequence
from typing import Any

from firmware.journal.desk import Desk
from firmware.journal.journal import Journal
from firmware.journal.mirror import Mirror
from firmware.journal.rollup import Rollup
from hal.ports.board import Keystore, Log
from hal.store import FileStore
from hal.worker import Inline, Worker

SEGMENT = 8192


class Silent(Log):
    """Nobody reads it here."""

    def say(self, who: str, text: str) -> None:
        return


def journal(
    disks: Sequence[Any],
    prefix: str,
    rollup: "Rollup | Desk",
    segment: int = SEGMENT,
    worker: "Worker | None" = None,
    keystore: "Keystore | None" = None,
) -> Journal:
    """Over one disk, or two: a mirror, the first place first. Not recovered yet. keystore: seals its checkpoints."""
    log = Silent()
    stores = [FileStore(disk, worker or Inline(), log) for disk in disks]
    store = Mirror(stores[0], stores[1], log) if len(stores) == 2 else stores[0]
    return Journal(store, prefix, rollup, log, segment, keystore)
