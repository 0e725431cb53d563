"""What a script can expect: of the screen, the paper, the journal, the ledger and the queue, at this instant."""

import re
from collections.abc import Callable
from typing import Any, Protocol

from sim.script.tokens import Words
from sim.script.vocabulary import ALWAYS, KINDS, LATER_KINDS, LATER_SCREENS, NOT_BUILT, SCREENS
from sim.world import World


class Check(Protocol):
    """`miss` says why it does not hold now, or "" when it does."""

    def miss(self, world: World) -> str: ...


def screen_name(words: Words) -> str:
    token = words.take("a screen")
    if token.text in LATER_SCREENS:
        raise words.wrong(f"the screen {token.text} is {NOT_BUILT}", token)
    if token.text not in SCREENS:
        raise words.wrong(f"there is no screen {token.text!r}", token)
    return token.text


class Expect:
    """The frame on the screen: its id, and some of its fields as the operator reads them."""

    def __init__(self, words: Words) -> None:
        self.screen = screen_name(words)
        self.fields = words.pairs(SCREENS[self.screen] + ALWAYS, f"the screen {self.screen}")

    def miss(self, world: World) -> str:
        frame = world.frame
        if frame.id != self.screen:
            return f"the screen is {frame.id}, not {self.screen}"
        seen = world.fields()
        return ", ".join(f"{k} is {seen.get(k)}, not {v}" for k, v in self.fields.items() if seen.get(k) != v)


class Printed:
    """These words on one line of the paper, in this order, as whole words."""

    def __init__(self, words: Words) -> None:
        self.texts: list[str] = []
        self.count = -1
        while words.more():
            token = words.take("a text")
            if token.text.startswith("count=") and not token.quoted and token.text[6:].isdecimal() and not words.more():
                self.count = int(token.text[6:])
            else:
                self.texts.append(token.text)
        if not self.texts:
            raise words.wrong("what should be printed?")
        whole = [rf"(?<![\w.]){re.escape(text)}(?![\w]|\.\d)" for text in self.texts]
        self.pattern = re.compile(".*?".join(whole))

    def miss(self, world: World) -> str:
        found = sum(1 for line in world.printer.text() if self.pattern.search(line))
        return counted(found, self.count, f"lines with {' … '.join(self.texts)}")


class Records:
    """Records of one kind with these fields: frames of the till's journal, or rows of the fleet's ledger."""

    def __init__(self, words: Words, where: str) -> None:
        self.where = where
        token = words.take("a kind")
        if token.text in LATER_KINDS:
            raise words.wrong(f"the kind {token.text} is {NOT_BUILT}", token)
        if token.text not in KINDS:
            raise words.wrong(f"there is no kind {token.text!r}; there are {', '.join(KINDS)}", token)
        self.kind = token.text
        known = KINDS[self.kind] + ("count",) + (("terminal",) if where == "fleet" else ())
        self.fields = words.pairs(known, f"the kind {self.kind}")
        count = self.fields.pop("count", "")
        if count and not count.isdecimal():
            raise words.wrong(f"count is a number, not {count!r}", token)
        self.count = int(count) if count else -1

    def miss(self, world: World) -> str:
        rows = world.journal_fields() if self.where == "journal" else world.ledger_fields()
        found = sum(1 for row in rows if row["kind"] == self.kind and self._fits(row))
        asked = " ".join(f"{k}={v}" for k, v in self.fields.items())
        return counted(found, self.count, f"{self.kind} {asked}".rstrip() + f" in the {self.where}")

    def _fits(self, row: "dict[str, Any]") -> bool:
        return all(row.get(name) == value for name, value in self.fields.items())


class Queue:
    """Sales that the ledger has not acknowledged."""

    def __init__(self, words: Words) -> None:
        self.wanted = 0 if words.peek() == "empty" and words.take("empty") else words.number("the length of the queue")

    def miss(self, world: World) -> str:
        queued = world.queued()
        return "" if queued == self.wanted else f"{queued} sales are queued, not {self.wanted}"


def counted(found: int, wanted: int, what: str) -> str:
    if wanted < 0:
        return "" if found else f"there is no {what}"
    return "" if found == wanted else f"{found} {what}, not {wanted}"


CHECKS: "dict[str, Callable[[Words], Check]]" = {
    "expect": Expect,
    "printed": Printed,
    "journal": lambda words: Records(words, "journal"),
    "fleet": lambda words: Records(words, "fleet"),
    "queue": Queue,
}


def check(words: Words) -> Check:
    """The check that the rest of the line says."""
    name = words.one_of(tuple(CHECKS), "a check")
    return CHECKS[name](words)
