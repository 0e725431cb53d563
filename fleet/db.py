"""The fleet's database: a file (SQLite) or a server (PostgreSQL), behind one language.

SQL is written once: ? marks, ON CONFLICT with its target, no function that only one of them has. What differs is in
fleet/sqlite.py and fleet/postgres.py: types, locks, bulk loading, and which faults pass by themselves."""

import abc
from collections.abc import Callable, Iterator, Sequence
from typing import Any

Row = Sequence[Any]


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
