"""Names of the baked pictures and the code points that stand for them in the pack (private use area).

Their dots are in hal/draw/pack/signs.txt: edit there, then `make fonts`."""

from hal.ports.frame import ICONS

SIGNS = ("wifi", "4g", "off", "bars0", "bars1", "bars2", "bars3", "bars4", "battery", "queued", "training", "near_end")
NAMES = ICONS + SIGNS
FIRST = 0xE000


def code_of(name: str) -> int:
    """The code point of a picture; a name that nobody drew is a KeyError."""
    for i, known in enumerate(NAMES):
        if known == name:
            return FIRST + i
    raise KeyError(name)
