"""The program under the power cuts: sells on a mounted file system, and notes when each sale was acknowledged.

python -m tests.crash.block_worker PROGRAM ACKS SALES FOLDER...      PROGRAM: journal, no-sync, wal-full, delete-extra, ..."""

import sqlite3
import sys
import time
from collections.abc import Callable
from pathlib import Path

from firmware.journal.rollup import Rollup
from hal.store import OsDisk
from tests.crash import stand
from tests.crash.harness import drive
from tests.crash.kill_sale import body

SEGMENT = 1 << 16
PAUSE_S = 0.002
FILE = "sales.db"


class NoSync(OsDisk):
    """The control: nothing is ever synced."""

    def fdatasync(self, name: str) -> None:
        return


def journal(folders: "list[Path]", disk: "type[OsDisk]") -> Callable[[int], None]:
    till = stand.journal([disk(folder) for folder in folders], "main", Rollup(), SEGMENT)
    drive(till.recover())

    def sell(no: int) -> None:
        drive(till.append("sale", no, body(no)))

    return sell


def sqlite(folder: Path, mode: str, synchronous: str) -> Callable[[int], None]:
    db = sqlite3.connect(folder / FILE, isolation_level=None)
    db.execute(f"PRAGMA journal_mode={mode}")
    db.execute(f"PRAGMA synchronous={synchronous}")
    db.execute("CREATE TABLE sale(no INTEGER PRIMARY KEY, body TEXT)")

    def sell(no: int) -> None:
        db.execute("INSERT INTO sale VALUES(?, ?)", (no, str(body(no))))

    return sell


def main() -> None:
    program, acks, sales, *places = sys.argv[1:]
    folders = [Path(place) for place in places]
    if program in ("journal", "no-sync"):
        sell = journal(folders, OsDisk if program == "journal" else NoSync)
    else:
        sell = sqlite(folders[0], *program.split("-"))
    with open(acks, "w", buffering=1) as out:
        for no in range(1, int(sales) + 1):
            sell(no)
            out.write(f"{time.monotonic_ns()} {no}\n")
            time.sleep(PAUSE_S)


if __name__ == "__main__":
    main()
