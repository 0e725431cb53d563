"""The small messages of the wire: each is packed by one function and read, to its last field, by another.

The readers raise WireFault. What a message is good for, who signs it and when it is sent: firmware/sync/README.md."""

from firmware.journal.codec import canonical
from firmware.sync.document import hint, read_hint
from firmware.sync.envelope import MAX_MESSAGE, VERSION, check_version, digest, hex_of, integer, name, small, words
from hal.ports.faults import WireFault

ACK_BYTES = 12  # of the chain in an ack
SEAL_ROOM = 256  # bytes that a signature, and the key that made it, may add to a message
MAX_ANSWER = 16384  # bytes of an answer: what a till's modem brings in a second or two


def hello(
    boot: int, acked: int, head: int, h: bytes, utc: int, trusted: bool, software: str, parts: int = 0, ph: bytes = b""
) -> bytes:
    """Up, after each connect: where this till stands. boot: a number drawn at power on. utc: s, as well as it is known.

    parts: the record where the ledger said that it stands, and where this till's own chain is not the ledger's; ph: what
    it is here, b"" where this till has no such record. `signed` makes it fit to be believed."""
    message: "dict[str, object]" = {"v": VERSION, "boot": boot, "acked": acked, "head": head, "h": hex_of(h)}
    message["utc"] = utc
    message["trusted"] = trusted
    message["sw"] = software
    if parts:
        message["parts"] = parts
    if ph:
        message["ph"] = hex_of(ph)
    return canonical(message)


def read_hello(payload: bytes) -> "dict[str, object]":
    """Checked, h and ph as bytes; parts is 0 and ph is b"" where they are not said."""
    message = small(payload, "hello")
    check_version(message, "hello")
    for key in ("boot", "acked", "head", "utc"):
        integer(message, key, "hello", 0)
    message["parts"] = integer(message, "parts", "hello", 0) if "parts" in message else 0
    message["ph"] = digest(message, "ph", "hello") if "ph" in message else b""
    if type(message.get("trusted")) is not bool:
        raise WireFault("hello: trusted: not true or false")
    words(message, "sw", "hello")
    message["h"] = digest(message, "h", "hello")
    return message


def welcome(ack: int, h: bytes, utc: int, err: str = "", at: int = 0, docs: "dict[str, int] | None" = None) -> bytes:
    """Down, in answer to a hello or unasked: the last record that the ledger has, and the chain there. utc: the fleet's, s.

    err: "fork", the till's past is not what the ledger has seen of it, and they part at `at`. docs: kind -> the newest
    version of the fleet's documents that is out for this till, where it has not said that it uses it. `countersigned` by
    the fleet it is an anchor: proof that the ledger had all that up to then."""
    message: "dict[str, object]" = {"ack": ack, "h": hex_of(h), "utc": utc}
    if err:
        message["err"] = err
        message["at"] = at
    if docs:
        message["docs"] = hint(docs)
    return canonical(message)


def read_welcome(payload: bytes) -> "dict[str, object]":
    """Checked, h as bytes; err is "" and at is 0 where they are not said."""
    message = small(payload, "welcome")
    for key in ("ack", "utc"):
        integer(message, key, "welcome", 0)
    message["at"] = integer(message, "at", "welcome", 0) if "at" in message else 0
    message["err"] = words(message, "err", "welcome") if "err" in message else ""
    message["h"] = digest(message, "h", "welcome")
    if "docs" in message:
        message["docs"] = read_hint(message, "welcome")
    return message


def notice(docs: "dict[str, int]") -> bytes:
    """Down, unasked: what a welcome's docs says, to a till that is online. To be `countersigned`."""
    return canonical({"docs": hint(docs)})


def read_notice(payload: bytes) -> "dict[str, object]":
    """Checked."""
    message = small(payload, "notice")
    message["docs"] = read_hint(message, "notice")
    return message


def ack(to: int, h: bytes, gap: int = 0, err: str = "", at: int = 0) -> bytes:
    """Down, after COMMIT: the ledger has every record up to `to`, and h is the chain there, of which the first ACK_BYTES
    travel: enough to see another past, in what each batch costs.

    gap: the batch began there, beyond to + 1, or this till has not said hello yet. err: "fork" (two histories of one
    terminal part at `at`), "chain" (the batch breaks its own chain at `at`), "form" (not a batch that this end can read),
    "seal" (its signature is not this till's, or not there), "key" (this hello's key is not the one that the fleet knows this
    till by) or "version" (that was another wire; the one that this end speaks is then said too)."""
    message: "dict[str, object]" = {"to": to, "h": hex_of(h[:ACK_BYTES])}
    if gap:
        message["gap"] = gap
    if err:
        message["err"] = err
        message["at"] = at
    if err == "version":
        message["v"] = VERSION
    return canonical(message)


def read_ack(payload: bytes) -> "dict[str, object]":
    """Checked, h as the first ACK_BYTES; gap, at and v are 0 and err is "" where they are not said."""
    message = small(payload, "ack")
    integer(message, "to", "ack", 0)
    for key in ("gap", "at", "v"):
        message[key] = integer(message, key, "ack", 0) if key in message else 0
    message["err"] = words(message, "err", "ack") if "err" in message else ""
    message["h"] = digest(message, "h", "ack", ACK_BYTES)
    return message


def request(id: str, exp: int, op: str, body: "dict[str, object]") -> bytes:
    """Up: do op with body, once, and answer. id: this till's for ever, [a-z0-9.-], 40 at most. exp: when it is too late,
    in the fleet's UTC seconds. To be `signed`. Raises WireFault for a body that no reader would take."""
    payload = _packed({"v": VERSION, "id": id, "exp": exp, "op": op, "body": body}, "request")
    if len(payload) + SEAL_ROOM > MAX_MESSAGE:
        raise WireFault(f"request: {len(payload)} bytes, the limit is {MAX_MESSAGE - SEAL_ROOM} before it is signed", "size")
    read_request(payload)
    return payload


def read_request(payload: bytes) -> "dict[str, object]":
    """Checked. id and op are where they are in every version: so a request of another one is refused by its id."""
    message = small(payload, "request")
    name(message, "id", "request")
    name(message, "op", "request")
    check_version(message, "request")
    integer(message, "exp", "request", 0)
    if not isinstance(message.get("body"), dict):
        raise WireFault("request: body: not an object")
    return message


def answer(id: str, op: str, utc: int, body: "dict[str, object]", err: str = "") -> bytes:
    """Down: the one answer to the request of this id. err: it was refused, and by what name. utc: the fleet's, s.
    To be `countersigned`. Raises WireFault for a body that no reader would take."""
    message: "dict[str, object]" = {"v": VERSION, "id": id, "op": op, "utc": utc}
    if err:
        message["err"] = err
    else:
        message["body"] = body
    payload = _packed(message, "answer")
    if len(payload) + SEAL_ROOM > MAX_ANSWER:
        raise WireFault(f"answer: {len(payload)} bytes, the limit is {MAX_ANSWER - SEAL_ROOM} before it is signed", "size")
    read_answer(payload)
    return payload


def read_answer(payload: bytes) -> "dict[str, object]":
    """Checked; err is "" and body is {} where they are not said."""
    message = small(payload, "answer", MAX_ANSWER)
    check_version(message, "answer")
    name(message, "id", "answer")
    name(message, "op", "answer")
    integer(message, "utc", "answer", 0)
    message["err"] = words(message, "err", "answer") if "err" in message else ""
    if "body" not in message and message["err"]:
        message["body"] = {}
    if not isinstance(message.get("body"), dict):
        raise WireFault("answer: body: not an object")
    return message


def _packed(message: "dict[str, object]", where: str) -> bytes:
    """What others put into a body may be anything."""
    try:
        return canonical(message)
    except ValueError as fault:
        raise WireFault(f"{where}: {fault}", "canonical") from None


def state(on: bool, boot: int) -> bytes:
    """Retained on st: the birth (on) and the last will (not on) of the session of this boot."""
    return canonical({"on": 1 if on else 0, "boot": boot})


def read_state(payload: bytes) -> bool:
    """Is a till on?"""
    return integer(small(payload, "st"), "on", "st", 0) == 1
