"""PostgreSQL behind fleet/db.py: psycopg, with COPY for the rows.

A connection that failed is closed, and the next transaction makes a new one: with several hosts in the URL and
target_session_attrs=read-write that finds the standby which was promoted."""

import functools
import re
from collections.abc import Iterator, Sequence
from typing import Any

import psycopg
from psycopg import conninfo

from fleet.db import Db, DbDown, DbFault, Found, Row, WrongLedger

CONNECT_S = 5  # a host; then the next one is tried
# seconds and probes until a server that is gone without a word counts as gone
PATIENCE = {"connect_timeout": CONNECT_S, "keepalives_idle": 5, "keepalives_interval": 2, "keepalives_count": 3}
# who holds locks and says nothing more is ended, so that his tills' batches can go elsewhere
SESSION = "SET idle_in_transaction_session_timeout = '30s'"
VERSION = "CREATE TABLE IF NOT EXISTS ledger_version(version BIGINT NOT NULL)"
SETTLING = 0x4252574C  # advisory lock: one brings the tables up to date, the others wait
# COLLATE "C": the order of bytes, as SQLite has it, whatever the server's language
TYPES = {"BLOB": "BYTEA", "INTEGER": "BIGINT", "TEXT": 'TEXT COLLATE "C"'}
STREAMED = 1000  # rows a round trip

WRONG = (psycopg.DataError, psycopg.IntegrityError, psycopg.ProgrammingError, psycopg.NotSupportedError)


class PostgresDb(Db):
    for_update = " FOR UPDATE"

    def __init__(self, url: str) -> None:
        """Raises DbDown, WrongLedger."""
        super().__init__()
        try:
            self.options: dict[str, Any] = PATIENCE | conninfo.conninfo_to_dict(url)
        except psycopg.ProgrammingError as fault:
            raise WrongLedger(f"no address of a PostgreSQL database: {str(fault).strip()}") from fault
        host, port = self.options.get("host", "localhost"), self.options.get("port", 5432)
        self.name = f"postgresql://{host}:{port}/{self.options.get('dbname', '')}"
        self.types: dict[tuple[str, str], list[int]] = {}  # of the columns that were loaded
        self.link: psycopg.Connection[Any] | None = None
        self.connection()

    def connection(self) -> "psycopg.Connection[Any]":
        """The one there is, or a new one. Raises DbDown."""
        if self.link is None:
            if self.depth:
                raise DbDown(f"{self.name}: the connection was lost in the middle")
            try:
                link = psycopg.connect(autocommit=True, **self.options)
                link.execute(SESSION)
                if link.execute("SHOW synchronous_commit").fetchone() == ("off",):
                    link.execute("SET synchronous_commit = on")  # what is acknowledged is on the disk
            except psycopg.Error as fault:
                raise DbDown(f"{self.name}: {line(fault)}") from fault
            self.link = link
        return self.link

    def failed(self, fault: psycopg.Error) -> DbFault:
        """In our words; a connection that may not be sound is closed."""
        if isinstance(fault, WRONG):
            return DbFault(line(fault))
        self.close()
        return DbDown(f"{self.name}: {line(fault)}")

    def execute(self, sql: str, row: Row = ()) -> Found:
        try:
            cursor = self.connection().execute(marked(sql), row or None)
            return Found(cursor.fetchall() if cursor.description else [], cursor.rowcount)
        except psycopg.Error as fault:
            raise self.failed(fault) from fault

    def executemany(self, sql: str, rows: Sequence[Row]) -> None:
        try:
            with self.connection().cursor() as cursor:
                cursor.executemany(marked(sql), rows)
        except psycopg.Error as fault:
            raise self.failed(fault) from fault

    def load(self, table: str, columns: Sequence[str], rows: Sequence[Row]) -> None:
        named = ", ".join(columns)
        try:
            with self.connection().cursor() as cursor:
                if (table, named) not in self.types:
                    none = cursor.execute(f"SELECT {named} FROM {table} LIMIT 0".encode())
                    self.types[table, named] = [column.type_code for column in none.description or ()]
                with cursor.copy(f"COPY {table}({named}) FROM STDIN (FORMAT BINARY)".encode()) as copy:
                    copy.set_types(self.types[table, named])
                    for row in rows:
                        copy.write_row(row)
        except psycopg.Error as fault:
            raise self.failed(fault) from fault

    def stream(self, sql: str, row: Row = ()) -> Iterator[Any]:
        with self.transaction():
            try:
                with self.connection().cursor("streamed") as cursor:
                    cursor.itersize = STREAMED
                    yield from cursor.execute(marked(sql), row or None)
            except psycopg.Error as fault:
                raise self.failed(fault) from fault

    def begin(self) -> None:
        self.execute("BEGIN")

    def commit(self) -> None:
        """COMMIT of a transaction in which a statement failed is a ROLLBACK, and no error."""
        try:
            done = self.connection().execute("COMMIT").statusmessage
        except psycopg.Error as fault:
            raise self.failed(fault) from fault
        if done != "COMMIT":
            raise DbFault(f"{self.name}: not committed: {done}")

    def settle(self, versions: Sequence[str]) -> None:
        try:
            with self.transaction():
                self.execute("SELECT pg_advisory_xact_lock(?)", (SETTLING,))
                self.execute(VERSION)
                found = self.execute("SELECT version FROM ledger_version").fetchone()
                if self.upgrade(versions, found[0] if found else 0, lambda block: self.execute(typed(block))):
                    self.execute("DELETE FROM ledger_version")
                    self.execute("INSERT INTO ledger_version VALUES (?)", (len(versions),))
        except DbDown:
            raise
        except DbFault as fault:
            raise WrongLedger(f"{self.name}: {fault}") from fault

    def close(self) -> None:
        if self.link is not None:
            self.link.close()
        self.link = None


@functools.lru_cache(512)
def marked(sql: str) -> bytes:
    """With psycopg's marks in place of ours. No statement of ours holds a ? or % that is not a mark."""
    return sql.replace("?", "%s").encode()


def typed(block: str) -> str:
    """A CREATE TABLE as PostgreSQL says it."""
    block = block.replace(" WITHOUT ROWID", "")
    return re.sub(r"\b(BLOB|INTEGER|TEXT)\b", lambda found: TYPES[found[0]], block)


def line(fault: psycopg.Error) -> str:
    """The first line: what follows repeats the statement, or its values."""
    return (str(fault).strip() or type(fault).__name__).split("\n")[0]
