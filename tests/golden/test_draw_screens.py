"""Every screen of the firmware, in every language, at its fullest: nothing is cut, nothing touches, no glyph is missing."""

import asyncio

import pytest

from firmware import config
from firmware.sale.catalogue import Item
from firmware.screens import (
    amount,
    backup,
    boot,
    cart,
    cash,
    claim,
    clock_check,
    confirm,
    fault,
    held,
    idle,
    item,
    locked,
    menu,
    message,
    not_found,
    notice,
    paid,
    paper_out,
    receipt,
    receipts,
    recovered,
    refused,
    switch_off,
    tender,
)
from firmware.ui.entry import Entry
from firmware.ui.look import Look
from firmware.ui.parts import parts
from hal.draw.canvas import NARROW, WIDE
from hal.draw.pack.load import panel_glyphs
from hal.draw.render import render
from hal.ports.frame import ELIDE, MUST, Frame, Status, Text
from tests.core.shop import PROFILES, Folder, Log

GLYPHS = panel_glyphs()
MOST = 99_999_999  # eight digits, the most that can be typed
NO = 123_456  # sales: ten years of a busy stall
SOLD = {"no": NO, "total": MOST, "at": 1795271526, "off": 0}
LONG = {
    "en": "Ceremonial matcha set with bamboo whisk, bowl and a very long name",
    "zh": "特级抹茶套装含竹茶筅与茶碗及一个很长的名字一直写到头",
}
BARS = (
    Status("14:32", 0, "wifi", 4, 78, False),
    Status("--:--", 9999, "4g", 1, 4, True, training=True, near_end=True),
    Status("00:00", 12, "off", 0, 100, True),
)


def typed(text: str) -> Entry:
    entry = Entry()
    entry.text = text
    return entry


class FullCart:
    """As many lines as anybody has, with the longest names and the largest amounts."""

    def __init__(self, names: dict[str, str], legs: int = 0) -> None:
        self.lines = [Line(names, i) for i in range(40)]
        self.legs = [None] * legs

    def totals(self):
        return Totals

    def paid(self):
        return MOST - 1


class Line:
    def __init__(self, names: dict[str, str], i: int) -> None:
        self.names, self.code, self.qty, self.total = names, "", 999_999 if i % 2 else 1000, MOST if i % 3 else 1


class Totals:
    total = MOST


def keys_under(words: dict[str, str], prefix: str) -> list[str]:
    return [key for key in words if key.startswith(prefix) and key.count(".") == prefix.count(".")]


def frames(look: Look) -> list[Frame]:
    """One or more a screen."""
    name, table = LONG[look.lang], look.words.table
    soft = (Text(name, ELIDE), Text(name, ELIDE), Text("20"))
    record = {"no": NO, "total": MOST, "legs": [{"change": MOST, "given": MOST}]}
    plain = {"no": 1, "total": 350, "legs": [{"change": 0, "given": 350}]}
    found = [
        boot.frame("0.1.0-a-very-long-version-of-somebody"),
        fault.config("profile/merchant.json", "taxes.standard.rate_bp", "is not a whole number of basis points below 10000"),
        fault.journal(look.words, "main-00000001.seg: offset 512: seq 1: not sound"),
        fault.died(look.words, "downlink", "ZeroDivisionError('integer division or modulo by zero')"),
        switch_off.frame(look, "key", True),
        switch_off.frame(look, "empty", False),
        switch_off.frame(look, "weak", True),
        idle.frame(look, name, soft),
        amount.frame(look, typed("99999999"), 1000, soft),
        amount.frame(look, typed("999999"), 12_000, soft),
        amount.frame(look, typed("0.125"), 1000, soft),
        cart.frame(look, FullCart({look.lang: name}), -1, soft),  # type: ignore[arg-type]
        cart.frame(look, FullCart({look.lang: name}), 20, soft),  # type: ignore[arg-type]
        cart.frame(look, FullCart({look.lang: name}, 2), -1, soft),  # type: ignore[arg-type]
        receipts.listed(look, [SOLD] * 8, True, 0, "2026-11-21"),
        receipts.one(look, SOLD),
        item.question(look, typed("")),
        item.question(look, typed("5012345678900")),
        item.frame(look, Item("1", {look.lang: name, "en": name}, MOST, None)),  # type: ignore[arg-type]
        not_found.frame(look, "9" * 48, typed("99999999")),
        tender.frame(look, MOST, 0, ["cash", "card", "qr"], typed("")),
        tender.frame(look, MOST, MOST, ["cash", "card", "qr"], typed("")),
        tender.frame(look, MOST, MOST, ["cash"], typed("99999999")),
        cash.frame(look, MOST, typed(""), [5000, 10_000, 100_000]),
        cash.frame(look, 1580, typed("2000"), [5000]),
        cash.frame(look, MOST, typed("1"), [5000]),
        paid.frame(look, record),
        paid.frame(look, plain),
        receipt.frame(look, NO, 0),
        held.frame(look, [], -1),
        held.frame(look, [(slot, name, MOST) for slot in range(1, 10)], 4),
        clock_check.frame(look, "2026-11-21 14:32", ""),
        clock_check.frame(look, "2026-11-21 14:32", "2026-13-45 14:32", wrong=True),
        recovered.frame(look, record),
        recovered.frame(look, plain),
        menu.frame(look, look.say("menu.title"), [look.name(f"{i} {name}") for i in range(1, 10)], 0),
    ]
    found += [
        backup.none(look),
        backup.ready(look, 5, 999_999),
        backup.work(look, "writing", 100),
        backup.work(look, "checking", 0),
        backup.done(look, NO, "0123456789abcdef"),
        claim.waiting(look, ["WWWW", "WWWW", "WWWW", "W"], "BARROW-0001-XXXX/7K3M9QWX2ABCH", True),
        claim.waiting(look, ["WWWW", "WWWW", "WWWW", "W"], "BARROW-0001-XXXX/7K3M9QWX2ABCH", False),
        claim.enrolled(look, "BARROW-0001-XXXX"),
        claim.refused(look, "refused"),
        claim.refused(look, "strange"),
    ]
    found += [paper_out.frame(look, NO, why) for why in ("out", "cover", "error")]
    found += [
        refused.frame(look, key.rpartition(".")[2], MOST)
        for key in keys_under(table, "screen.refused.")
        if key + ".then" in table
    ]
    found += [notice.frame(look, key, "warn") for key in keys_under(table, "screen.notice.")]
    found += told(look, LONG[look.lang])
    found += told(look, "WWWWWW MMMMMM @@@@@@ WWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWW MMMM.")
    found += told(
        look,
        "请到市场北门的办公室来，领取新的价签、收据纸卷和明天的摊位号；下午五点以前，请把今天的现金交到总部，谢谢大家的配合！",
    )
    found += [
        confirm.frame(look, key.rpartition(".")[2], MOST)
        for key in keys_under(table, "screen.confirm.")
        if key + ".what" in table
    ]
    return found


def told(look: Look, text: str) -> list[Frame]:
    """Every part of what the fleet says, of which no word may be cut."""
    said = parts(text[:60], look.lang)
    assert "".join(said).replace(" ", "").replace("\n", "") == text[:60].replace(" ", "")
    found = [message.frame(look, said, at) for at in range(len(said))]
    found += [locked.frame(look, text[:60], turned) for turned in range(len(said))]
    for frame in found:
        for words in [frame.heading] + frame.notes:
            words.fit = MUST
    return found


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("width", [NARROW, WIDE])
def test_every_screen_fits(profile, lang, width):
    settings = asyncio.run(config.load(Folder(profile), Log()))
    wrong = []
    for bar in BARS:
        for frame in frames(Look(settings.words[lang], settings.currency, bar)):
            report: list[str] = []
            render(frame, GLYPHS, report=report, width=width)
            wrong += [f"{frame.id} ({bar.clock}): {line}" for line in report]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("profile", PROFILES)
def test_every_name_and_word_has_its_glyphs(profile):
    settings = asyncio.run(config.load(Folder(profile), Log()))
    texts = [text for words in settings.words.values() for text in words.table.values()]
    texts += [name for each in settings.catalogue.items.values() for name in each.names.values()]
    texts += [line for lines in settings.shop.values() for line in lines]
    small = GLYPHS.face("mh")
    for text in texts:
        small.width(text)
    assert small.lacks == []
