"""The ledger's tables, version by version: a ledger of an earlier one gets what it lacks, and nothing of it is changed."""

import sqlite3

BOOKS = """
CREATE TABLE heads(terminal TEXT PRIMARY KEY, seq INTEGER NOT NULL, h BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE frames(
    terminal TEXT, seq INTEGER, kind TEXT NOT NULL, no INTEGER NOT NULL, payload BLOB NOT NULL, received_at INTEGER NOT NULL,
    total INTEGER, currency TEXT, at INTEGER, PRIMARY KEY(terminal, seq)) WITHOUT ROWID;
CREATE TABLE quarantine(
    terminal TEXT, seq INTEGER, reason TEXT NOT NULL, payload BLOB NOT NULL, received_at INTEGER NOT NULL,
    PRIMARY KEY(terminal, seq, reason, payload)) WITHOUT ROWID;
"""
# tills: the key that each was first seen with, and its own time at its newest hello. anchors: the chain where each batch
# ended, with the till's signature of it. alarms: each once, with how often and until when it was seen.
TRUST = """
CREATE TABLE tills(terminal TEXT PRIMARY KEY, key BLOB NOT NULL, since INTEGER NOT NULL, utc INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE anchors(
    terminal TEXT, seq INTEGER, h BLOB NOT NULL, signature BLOB NOT NULL, PRIMARY KEY(terminal, seq)) WITHOUT ROWID;
CREATE TABLE alarms(
    terminal TEXT, kind TEXT, seq INTEGER, words TEXT NOT NULL, first_at INTEGER NOT NULL, last_at INTEGER NOT NULL,
    times INTEGER NOT NULL, PRIMARY KEY(terminal, kind, seq)) WITHOUT ROWID;
"""
VERSIONS = [BOOKS, TRUST]


def settle(db: sqlite3.Connection) -> None:
    """Bring a ledger, or an empty file, up to date; within a transaction. Raises sqlite3.DatabaseError."""
    version: int = db.execute("PRAGMA user_version").fetchone()[0]
    if version > len(VERSIONS):
        raise sqlite3.DatabaseError(f"a ledger of version {version}, and this Barrow knows {len(VERSIONS)}")
    for tables in VERSIONS[version:]:
        for statement in tables.strip().split(";\n"):
            db.execute(statement)
    if version < len(VERSIONS):
        db.execute(f"PRAGMA user_version = {len(VERSIONS)}")
