"""What a till asks, and the one answer that it gets, however often it asks.

An answer is stored in the transaction of what it tells; the same id is answered from there, or refused when it asks
something else. Whether a question is its till's is seen first: nobody else gets an answer that a till could take for its own."""

import hashlib
import json
from collections.abc import Callable
from typing import Any, NamedTuple

from firmware.journal.codec import canonical
from firmware.sync import wire
from fleet.ledger import Ledger
from fleet.trust import KEY, SEAL, Trust, signed_by

HORIZON_S = 90 * 86400  # as long as a till keeps its journal, and so its questions
AHEAD_S = 86400  # a deadline further off is none
HOURLY_MAX = 2000  # stored answers of one till; a till that asks more is told to come back
HOUR_S = 3600

Body = dict[str, Any]
Message = tuple[str, bytes]
INSERT = """INSERT INTO answers(terminal, id, question, answer, at) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT(terminal, id) DO NOTHING"""


class Refusal(Exception):
    """A handler did nothing, and says why by one word."""


class Op(NamedTuple):
    """handler(terminal, body) answers, within a transaction. stored: False for what may be asked twice without harm, and
    is too long to keep."""

    handler: Callable[[str, Body], Body]
    stored: bool


class Answers:
    """sign: with the fleet's document key; None where the fleet has none, and then no till asks for it."""

    def __init__(self, ledger: Ledger, now: Callable[[], int], sign: "Callable[[bytes], bytes] | None" = None) -> None:
        self.ledger = ledger
        self.trust = Trust(ledger)
        self.now = now
        self.sign = sign
        self.ops: dict[str, Op] = {}
        self.add("time", self.time)
        self.add("sale", self.sale)
        self.add("key", self.key, stored=False)

    def add(self, op: str, handler: Callable[[str, Body], Body], stored: bool = True) -> None:
        """From now on, op is answered by handler, which raises Refusal or gives what wire.answer takes."""
        self.ops[op] = Op(handler, stored)

    def take(self, terminal: str, payload: bytes) -> "tuple[list[Message], str]":
        """What to publish, after COMMIT, and why it was refused, "" when it was not. Raises WireFault, DbFault."""
        topic = wire.topic(terminal, wire.UP_REQ)
        try:
            asked = wire.read_request(payload)
        except wire.WireVersion:
            asked = {}
        strange = self._strange(terminal, topic, payload)
        if strange:
            seq, h = self.ledger.head(terminal)
            return [(wire.topic(terminal, wire.DN_ACK), wire.ack(seq, h, err=strange))], strange
        if not asked:
            said = json.loads(payload)
            return self._told(terminal, wire.answer(said["id"], said["op"], self.now(), {}, "version")), "version"
        told = self._answer(terminal, asked)
        return self._told(terminal, told), str(wire.read_answer(told)["err"])

    def _strange(self, terminal: str, topic: str, payload: bytes) -> str:
        """Who is this that asks, if not the till? Raises WireFault."""
        seal, known = wire.seal_of(topic, payload), self.trust.key(terminal)
        if seal is None or not known or seal.key != known:
            return KEY
        return "" if signed_by(seal.key, seal.said, seal.signature) else SEAL

    def _told(self, terminal: str, answer: bytes) -> list[Message]:
        topic = wire.topic(terminal, wire.DN_RES)
        return [(topic, wire.countersigned(topic, answer, self.sign) if self.sign else answer)]

    def _answer(self, terminal: str, asked: Body) -> bytes:
        id, op = asked["id"], asked["op"]
        question = hashlib.sha256(canonical({"op": op, "body": asked["body"]})).digest()
        with self.ledger.db.transaction():
            now = self.now()
            if op in self.ops and not self.ops[op].stored:
                return self._done(terminal, asked, now)
            if self._busy(terminal, now) and not self._stored(terminal, id):
                return wire.answer(id, op, now, {}, "busy")
            # the row is taken before anything is done: whoever else has the same question waits here for our COMMIT
            if not self.ledger.db.execute(INSERT, (terminal, id, question, b"", now)).rowcount:
                known, answer = self._stored(terminal, id) or (b"", b"")
                return answer if known == question else wire.answer(id, op, now, {}, "taken")
            answer = self._done(terminal, asked, now)
            self.ledger.db.execute("UPDATE answers SET answer = ? WHERE terminal = ? AND id = ?", (answer, terminal, id))
            self.ledger.db.execute("DELETE FROM answers WHERE terminal = ? AND at < ?", (terminal, now - HORIZON_S))
            return answer

    def _stored(self, terminal: str, id: str) -> "tuple[bytes, bytes] | None":
        asked = "SELECT question, answer FROM answers WHERE terminal = ? AND id = ?"
        found = self.ledger.db.execute(asked, (terminal, id)).fetchone()
        return (bytes(found[0]), bytes(found[1])) if found else None

    def _busy(self, terminal: str, now: int) -> bool:
        asked = "SELECT count(*) FROM answers WHERE terminal = ? AND at > ?"
        return bool(self.ledger.db.execute(asked, (terminal, now - HOUR_S)).fetchone()[0] >= HOURLY_MAX)

    def _done(self, terminal: str, asked: Body, now: int) -> bytes:
        """Do it, or have a word for why not; then nothing was done."""
        id, op, err = asked["id"], asked["op"], ""
        body: Body = {}
        if op not in self.ops:
            err = "op"
        elif not now <= asked["exp"] <= now + AHEAD_S:
            err = "expired" if asked["exp"] < now else "far"
        else:
            try:
                with self.ledger.db.transaction():
                    body = self.ops[op].handler(terminal, asked["body"])
            except Refusal as why:
                err = str(why)
        return wire.answer(id, op, now, body, err)

    # ---- the first three

    def time(self, terminal: str, body: Body) -> Body:
        """What time is it at the fleet? UTC seconds."""
        return {"utc": self.now()}

    def key(self, terminal: str, body: Body) -> Body:
        """{"terminal"}: under which key is that till known? In hex, so that a receipt of its can be checked elsewhere."""
        found = self.trust.key(str(body.get("terminal", ""))[:16])
        if not found:
            raise Refusal("unknown")
        return {"key": found.hex()}

    def sale(self, terminal: str, body: Body) -> Body:
        """{"no"}: did my sale of this number arrive? state: "booked", with its seq, total, cur and when it was received;
        "quarantine", refused with a reason; or "unknown", and the ledger ends at `to`."""
        no = body.get("no")
        if type(no) is not int or no < 1:
            raise Refusal("body")
        found = find_sale(self.ledger, terminal, no)
        if found:
            seq, total, currency, received_at = found
            return {"state": "booked", "seq": seq, "total": total, "cur": currency, "at": received_at}
        for seq, reason, payload in self.ledger.db.execute(
            "SELECT seq, reason, payload FROM quarantine WHERE terminal = ? ORDER BY seq DESC LIMIT 1000", (terminal,)
        ):
            if f'"no":{no},'.encode() in bytes(payload):
                return {"state": "quarantine", "seq": seq, "reason": reason}
        return {"state": "unknown", "to": self.ledger.head(terminal)[0]}


def find_sale(ledger: Ledger, terminal: str, no: int) -> "tuple[int, int, str, int] | None":
    """(seq, total, currency, received at) of a till's sale, by halving: numbers rise with seq, and a sale's is at most its."""
    asked = """SELECT seq, no, total, currency, received_at FROM frames
        WHERE terminal = ? AND seq >= ? AND kind = 'sale' ORDER BY seq LIMIT 1"""
    low, high = 1, ledger.head(terminal)[0]
    while low <= high:
        middle = (low + high) // 2
        row = ledger.db.execute(asked, (terminal, middle)).fetchone()
        if row and row[1] == no:
            return row[0], row[2], row[3], row[4]
        if row and row[1] < no:
            low = row[0] + 1
        else:
            high = middle - 1
    return None
