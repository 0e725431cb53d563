"""What a screen needs to draw itself: words, money as people read it, and the status bar."""

from hal.ports.frame import ELIDE, MUST, Status, Text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.sale.money import Currency
    from firmware.ui.words import Words


def yes(truth: bool) -> str:
    """Truth as a field says it."""
    return "yes" if truth else "no"


def number(no: int) -> str:
    """A sale's number as people read it: at least four digits."""
    return f"{no:04d}"


class Look:
    """Made afresh for each drawing, so a language or a link that changed shows at once."""

    def __init__(self, words: "Words", currency: "Currency", status: Status):
        self.words = words
        self.lang = words.lang
        self.currency = currency
        self.status = status

    def t(self, key: str) -> str:
        """The words of a key."""
        return self.words.t(key)

    def say(self, key: str, **values: object) -> Text:
        """Our own words, which must fit."""
        return Text(self.words.t(key, **values), MUST)

    def caption(self, key: str, **values: object) -> Text:
        """Our own words in the bar, which yield to the clock, the queue and the signals."""
        return Text(self.words.t(key, **values), ELIDE)

    def name(self, text: str) -> Text:
        """Somebody else's words, which may be cut short."""
        return Text(text, ELIDE)

    def money(self, minor: int) -> str:
        """As read: "15.80"."""
        return self.currency.text(minor)

    def amount(self, minor: int) -> Text:
        """An amount, which must fit."""
        return Text(self.money(minor), MUST)

    def soft(self, first: str = "", second: str = "", third: str = "") -> "tuple[Text, Text, Text]":
        """Three soft keys by their words' keys; "" is blank."""
        made = [self.say(key) if key else Text("") for key in (first, second, third)]
        return made[0], made[1], made[2]

    def fields(self, own: "dict[str, str]") -> "dict[str, str]":
        """A screen's own fields, and those that every screen has."""
        bar = self.status
        return own | {
            "offline": yes(bar.offline),
            "queued": str(bar.queued),
            "link": bar.link,
            "battery": str(bar.battery),
            "training": yes(bar.training),
            "near_end": yes(bar.near_end),
        }
