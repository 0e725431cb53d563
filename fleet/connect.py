"""Which database a fleet keeps its ledger in, by where it is."""

from pathlib import Path

from fleet.db import Db
from fleet.sqlite import SqliteDb


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
