"""The counter: what lies between the stallholder and the customer just now, and the three screens that show it."""

from firmware.sale import quantity
from firmware.sale.catalogue import in_language
from firmware.screens import amount, cart, idle
from firmware.ui.entry import Entry
from hal.ports.frame import Text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.sale.cart import Cart
    from firmware.till import Till
    from firmware.ui.look import Look
    from hal.ports.frame import Frame


class Counter:
    """cart: the goods. entry: what is typed. times: a quantity that waits for its item, thousandths, 0 for none.
    selected: the line that UP and DOWN chose, -1 for none. left: (no, copy) of a slip that may wait without a word.
    back: the cart lay here as the power went, and no key was pressed since."""

    def __init__(self, cart: "Cart"):
        self.cart = cart
        self.entry = Entry(point=True)
        self.times = 0
        self.selected = -1
        self.left: tuple[int, int] | None = None
        self.back = not cart.empty()

    def typing(self) -> bool:
        """Something is typed: the screen is amount."""
        return bool(self.entry) or self.times > 0

    def qty(self) -> int:
        """Of the next line, thousandths."""
        return self.times or quantity.ONE

    def clear(self) -> None:
        """Nothing is typed."""
        self.entry.clear()
        self.times = 0

    def idle(self) -> bool:
        """Nothing at all lies here."""
        return self.cart.empty() and not self.typing()

    def news(self, till: "Till") -> bool:
        """A slip waits for paper, and the operator has not left it to."""
        waiting = till.paper.waiting
        return waiting is not None and waiting.slip != self.left

    def holds(self) -> "tuple[str, ...]":
        """The keys that mean something when held."""
        return ("BACK", "MENU") if self.typing() else ("OK", "MENU")

    def frame(self, till: "Till", look: "Look") -> "Frame":
        """amount, cart or idle."""
        favourites = self._favourites(till, look)
        if self.typing():
            soft = favourites if not self.entry else look.soft()
            return amount.frame(look, self.entry, self.qty(), soft)
        if not self.cart.empty():
            return cart.frame(look, self.cart, self.selected, favourites, self.back)
        return idle.frame(look, till.settings.shop[look.lang][-1], favourites)

    def _favourites(self, till: "Till", look: "Look") -> "tuple[Text, Text, Text]":
        names = [in_language(item.names, look.lang) if item else "" for item in till.settings.favourites]
        soft = [look.name(name) for name in names]
        return soft[0], soft[1], soft[2]
