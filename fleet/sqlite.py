"""SQLite behind fleet/db.py: one file, and whoever opens it."""

import hashlib
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from fleet.db import Db, DbDown, DbFault, Found, Row, WrongLedger

BUSY_S = 10  # another process may be writing


class SqliteDb(Db):
    """WAL, synchronous=FULL: what was committed survives a power cut. One writer at a time, and BEGIN takes that place."""

    for_update = ""

    def __init__(self, path: "Path | str") -> None:
        """Opens the file, or makes it. Raises WrongLedger."""
        super().__init__()
        self.name = str(path)
        try:
            # another thread may take over, never two at a time
            self.raw = sqlite3.connect(path, timeout=BUSY_S, isolation_level=None, check_same_thread=False)
            self.raw.execute("PRAGMA journal_mode = WAL")
            self.raw.execute("PRAGMA synchronous = FULL")
        except sqlite3.DatabaseError as fault:
            raise WrongLedger(f"{path}: {fault}") from fault
        self.raw.create_function("sha256", 1, lambda data: hashlib.sha256(data).digest(), deterministic=True)

    def execute(self, sql: str, row: Row = ()) -> Found:
        try:
            cursor = self.raw.execute(sql, row)
            return Found(cursor.fetchall(), cursor.rowcount)
        except sqlite3.Error as fault:
            raise told(fault) from fault

    def executemany(self, sql: str, rows: Sequence[Row]) -> None:
        try:
            self.raw.executemany(sql, rows)
        except sqlite3.Error as fault:
            raise told(fault) from fault

    def load(self, table: str, columns: Sequence[str], rows: Sequence[Row]) -> None:
        self.executemany(f"INSERT INTO {table}({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})", rows)

    def stream(self, sql: str, row: Row = ()) -> Iterator[Any]:
        try:
            yield from self.raw.execute(sql, row)
        except sqlite3.Error as fault:
            raise told(fault) from fault

    def begin(self) -> None:
        self.execute("BEGIN IMMEDIATE")

    def commit(self) -> None:
        self.execute("COMMIT")

    def settle(self, versions: Sequence[str]) -> None:
        try:
            with self.transaction():
                have: int = self.raw.execute("PRAGMA user_version").fetchone()[0]
                if self.upgrade(versions, have, self.raw.execute):
                    self.raw.execute(f"PRAGMA user_version = {len(versions)}")
        except (sqlite3.Error, DbFault) as fault:
            raise WrongLedger(f"{self.name}: {fault}") from fault

    def close(self) -> None:
        self.raw.close()


def told(fault: sqlite3.Error) -> DbFault:
    """In our words: is it these rows, or the file?"""
    wrong = (sqlite3.IntegrityError, sqlite3.DataError, sqlite3.ProgrammingError, sqlite3.InterfaceError)
    return DbFault(str(fault)) if isinstance(fault, wrong) else DbDown(str(fault))
