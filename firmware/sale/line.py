"""A line of a cart: so much of one thing, at one price."""

from firmware.sale import quantity

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.sale.catalogue import Item


class Line:
    """code: "" for an open price. names: language -> name. price: minor units each. qty: thousandths. rate: a tax rate's name."""

    def __init__(self, code: str, names: "dict[str, str]", price: int, qty: int, rate: str):
        self.code = code
        self.names = names
        self.price = price
        self.qty = qty
        self.rate = rate

    @property
    def total(self) -> int:
        """Price times quantity, minor units."""
        return quantity.extend(self.price, self.qty)

    def is_item(self, item: "Item") -> bool:
        """Whether one more of this item only raises the quantity."""
        same = self.code == item.code and self.price == item.price and self.rate == item.rate
        return same and self.names == item.names and bool(self.names)
