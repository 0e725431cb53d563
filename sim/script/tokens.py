"""A line of a .sale script as words with their columns, and the units that words are in."""

import re
from typing import NamedTuple

TOKEN = re.compile(r'\s+|#.*|"([^"]*)"|([^\s"#][^\s"]*)')
TIME = re.compile(r"(\d+)(ms|s|m|h)\Z")
UNITS_MS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000}


class ScriptError(Exception):
    """A script that cannot be run. str(): file:line:column: reason."""


class Token(NamedTuple):
    """text: without its quotes. column: from 1."""

    text: str
    column: int
    quoted: bool


class Words:
    """The words of one line, taken from the left; every complaint names file, line and column."""

    def __init__(self, file: str, number: int, text: str) -> None:
        self.file = file
        self.line = number
        self.text = text.rstrip()
        self.tokens = list(self._split())
        self.at = 0

    def _split(self) -> "list[Token]":
        found, place = [], 0
        while place < len(self.text):
            match = TOKEN.match(self.text, place)
            if not match:
                raise ScriptError(f"{self.file}:{self.line}:{place + 1}: a quote that is never closed")
            if match[1] is not None:
                found.append(Token(match[1], place + 1, True))
            elif match[2] is not None:
                found.append(Token(match[2], place + 1, False))
            place = match.end()
        return found

    def wrong(self, reason: str, token: Token | None = None) -> ScriptError:
        column = token.column if token else len(self.text) + 1
        return ScriptError(f"{self.file}:{self.line}:{column}: {reason}")

    def more(self) -> bool:
        return self.at < len(self.tokens)

    def peek(self) -> str:
        return self.tokens[self.at].text if self.more() else ""

    def take(self, what: str) -> Token:
        """The next word; `what` says what it should have been when there is none."""
        if not self.more():
            raise self.wrong(f"{what} is missing")
        self.at += 1
        return self.tokens[self.at - 1]

    def one_of(self, choices: "tuple[str, ...] | list[str]", what: str) -> str:
        token = self.take(what)
        if token.text not in choices:
            raise self.wrong(f"{what} is one of {', '.join(choices)}, not {token.text!r}", token)
        return token.text

    def time_ms(self) -> int:
        token = self.take("a time")
        match = TIME.match(token.text)
        if not match:
            raise self.wrong(f"a time is 500ms, 30s, 5m or 2h, not {token.text!r}", token)
        return int(match[1]) * UNITS_MS[match[2]]

    def number(self, what: str, suffix: str = "") -> int:
        token = self.take(what)
        digits = token.text.removesuffix(suffix)
        if not digits.isdecimal():
            raise self.wrong(f"{what} is a number{' with ' + suffix if suffix else ''}, not {token.text!r}", token)
        return int(digits)

    def pairs(self, known: "tuple[str, ...]", of: str) -> "dict[str, str]":
        """field=value… up to the end of the line or a word without `=`."""
        found: dict[str, str] = {}
        while self.more() and "=" in self.peek() and not self.tokens[self.at].quoted:
            token = self.take("a field")
            name, value = token.text.split("=", 1)
            if not value and self.more() and self.tokens[self.at].quoted:
                value = self.take("a value").text
            if name not in known:
                raise self.wrong(f"{of} has no field {name!r}; it has {', '.join(known)}", token)
            found[name] = value
        return found

    def end(self) -> None:
        if self.more():
            token = self.tokens[self.at]
            raise self.wrong(f"did not expect {token.text!r} here", token)
