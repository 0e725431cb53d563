"""What a command tells a till to do, read strictly; shared with fleet/, which reads it the same way before it signs."""

import json

from firmware.sync.document import Declined

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

LOCK, UNLOCK, MESSAGE, LOGS, RESEND = "lock", "unlock", "message", "logs", "resend"
KEYS = {LOCK: ("words",), UNLOCK: (), MESSAGE: ("words",), LOGS: ("lines",), RESEND: ("from",)}
WORDS_MAX = 60  # characters: what the panel can show of them
LINES_MAX = 200  # of the log
SEQ_MAX = (1 << 53) - 1


def read(body: bytes) -> "dict[str, Any]":
    """{"do": one of KEYS} and its own keys, no others. Raises Declined."""
    try:
        order = json.loads(str(body, "utf-8"))
    except (ValueError, RuntimeError):
        order = None
    if not isinstance(order, dict) or not isinstance(order.get("do"), str) or order["do"] not in KEYS:
        raise Declined("content", "do: not an order that this till knows")
    keys = KEYS[order["do"]]
    if sorted(order) != sorted(("do",) + keys):
        raise Declined("content", f"{order['do']}: has not just the keys {', '.join(keys) or 'do'}")
    if "words" in keys:
        _check_words(order["words"])
    if "lines" in keys:
        _check_number(order, "lines", LINES_MAX)
    if "from" in keys:
        _check_number(order, "from", SEQ_MAX)
    return order


def _check_words(words: "Any") -> None:
    if not isinstance(words, dict) or not 0 < len(words) <= 8:
        raise Declined("content", "words: not an object of language and text")
    for lang, text in words.items():
        if len(lang) != 2 or not all("a" <= c <= "z" for c in lang):
            raise Declined("content", "words: a language is two small letters")
        if not isinstance(text, str) or not text.strip() or len(text) > WORDS_MAX:
            raise Declined("content", f"words: {lang}: not 1 to {WORDS_MAX} characters")
        if any(ord(c) < 0x20 or 0x7F <= ord(c) < 0xA0 or 0xD800 <= ord(c) < 0xE000 for c in text):
            raise Declined("content", f"words: {lang}: has a control character")


def _check_number(order: "dict[str, Any]", key: str, most: int) -> None:
    value = order[key]
    if type(value) is not int or not 1 <= value <= most:
        raise Declined("content", f"{key}: not a whole number from 1 to {most}")
