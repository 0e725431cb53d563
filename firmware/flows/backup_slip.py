"""The proof slip of a backup: what was backed up, when, and where the chain stood. Kept apart from the stick, it says later
whether a backup that somebody brings is this one, and whole."""

from firmware import wall
from hal.ports.slip import CENTRE, Cut, Feed, Line, Rule, Slip

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.config import Settings
    from firmware.journal.backup import Stand
    from firmware.ui.words import Words
    from hal.ports.board import Element

HEX_LINE = 32  # digits of the head on a line


def slip(stand: "Stand", name: str, terminal: str, off_s: int, settings: "Settings", words: "Words") -> Slip:
    """name: of the file on the stick. off_s: of the place's clock from UTC."""
    shop = settings.shop[words.lang]
    block: list[Element] = [
        Line(shop[0], bold=True, align=CENTRE),
        Feed(1),
        Line(words.t("slip.backup"), bold=True, big=True, align=CENTRE),
        Feed(1),
        Line(wall.text(stand.at + off_s), terminal),
        Rule(),
        Line(words.t("slip.backup.sales"), str(stand.sales), bold=True),
        Line(words.t("slip.backup.records"), str(stand.seq)),
        Line(words.t("slip.backup.file"), name),
        Line(words.t("slip.backup.head")),
    ]
    for at in range(0, len(stand.head), HEX_LINE):
        block.append(Line(stand.head[at : at + HEX_LINE], align=CENTRE))
    block += [Rule(), Line(words.t("slip.backup.checked")), Line(words.t("slip.backup.keep")), Feed(1), Cut()]
    return Slip(0, 0, [block])
