"""What is being typed: digits that enter from the right, and the one point that a quantity may have."""

from firmware.sale import money, quantity
from hal.ports.keys import DIGITS as DIGIT_KEYS


class Entry:
    """text: the keys so far ("850", "0.25"). limit: digits at most; `point` says whether "." may be typed."""

    def __init__(self, limit: int = money.DIGITS, point: bool = False):
        self.text = ""
        self._limit = limit
        self._point = point

    def __bool__(self) -> bool:
        return bool(self.text)

    def takes(self, name: str) -> bool:
        """Whether this key is one of those that an entry is made of."""
        return name in DIGIT_KEYS or (self._point and name == ".")

    def key(self, name: str) -> bool:
        """Type it. False when there is no room, or it cannot stand here: the entry stays as it was."""
        typed = self.text + name
        if name == "." and (not self._point or "." in self.text):
            return False
        if len(typed.replace(".", "")) > self._limit:
            return False
        if "." in typed and len(typed.partition(".")[2]) > 3:
            return False
        self.text = typed
        return True

    def back(self) -> None:
        """The last key goes."""
        self.text = self.text[:-1]

    def clear(self) -> None:
        """Nothing is typed."""
        self.text = ""

    def whole(self) -> bool:
        """No point in it: an amount or a code."""
        return "." not in self.text

    def amount(self) -> int:
        """As money, minor units; 0 while it is a quantity."""
        return money.typed(self.text) if self.whole() else 0

    def quantity(self) -> int | None:
        """As a quantity, thousandths; None when it is none."""
        return quantity.read(self.text)
