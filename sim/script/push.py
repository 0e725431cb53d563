"""What the fleet sends down in a script: documents and commands, signed with the bench's document key."""

import json
from pathlib import Path
from typing import Any

from firmware.sync import document, order, tills
from firmware.sync.wire import terminal_ok
from fleet.documents import Wrong, check
from sim.script.outcomes import Missed
from sim.script.pace import Pace
from sim.script.tokens import Words
from sim.world import World


class PushTills:
    """push tills [NAME...] [gone=NAME,...]"""

    def __init__(self, words: Words) -> None:
        self.names: list[str] = []
        while words.more() and "=" not in words.peek():
            self.names.append(words.take("a till").text)
        told = words.pairs(("gone",), "push tills")
        self.gone = told["gone"].split(",") if "gone" in told else []
        for name in self.names + self.gone:
            if not terminal_ok(name):
                raise words.wrong(f"{name!r} is not the name of a till")

    async def run(self, world: World, pace: Pace) -> None:
        world.push_tills(self.names, self.gone)


def push(words: Words) -> "Push | PushTills":
    """What comes after `push`."""
    if words.more() and words.peek() == tills.KIND:
        words.take("tills")
        return PushTills(words)
    return Push(words)


class Push:
    """push catalogue, settings, texts, staff, limits FILE · push command lock, message [TEXT] [en=TEXT] [zh=TEXT] ·
    push command unlock · push command logs N · push command resend N; then start=TIME and expires=TIME from now, terminal=T"""

    def __init__(self, words: Words) -> None:
        self.kind = words.one_of([kind for kind in document.KINDS if kind != tills.KIND], "a kind of document")
        token = words.tokens[words.at] if words.more() else None
        said = command(words) if self.kind == document.COMMAND else read(words)
        told = words.pairs(("en", "zh", "start", "expires", "terminal"), "push")
        if "words" in said and self.kind == document.COMMAND:
            said["words"] |= {lang: told[lang] for lang in ("en", "zh") if lang in told}
        self.body = json.dumps(said, ensure_ascii=False).encode()
        self.start_s, self.expires_s = (seconds(words, told.get(key, "")) for key in ("start", "expires"))
        self.terminal = told.get("terminal", "")
        try:
            check(self.kind, self.body)
        except Wrong as why:
            raise words.wrong(str(why), token) from None

    async def run(self, world: World, pace: Pace) -> None:
        try:
            world.push(self.kind, self.body, self.terminal, self.start_s, self.expires_s)
        except Wrong as why:
            raise Missed(str(why)) from None


def read(words: Words) -> "dict[str, Any]":
    """A JSON file, its path seen from the script."""
    token = words.take("a file")
    try:
        found: dict[str, Any] = json.loads((Path(words.file).parent / token.text).read_bytes())
        return found
    except (OSError, ValueError) as fault:
        raise words.wrong(f"{token.text}: {fault}", token) from None


def command(words: Words) -> "dict[str, Any]":
    """What comes after `command`."""
    do = words.one_of(sorted(order.KEYS), "a command")
    said: dict[str, Any] = {"do": do}
    if "words" in order.KEYS[do]:
        said["words"] = text(words)
    elif order.KEYS[do]:
        said[order.KEYS[do][0]] = words.number("a number")
    return said


def text(words: Words) -> dict[str, str]:
    """One text for every language, if one stands here."""
    if not words.more() or ("=" in words.peek() and not words.tokens[words.at].quoted):
        return {}
    found = words.take("a text").text
    return {"en" if found.isascii() else "zh": found}


def seconds(words: Words, told: str) -> int:
    """Of a TIME; 0 where none is told."""
    return Words(words.file, words.line, told).time_ms() // 1000 if told else 0
