"""What one maker's modems are told and how they answer, read from config/modems/NAME.json: data, so that no driver code
asks who made the modem. 3GPP TS 27.007 fixes half of it, makers the rest.

A step is one command: `say` with its blanks, `limit_s` for the answer, the patterns of its final lines (`good`, `bad`,
`again`: not now), the pattern of the line that it asks for, and whether it is over without that line (`need`)."""

import re
from pathlib import Path
from typing import Any, NamedTuple

from hal.config_text import json_of, text_of
from hal.ports.faults import ConfigFault

FOLDER = "modems"
LIMIT_S = 10.0
GOOD = "OK"
BAD = r"ERROR|NO CARRIER|\+CM[ES] ERROR: (?P<why>.*)"
STEPS = ("attention", "sim", "pin", "apn", "net", "net_up", "net_down", "open", "send", "close", "signal")
MAYBE_STEPS = ("pin_tries", "why", "waiting", "read")  # "read": the modem keeps what came until it is asked
NEWS = ("opened", "closed", "net_lost", "registration", "signal", "started", "quiet")
MAYBE_NEWS = ("data",)
GROUPS = {
    "opened": ("link", "err"),
    "closed": ("link",),
    "data": ("link",),
    "registration": ("kind", "stat"),
    "signal": ("rssi",),
}
STEP_GROUPS = {
    "sim": ("state",),
    "pin_tries": ("left",),
    "net": ("up",),
    "why": ("code",),
    "waiting": ("size",),
    "signal": ("rssi",),
}

Pattern = re.Pattern[str]


class Step(NamedTuple):
    """One command and its answers."""

    say: str
    limit_s: float
    good: Pattern
    bad: Pattern
    again: Pattern | None
    line: Pattern | None
    need: bool


class CommandSet(NamedTuple):
    """Everything of one maker. piece_bytes: the most of one send. links: how many connections at a time. block: the line
    after which so many raw bytes stand. reason: a line that says why the next ERROR comes."""

    name: str
    piece_bytes: int
    links: int
    block: Pattern
    reason: Pattern | None
    setup: list[Step]
    registration: list[Step]
    steps: dict[str, Step]
    news: dict[str, Pattern]
    errors: dict[int, str]


class Reader:
    """Takes the file apart by key, and says which one is wrong."""

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self.root = json_of(text, file)
        if not isinstance(self.root, dict):
            raise ConfigFault(file, "", "must be an object")

    def fault(self, key: str, reason: str) -> ConfigFault:
        return ConfigFault(self.file, key, reason)

    def whole(self, key: str, low: int, high: int) -> int:
        value = self.root.get(key)
        if type(value) is not int or not low <= value <= high:
            raise self.fault(key, f"must be a whole number from {low} to {high}")
        return value

    def table(self, key: str) -> dict[str, Any]:
        value = self.root.get(key)
        if not isinstance(value, dict):
            raise self.fault(key, "must be an object")
        return value

    def pattern(self, key: str, text: Any, groups: tuple[str, ...] = ()) -> Pattern:
        try:
            found = re.compile(text, re.ASCII)
        except (TypeError, ValueError, re.error, RecursionError) as fault:
            raise self.fault(key, f"must be a pattern: {fault}") from fault
        missing = [name for name in groups if name not in found.groupindex]
        if missing:
            raise self.fault(key, f"names no {', '.join(missing)}")
        return found

    def step(self, key: str, told: Any, groups: tuple[str, ...] = ()) -> Step:
        if not isinstance(told, dict) or not isinstance(told.get("say"), str) or not told["say"].startswith("AT"):
            raise self.fault(f"{key}.say", "must be a command that begins with AT")
        limit_s = told.get("limit_s", LIMIT_S)
        if type(limit_s) not in (int, float) or not 0 < limit_s <= 300:
            raise self.fault(f"{key}.limit_s", "must be seconds, up to 300")
        return Step(
            told["say"],
            float(limit_s),
            self.pattern(f"{key}.good", told.get("good", GOOD)),
            self.pattern(f"{key}.bad", told.get("bad", BAD)),
            self.pattern(f"{key}.again", told["again"]) if "again" in told else None,
            self.pattern(f"{key}.line", told.get("line"), groups) if "line" in told or groups else None,
            told.get("need") is True,
        )

    def steps(self, key: str, groups: tuple[str, ...] = ()) -> list[Step]:
        rows = self.root.get(key)
        if not isinstance(rows, list):
            raise self.fault(key, "must be a list")
        return [self.step(f"{key}.{i}", row, groups) for i, row in enumerate(rows)]


def load(config_dir: Path, name: str) -> CommandSet:
    """config/modems/NAME.json. Raises ConfigFault."""
    file = f"{FOLDER}/{name}.json"
    return parse(file, text_of(config_dir, file))


def parse(file: str, text: str) -> CommandSet:
    """Raises ConfigFault."""
    reader = Reader(file, text)
    steps, news = reader.table("steps"), reader.table("news")
    keeps = "read" in steps
    for key, there in (("steps.waiting", "waiting" in steps), ("news.data", "data" in news)):
        if there != keeps:
            raise reader.fault(key, "belongs to the step read: both, or neither")
    for key, told, names in (("steps", steps, STEPS), ("news", news, NEWS)):
        missing = [name for name in names if name not in told]
        if missing:
            raise reader.fault(f"{key}.{missing[0]}", "is missing")
    return CommandSet(
        name=str(reader.root.get("name", file)),
        piece_bytes=reader.whole("piece_bytes", 1, 1500),
        links=reader.whole("links", 1, 12),
        block=reader.pattern("block", reader.root.get("block"), ("link", "size", "rest") if keeps else ("link", "size")),
        reason=reader.pattern("reason", reader.root["reason"], ("why",)) if reader.root.get("reason") else None,
        setup=reader.steps("setup"),
        registration=reader.steps("registration", ("kind", "stat")),
        steps={
            name: reader.step(f"steps.{name}", steps[name], STEP_GROUPS.get(name, ()))
            for name in STEPS + MAYBE_STEPS
            if name in steps
        },
        news={
            name: reader.pattern(f"news.{name}", news[name], GROUPS.get(name, ())) for name in NEWS + MAYBE_NEWS if name in news
        },
        errors={int(code): str(words) for code, words in reader.table("errors").items() if code.isdecimal()},
    )
