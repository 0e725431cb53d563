"""The page's messages: what a page may say, read from untrusted bytes, and what it is told.

A page says   {"key": NAME, "down": bool}   an edge of a key
              {"scan": TEXT}                the scanner reads TEXT
              {"act": LINE}                 a line of the .sale language that turns a knob
              {"page": WORD, ...}           tear, clear, record on, run text name, halt, home
It is told JSON objects with "t", and bytes: F and the pages of the panel, P and rows of paper, as wide as the strip is."""

import json
from collections.abc import Callable
from typing import Any, NamedTuple

from hal.ports.keys import KEYS, SCAN_MAX
from sim.script.acts import act
from sim.script.outcomes import Act
from sim.script.tokens import ScriptError, Words

MESSAGE_MAX = 65_536  # bytes of one message; a pasted script is the longest
LINE_MAX = 80
# the words that turn a knob; the others of the language check something or take the till's place
KNOBS = (
    "net", "modem", "broker", "fleet", "paper", "cover", "printer", "battery", "clock", "disk", "stick", "power", "cable", "fit",
)  # fmt: skip
PANEL, PAPER = b"F", b"P"


class BadMessage(Exception):
    """Not one of the messages above; str() is one line for the log."""


class Edge(NamedTuple):
    """A key goes down or comes up."""

    name: str
    down: bool


class Scanned(NamedTuple):
    """The scanner reads this."""

    text: str


class Knob(NamedTuple):
    """line: as a script would say it; act: what it does."""

    line: str
    act: Act


class Wish(NamedTuple):
    """Something of the page itself: word is tear, clear, record, run, halt or home."""

    word: str
    on: bool = False
    text: str = ""
    name: str = ""


Said = Edge | Scanned | Knob | Wish


def read(text: str) -> Said:
    """One message of a page. Raises BadMessage."""
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        raise BadMessage("not JSON") from None
    if not isinstance(said, dict):
        raise BadMessage("not an object")
    for word, reader in READERS.items():
        if word in said:
            return reader(said)
    raise BadMessage("none of key, scan, act, page")


def edge(said: dict[str, Any]) -> Edge:
    if said["key"] not in KEYS:
        raise BadMessage("there is no such key")
    return Edge(said["key"], flag(said, "down"))


def scanned(said: dict[str, Any]) -> Scanned:
    code = string(said, "scan", SCAN_MAX)
    if not code or not code.isprintable():
        raise BadMessage(f"a scan is 1 to {SCAN_MAX} printable characters")
    return Scanned(code)


def knob(said: dict[str, Any]) -> Knob:
    line = string(said, "act", LINE_MAX)
    try:
        words = Words("page", 1, line)
        if words.peek() not in KNOBS:
            raise BadMessage("that word turns no knob")
        return Knob(line, act(words))
    except ScriptError as error:
        raise BadMessage(str(error)) from None


def wish(said: dict[str, Any]) -> Wish:
    word = string(said, "page", LINE_MAX)
    if word in ("tear", "clear", "halt", "home"):
        return Wish(word)
    if word == "record":
        return Wish(word, on=flag(said, "on"))
    if word == "run":
        return Wish(word, text=string(said, "text", MESSAGE_MAX), name=string(said, "name", LINE_MAX))
    raise BadMessage("the page has no such wish")


READERS: dict[str, Callable[[dict[str, Any]], Said]] = {"key": edge, "scan": scanned, "act": knob, "page": wish}


def string(said: dict[str, Any], name: str, longest: int) -> str:
    value = said.get(name)
    if not isinstance(value, str) or len(value) > longest:
        raise BadMessage(f"{name} is not a text of at most {longest} characters")
    return value


def flag(said: dict[str, Any], name: str) -> bool:
    value = said.get(name)
    if not isinstance(value, bool):
        raise BadMessage(f"{name} is not true or false")
    return value


def told(kind: str, fields: dict[str, Any]) -> str:
    """A message to a page."""
    return json.dumps({"t": kind, **fields}, ensure_ascii=False)
