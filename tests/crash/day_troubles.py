"""What goes wrong at a stall, as lines of the .sale language: a spell begins and ends, a blow falls and is over.

What each does to a day is in day_marks.py: a trouble that does nothing there fails the campaign."""

from collections.abc import Callable
from random import Random

LOUD = 8  # one seed of so many has a till that prints a slip for each sale

SALES = (
    "keys F1 CASH OK OK",
    "keys F1 CASH OK OK",
    "keys F2 F3 CASH OK OK",
    "keys 1 2 PLU CASH 1 0 00 OK OK",
    "keys 8 5 0 CASH OK OK",
    "keys 3 TIMES F1 CASH CASH OK",
    "keys 5 0 0 CASH 2 00 OK 5 00 CASH OK",
    "keys F1 CANCEL OK F2 CASH OK OK",
    "keys F1 hold:OK F2 CASH OK OK MENU 5 1 CASH OK OK",
)
SCANS = ("5012345678900", "0", "5012345678901", "x" * 60, "乌龙茶")
NAMES = (
    *("F1", "F2", "F3", "CASH", "QR", "CARD", "OK", "hold:OK", "CANCEL", "BACK", "hold:BACK", "TIMES", "PLU"),
    *("MENU", "hold:MENU", "UP", "DOWN", "PRINT", "1", "5", "00"),
)
# from any screen to an empty counter, and to wherever it leads
HOME = "keys OK F2 CANCEL OK CANCEL CANCEL OK"
ASTRAY = "keys OK F2 OK CANCEL OK CANCEL OK"

# what begins, and what ends it some customers later
SPELLS: "dict[str, tuple[tuple[str, ...], str]]" = {
    "paper": (("paper out",), "paper in"),
    "paper low": (("paper near-end",), "paper in"),
    "cover": (("cover open",), "cover closed"),
    "printer": (("printer silent",), "printer answering"),
    "printer cable": (("cable printer out",), "cable printer in"),
    "panel cable": (("cable panel out",), "cable panel in"),
    "worn keys": (("bounce 15ms",), "bounce 0ms"),
    "link": (("net off",), "net wifi"),
    "hole": (("net hole",), "net wifi"),
    "broker": (("broker down",), "broker up"),
    "fleet": (("fleet down",), "fleet up"),
    "slow disk": (("disk slow write=2ms sync=10ms",), "disk ok"),
    "full disk": (("disk full", "wait 1h"), "disk ok"),  # the keeper looks once an hour
    "battery": (("battery 4%",), "battery 80%"),
}


def back(chance: Random) -> "list[str]":
    """The power comes back, and a hand finds its way."""
    return ["wait 2s", "power on", chance.choice((HOME, ASTRAY))]


def part(chance: Random) -> str:
    """The first keys of a sale, and a moment after them."""
    keys = chance.choice(SALES).split()
    return " ".join(keys[: chance.randrange(1, len(keys)) + 1])


def moment(chance: Random) -> str:
    return f"wait {chance.randrange(60)}ms"


def cut_at_a_frame(chance: Random) -> "list[str]":
    when, kind = chance.choice(("before", "after")), chance.choice(("sale", "sale", "print"))
    return [f"power cut {when} {kind}", chance.choice(SALES), *back(chance)]


def wild_keys(chance: Random) -> "list[str]":
    return ["keys " + " ".join(chance.choice(NAMES) for _ in range(chance.randrange(1, 9))), HOME]


def scanner_cable(chance: Random) -> "list[str]":
    return ["cable scanner out", f"scan {chance.choice(SCANS)}", "cable scanner in", "wait 2s", f"scan {SCANS[0]}", HOME]


def hold(chance: Random) -> "list[str]":
    return ["keys F3 hold:OK", "keys F1 CASH OK OK", chance.choice(("keys MENU 5 1", "keys hold:OK 1"))]


def bad_sync(chance: Random) -> "list[str]":
    return [f"disk eio at sync {chance.randrange(1, 7)}", chance.choice(SALES), HOME]


BLOWS: "dict[str, Callable[[Random], list[str]]]" = {
    "cut": lambda chance: ["power cut", *back(chance)],
    "cut in a sale": lambda chance: [part(chance), moment(chance), "power cut", *back(chance)],
    "cut at a frame": cut_at_a_frame,
    "power key": lambda chance: [part(chance), moment(chance), "power key", "wait 15s", *back(chance)],
    "battery empty": lambda chance: [part(chance), moment(chance), "battery 2%", "wait 5s", "battery 80%", *back(chance)],
    "keypad cable": lambda chance: [part(chance), "cable keypad out", part(chance), "cable keypad in", "wait 2s", HOME],
    "scanner cable": scanner_cable,
    "clock": lambda chance: [chance.choice(("clock +2h", "clock -2h", "clock +400s"))],
    "clock lost": lambda chance: ["clock lost", "power cut", *back(chance)],
    "wild keys": wild_keys,
    "scan": lambda chance: [f"scan {chance.choice(SCANS)}"],
    "hold": hold,
    "reprint": lambda chance: ["keys PRINT"],
    "no sale": lambda chance: ["keys CANCEL OK MENU 8 5"],
    "bad sync": bad_sync,
    "rot": lambda chance: ["disk damage", *(["power cut", *back(chance)] if chance.random() < 0.7 else [])],
}
