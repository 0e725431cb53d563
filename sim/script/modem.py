"""What a script does to the modem, its SIM, its cell and its contract."""

import re

from sim.chips.modem_hardware import STATS
from sim.script.pace import Pace
from sim.script.tokens import Words
from sim.world import World

PLAIN = ("drop", "silent", "restore", "hang", "reboot")
SIZES = {"B": 1, "kB": 1000, "MB": 1_000_000}


class Modem:
    """modem drop · silent · restore · hang · reboot · csq 12 · pin 1234 · pin none · registration searching ·
    data day=20kB month=1MB"""

    def __init__(self, words: Words) -> None:
        self.word = words.one_of((*PLAIN, "csq", "pin", "registration", "data"), "what the modem does")
        self.value = ""
        if self.word == "registration":
            self.value = words.one_of(tuple(STATS), "the registration")
        elif self.word in ("csq", "pin"):
            self.value = taken(
                words, *{"csq": ("0 to 31, or 99", r"[0-2]?\d|3[01]|99"), "pin": ("1234 or none", r"\d{4,8}|none")}[self.word]
            )
        elif self.word == "data":
            told = words.pairs(("day", "month"), "modem data")
            self.limits = size(words, told.get("day", "0B")), size(words, told.get("month", "0B"))

    async def run(self, world: World, pace: Pace) -> None:
        if self.word == "data":
            world.set_plan(*self.limits)
        else:
            world.set_modem(self.word, self.value)


def taken(words: Words, like: str, pattern: str) -> str:
    """The next word, which must be like this."""
    token = words.take(like)
    if not re.fullmatch(pattern, token.text):
        raise words.wrong(f"it is {like}, not {token.text!r}", token)
    return token.text


def size(words: Words, text: str) -> int:
    """20kB"""
    found = re.fullmatch(r"(\d{1,9})(B|kB|MB)", text)
    if not found:
        raise words.wrong(f"so much data is like 20kB, not {text!r}", words.tokens[1])
    return int(found[1]) * SIZES[found[2]]
