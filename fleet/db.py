"""The fleet's database: a file (SQLite) or a server (PostgreSQL), behind one language.

SQL is written once: ? marks, ON CONFLICT with its target, no function that only one of them has. What differs is here and
in fleet/postgres.py: types, locks, bulk loading, and which faults pass by themselves."""

import abc
import hashlib
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

Row = Sequence[Any]

BUSY_S = 10  # another process may be writing


class DbFault(Exception):
    """The database refused this statement, and would again."""


class DbDown(DbFault):
    """The database is not there now, or cannot write: nothing was done, and later it may be."""


class WrongLedger(Exception):
    """What was opened is no ledger, or one of a later Barrow."""


class Found:
    """What a statement gave: its rows, and how many it found or changed."""

    def __init__(self, rows: list[Any], rowcount: int) -> None:
        self.rows = rows
        self.rowcount = rowcount

    def fetchone(self) -> Any:
        """The first row, None without any."""
        return self.rows[0] if self.rows else None

    def fetchall(self) -> list[Any]:
        return self.rows

    def __iter__(self) -> Iterator[Any]:
        return iter(self.rows)


class Db(abc.ABC):
    """One connection, for one thread at a time. Raises DbFault and DbDown. name: for people, without a password."""

    name: str
    for_update: str  # closes a SELECT whose rows nobody else may change before COMMIT

    def __init__(self) -> None:
        self.depth = 0

    @abc.abstractmethod
    def execute(self, sql: str, row: Row = ()) -> Found: ...

    @abc.abstractmethod
    def executemany(self, sql: str, rows: Sequence[Row]) -> None: ...

    @abc.abstractmethod
    def load(self, table: str, columns: Sequence[str], rows: Sequence[Row]) -> None:
        """Many new rows, the fastest way there is."""

    @abc.abstractmethod
    def stream(self, sql: str, row: Row = ()) -> Iterator[Any]:
        """Rows one by one, in memory of a fixed size."""

    @abc.abstractmethod
    def begin(self) -> None: ...

    @abc.abstractmethod
    def commit(self) -> None:
        """Raises unless every statement since begin() is now on the disk."""

    @abc.abstractmethod
    def settle(self, versions: Sequence[str]) -> None:
        """Bring the tables up to the last version; nobody else does at the same time. Raises WrongLedger."""

    @abc.abstractmethod
    def close(self) -> None: ...

    def transaction(self) -> "Transaction":
        """`with db.transaction():` is COMMIT at its end, ROLLBACK when left by an exception. One within another is a part
        of it that can fail alone."""
        return Transaction(self)

    def upgrade(self, versions: Sequence[str], have: int, run: Callable[[str], object]) -> bool:
        """Run the blocks that are missing; whether there were any."""
        if have > len(versions):
            raise WrongLedger(f"{self.name}: a ledger of version {have}, and this Barrow knows {len(versions)}")
        for block in versions[have:]:
            for statement in block.strip().rstrip(";").split(";\n"):
                run(statement)
        return have < len(versions)


class Transaction:
    """BEGIN or SAVEPOINT, and what ends it."""

    def __init__(self, db: Db) -> None:
        self.db = db

    def __enter__(self) -> None:
        if self.db.depth:
            self.db.execute(f"SAVEPOINT s{self.db.depth}")
        else:
            self.db.begin()
        self.db.depth += 1

    def __exit__(self, kind: object, fault: object, trace: object) -> None:
        point = f"SAVEPOINT s{self.db.depth - 1}"
        try:
            if kind:
                self.undo(f"ROLLBACK TO {point}" if self.db.depth > 1 else "ROLLBACK")
            elif self.db.depth > 1:
                self.db.execute(f"RELEASE {point}")
            else:
                self.commit()
        finally:
            self.db.depth -= 1  # only now: a connection that is made again must not pass for the one that failed

    def commit(self) -> None:
        try:
            self.db.commit()
        except DbFault:
            self.undo("ROLLBACK")
            raise

    def undo(self, statement: str) -> None:
        try:
            self.db.execute(statement)
        except DbFault:
            return  # what led here is the fault to tell; a connection that is gone takes its transaction with it


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


def is_url(where: "Path | str") -> bool:
    """A server's address, and no path?"""
    return str(where).startswith(("postgresql://", "postgres://"))


def connect(where: "Path | str") -> Db:
    """SQLite by its path, PostgreSQL by postgresql://USER@HOST[,HOST]/NAME?target_session_attrs=read-write, which libpq
    reads. Raises WrongLedger, DbDown."""
    if not is_url(where):
        return SqliteDb(where)
    from fleet.postgres import PostgresDb  # psycopg takes 60 ms to import, and only here

    return PostgresDb(str(where))
