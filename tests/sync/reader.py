"""The wire as somebody reads it who has the page and not the code: json, zlib, hashlib and an Ed25519, none of ours."""

import hashlib
import json
import re
import struct
import zlib

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


class NotOurs(Exception):
    """Not a message of this wire."""


def once(pairs):
    """An object that says each thing once."""
    if len(dict(pairs)) != len(pairs):
        raise NotOurs("a key twice")
    return dict(pairs)


def deep(value):
    return (
        1 + max(map(deep, value.values() if isinstance(value, dict) else value), default=0)
        if isinstance(value, dict | list)
        else 0
    )


def texts(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for each in value:
            yield from texts(each)
            if isinstance(value, dict):
                yield from texts(value[each])


def envelope(payload, limit):
    """The message in it."""
    if len(payload) > limit:
        raise NotOurs("too long")
    try:
        message = json.loads(payload.decode(), object_pairs_hook=once, parse_float=refuse, parse_constant=refuse, parse_int=whole)
    except (ValueError, RecursionError) as fault:
        raise NotOurs("not JSON") from fault
    if not isinstance(message, dict) or deep(message) > 8 or b"null" in re.sub(rb'"[^"]*"', b"", payload):
        raise NotOurs("not an object, too deep, or null")
    if any(re.search(r"[\x00-\x1f\x7f-\x9f]", text) for text in texts(message)):
        raise NotOurs("a control character")
    if written(message) != payload:
        raise NotOurs("not canonical")
    return message


def refuse(text):
    raise NotOurs(text)


def whole(text):
    if abs(int(text)) >= 1 << 53:
        raise NotOurs("beyond 2^53")
    return int(text)


def written(message):
    """RFC 8785, for what this wire says: no fraction, and no key beyond U+FFFF."""
    return json.dumps(message, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


FIELDS = {
    "hello": {"v": int, "boot": int, "acked": int, "head": int, "utc": int, "trusted": bool, "sw": str, "h": 64},
    "welcome": {"ack": int, "utc": int, "h": 64},
    "ack": {"to": int, "h": 24},
    "state": {"on": int},
    "notice": {"docs": dict},
    "request": {"v": int, "id": "name", "op": "name", "exp": int, "body": dict},
    "answer": {"v": int, "id": "name", "op": "name", "utc": int},
}
SELDOM = {
    "hello": {"parts": int, "ph": 64},
    "welcome": {"at": int, "err": str, "docs": dict},
    "ack": {"v": int, "gap": int, "at": int, "err": str},
    "answer": {"err": str, "body": dict},
}


def message(kind, payload):
    """A small message with its fields as they should be."""
    said = envelope(payload, 16384 if kind == "answer" else 4096)
    if "v" in FIELDS[kind] and said.get("v") != 1:
        raise NotOurs("another version")
    seldom = [(key, form) for key, form in SELDOM.get(kind, {}).items() if key in said]
    for key, form in list(FIELDS[kind].items()) + seldom:
        fits(said.get(key), form, key)
    if kind == "answer" and not (said.get("err") or "body" in said):
        raise NotOurs("neither")
    return said


def fits(value, form, key):
    if form == "name":
        good = isinstance(value, str) and re.fullmatch(r"[a-z0-9.-]{1,40}", value)
    elif isinstance(form, int):
        good = isinstance(value, str) and re.fullmatch(rf"[0-9a-f]{{{form}}}", value)
    elif form is int:
        good = type(value) is int and value >= 0
    else:
        good = type(value) is form and not (form is str and len(value) > 200)
    if not good:
        raise NotOurs(key)


def signed(key, topic, payload):
    """What a message says besides its signature; by whom it is signed is the reader's business."""
    said = json.loads(payload)
    signature = bytes.fromhex(said.pop("s"))
    if not holds(key, topic.encode() + b"\n" + written(said), signature):
        raise NotOurs("signature")
    return said


def holds(key, text, signature):
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, text)
    except InvalidSignature:
        return False
    return True


def batch(key, terminal, published, dictionary):
    """(first, chain before, chain after, payloads) of a batch, layout 2."""
    layout, first = published[0], int.from_bytes(published[1:7], "big")
    prev, signature = struct.unpack("32s64s", published[7:103])
    lines = zlib.decompressobj(-15, dictionary).decompress(published[103:]).split(b"\n")
    if layout != 2 or lines.pop() != b"":
        raise NotOurs("layout")
    head = prev
    for line in lines:
        head = hashlib.sha256(head + line).digest()
    over = {"h": head.hex(), "to": first + len(lines) - 1}
    if not holds(key, f"barrow/v1/{terminal}/up/batch\n".encode() + written(over), signature):
        raise NotOurs("signature")
    return first, prev, head, lines


SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def claim(terminal, journal_key, tls_key):
    """The code on a till's screen: 60 bits in Crockford's base 32, and a sign by Luhn's rule for 32 signs."""
    h = int.from_bytes(hashlib.sha256(f"barrow claim\n{terminal}\n".encode() + journal_key + tls_key).digest(), "big") >> 196
    values = [h >> shift & 31 for shift in range(55, -1, -5)]
    doubled = [value * (2 if i % 2 else 1) for i, value in enumerate(values)]
    check = -sum(value // 32 + value % 32 for value in doubled) % 32
    return "".join(SIGNS[value] for value in [*values, check])
