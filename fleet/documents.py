"""What the fleet tells its tills: documents and commands, signed, numbered, and given out piece by piece as they are asked for.

A till takes the newest document of a kind that is for it, and commands one after another. What it uses stands in its own
journal, so the ledger knows; what it declined for a reason that stays one is not offered to it again."""

import json
import secrets
from collections.abc import Callable
from typing import Any, NamedTuple, TypeGuard

from firmware.sync.wire import document, order
from fleet.answers import Refusal
from fleet.ledger import Ledger
from fleet.sign import DocumentKey

COMMAND = document.COMMAND
LASTING = ("kind", "terminal", "expired", "length", "content")  # why a till declines it today, and would tomorrow
WORDS_MAX = 200
LINES_MAX = 300
PAST_MAX = 200  # records of documents that are read back for what a till uses
FOR_IT = "terminal IN (?, '*') AND (until = 0 OR until >= ?)"
OFFERED = f"""{FOR_IT} AND NOT EXISTS (SELECT 1 FROM declined d WHERE d.terminal = ? AND d.kind = documents.kind
    AND d.version = documents.version AND d.lasting = 1)"""

Body = dict[str, Any]


class Wrong(Exception):
    """It is not sent out; the text says why."""


class Out(NamedTuple):
    """A document that is out. start, until: as in its label; at: when it was pushed, UTC seconds."""

    kind: str
    version: int
    terminal: str
    start: int
    until: int
    length: int
    at: int


class Documents:
    """now: UTC seconds."""

    def __init__(self, ledger: Ledger, now: Callable[[], int]) -> None:
        self.ledger = ledger
        self.db = ledger.db
        self.now = now
        self._known: dict[str, int] | None = None
        self._used: dict[str, int] = {}  # kind -> the highest version that a till had used when this kind was first pushed

    # ---- for who sends

    def push(self, kind: str, body: bytes, terminal: str, key: DocumentKey, start: int = 0, until: int = 0) -> Out:
        """Sign it and give it out: to one till, or to "*", all of them. Returns after COMMIT. Raises Wrong."""
        check(kind, body)
        return self.give_out(kind, body, terminal, key.sign, start, until)

    def give_out(
        self, kind: str, body: bytes, terminal: str, sign: Callable[[bytes], bytes], start: int = 0, until: int = 0
    ) -> Out:
        """`push` of what is known to be right. sign: with the fleet's document key."""
        with self.db.transaction():
            version = self._last(kind) + 1
            label = document.label(kind, version, terminal, start, until, secrets.token_hex(8), body, sign)
            row = (kind, version, terminal, start, until, label, body, self.now())
            self.db.execute("INSERT INTO documents VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
        return Out(kind, version, terminal, start, until, len(body), row[-1])

    def _last(self, kind: str) -> int:
        """The highest version that ever was: also of those that a restored database has forgotten, and tills have not."""
        found = self.db.execute("SELECT coalesce(max(version), 0) FROM documents WHERE kind = ?", (kind,)).fetchone()[0]
        if kind not in self._used:  # what tills use from now on was given out here, or by somebody with the same table
            used = [used["version"] for _, used in self.ledger.records("document") if used.get("doc") == kind]
            self._used[kind] = max([0, *[version for version in used if isinstance(version, int)]])
        return max(int(found), self._used[kind])

    # ---- for tills

    def ops(self) -> dict[str, Callable[[str, Body], Body]]:
        """What tills ask of it, by the name of the request; each may be asked twice without harm."""
        return {"doc": self.doc, "declined": self.declined, "log": self.log}

    def used(self, terminal: str) -> dict[str, int]:
        """kind -> version of what this till uses, as its journal says."""
        asked = f"""SELECT payload FROM frames WHERE terminal = ? AND kind = 'document'
            ORDER BY seq DESC LIMIT {PAST_MAX}"""
        found: dict[str, int] = {}
        for (payload,) in self.db.execute(asked, (terminal,)).fetchall():
            record = json.loads(bytes(payload))
            kind, version = record.get("doc"), record.get("version")
            if isinstance(kind, str) and isinstance(version, int):
                found.setdefault(kind, version)
        return found

    def hint(self, terminal: str) -> dict[str, int]:
        """kind -> the newest version that is out for this till, where it does not use it yet."""
        asked = f"SELECT kind, max(version) FROM documents WHERE {OFFERED} GROUP BY kind"
        rows = self.db.execute(asked, (terminal, self.now(), terminal)).fetchall()
        used = self.used(terminal) if rows else {}
        return {kind: int(version) for kind, version in rows if version > used.get(kind, 0)}

    def doc(self, terminal: str, body: Body) -> Body:
        """The op "doc": {kind, after} asks for the label and the first piece of what comes after a version, {kind, version,
        at} for a later piece. {"none": true} when there is nothing, or something newer instead."""
        kind, after, at = body.get("kind"), body.get("after"), body.get("at", 0)
        version = body.get("version", 0)
        if not isinstance(kind, str) or not whole(at) or not whole(version) or not (version or whole(after)):
            raise Refusal("body")
        offered = self._next(terminal, kind, after if not version else version - 1)
        if not offered or (version and offered != version):
            return {"none": True}
        asked = f"SELECT label, substr(body, ?, {document.CHUNK}) FROM documents WHERE kind = ? AND version = ?"
        label, data = self.db.execute(asked, (at + 1, kind, offered)).fetchone()
        return document.chunk(bytes(label), at, bytes(data))

    def _next(self, terminal: str, kind: str, after: object) -> int:
        which = "min" if kind == COMMAND else "max"
        asked = f"SELECT {which}(version) FROM documents WHERE kind = ? AND version > ? AND {OFFERED}"
        found = self.db.execute(asked, (kind, after, terminal, self.now(), terminal)).fetchone()[0]
        return int(found or 0)

    def declined(self, terminal: str, body: Body) -> Body:
        """The op "declined": {kind, version, check, why}: a till does not take it."""
        kind, version, check, why = (body.get(key) for key in ("kind", "version", "check", "why"))
        if not whole(version) or not all(isinstance(text, str) and len(text) <= WORDS_MAX for text in (kind, check, why)):
            raise Refusal("body")
        row = (terminal, kind, version, f"{check}: {why}", int(check in LASTING), self.now())
        again = "ON CONFLICT(terminal, kind, version) DO UPDATE SET words = excluded.words, lasting = excluded.lasting"
        self.db.execute(f"INSERT INTO declined VALUES (?, ?, ?, ?, ?, ?) {again}", row)
        return {}

    def log(self, terminal: str, body: Body) -> Body:
        """The op "log": {version, at, lines}: lines of a till's log, from its `at`-th on, as a command of this version asked."""
        version, at, lines = body.get("version"), body.get("at"), body.get("lines")
        if not whole(version) or not whole(at) or not isinstance(lines, list) or at + len(lines) > LINES_MAX:
            raise Refusal("body")
        if not all(isinstance(line, str) and len(line) <= WORDS_MAX for line in lines):
            raise Refusal("body")
        for i, line in enumerate(lines, at):
            self.db.execute("INSERT INTO logs VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING", (terminal, version, i, line))
        return {}

    def news(self) -> list[str]:
        """The tills that something new is out for since the last call; none at the first."""
        asked = "SELECT kind, max(version) FROM documents GROUP BY kind"
        now = {kind: int(version) for kind, version in self.db.execute(asked).fetchall()}
        known, self._known = self._known, now
        if known is None or known == now:
            return []
        fresh: set[str] = set()
        for kind in now:
            asked = "SELECT DISTINCT terminal FROM documents WHERE kind = ? AND version > ?"
            fresh |= {terminal for (terminal,) in self.db.execute(asked, (kind, known.get(kind, 0))).fetchall()}
        if document.EVERYBODY in fresh:
            return [terminal for (terminal,) in self.db.execute("SELECT terminal FROM tills ORDER BY terminal").fetchall()]
        return sorted(fresh)

    # ---- for people

    def out(self) -> list[Out]:
        """Everything that was pushed, by kind, the newest last."""
        asked = """SELECT kind, version, terminal, start, until, length(body), at FROM documents ORDER BY kind, version"""
        return [Out(*row) for row in self.db.execute(asked).fetchall()]

    def newest(self, kind: str) -> tuple[bytes, bytes]:
        """(label, body) of the newest of a kind; there must be one."""
        asked = "SELECT label, body FROM documents WHERE kind = ? ORDER BY version DESC LIMIT 1"
        label, body = self.db.execute(asked, (kind,)).fetchone()
        return bytes(label), bytes(body)

    def refusals(self) -> list[tuple[str, str, int, str]]:
        """(terminal, kind, version, words) of what tills declined."""
        asked = "SELECT terminal, kind, version, words FROM declined ORDER BY terminal, kind, version"
        return [tuple(row) for row in self.db.execute(asked).fetchall()]

    def lines(self, terminal: str) -> list[tuple[int, str]]:
        """(version of the command, line) of the newest log that a till has sent."""
        asked = """SELECT version, line FROM logs WHERE terminal = ? AND version =
            (SELECT max(version) FROM logs WHERE terminal = ?) ORDER BY at"""
        return [(int(version), line) for version, line in self.db.execute(asked, (terminal, terminal)).fetchall()]


def check(kind: str, body: bytes) -> None:
    """What no till would take is not signed. A till sees more: whether a row fits its currency and its taxes. Raises Wrong."""
    most = document.LENGTHS.get(kind)
    if most is None:
        raise Wrong(f"{kind}: not a kind of document")
    if not 0 < len(body) <= most:
        raise Wrong(f"{kind}: {len(body)} bytes, the limit is {most}")
    try:
        if kind == COMMAND:
            order.read(body)
        elif not isinstance(json.loads(body), dict):
            raise Wrong(f"{kind}: not a JSON object")
    except document.Declined as why:
        raise Wrong(why.words) from None
    except (ValueError, RecursionError):
        raise Wrong(f"{kind}: not JSON") from None


def whole(value: object) -> TypeGuard[int]:
    """A number from 0 on that every database takes."""
    return type(value) is int and 0 <= value < 1 << 31
