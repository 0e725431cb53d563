"""Random frames of every shape, in both languages: what the panels are fuzzed with."""

import random

from hal.ports.frame import ELIDE, ICONS, NO_SOFT, Frame, Row, Status, Text

WORDS = {
    "en": (
        "Coffee",
        "Pork bun",
        "Oolong L",
        "Price",
        "TOTAL",
        "Due",
        "OK adds it",
        "Ceremonial matcha set with bamboo whisk",
        "12",
    ),
    "zh": ("咖啡", "鲜肉包", "乌龙茶 大杯", "单价", "合计", "应收", "按 OK 加入", "特级抹茶套装含竹茶筅与茶碗", "12"),
}
CODE = "HTTPS://BRW.IO/P/"


def random_frame(dice: random.Random, before: "Frame | None") -> Frame:
    """A wholly new one, or the one before with its amount or its clock changed, as most keys do."""
    if before is not None and before.big is not None and dice.random() < 0.5:
        before.big = Text(amount(dice))
        return before
    lang = dice.choice(("en", "zh"))
    soft = (word(dice, lang), word(dice, lang), word(dice, lang)) if dice.random() < 0.5 else NO_SOFT
    frame = Frame(dice.choice("abcd"), {}, lang, status=status(dice), title=word(dice, lang), soft=soft, lit=dice.random() < 0.1)
    shape = dice.randrange(5)
    if shape == 0:
        count = dice.randrange(14)
        frame.rows = [Row(word(dice, lang), Text(amount(dice)) if dice.random() < 0.8 else None) for _ in range(count)]
        frame.selected = dice.randrange(-1, count) if count else -1
        frame.foot = Row(word(dice, lang), Text(amount(dice))) if dice.random() < 0.5 else None
        return frame
    frame.label = word(dice, lang)
    frame.notes = [word(dice, lang) for _ in range(dice.randrange(4))]
    frame.big = Text(amount(dice)) if dice.random() < 0.8 else None
    if shape == 1:
        frame.icon, frame.heading = dice.choice(ICONS), word(dice, lang)
    elif shape == 2:
        frame.qr, frame.soft = CODE + str(dice.randrange(10**9)), NO_SOFT
    return frame


def word(dice: random.Random, lang: str) -> Text:
    return Text(dice.choice(WORDS[lang]), ELIDE)


def amount(dice: random.Random) -> str:
    minor = dice.randrange(10 ** dice.randrange(1, 9))
    return f"{minor // 100}.{minor % 100:02d}"


def status(dice: random.Random) -> Status:
    clock = f"{dice.randrange(24):02d}:{dice.randrange(60):02d}"
    link = dice.choice(("wifi", "4g", "off"))
    return Status(
        clock,
        dice.randrange(40),
        link,
        dice.randrange(5),
        dice.randrange(101),
        dice.random() < 0.2,
        dice.random() < 0.1,
        dice.random() < 0.2,
    )
