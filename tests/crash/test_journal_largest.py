"""The largest desk that the till allows fits its own checkpoint, or no cart could be saved any more."""

from firmware.journal.desk import Desk
from firmware.sale.cart import LINES, Cart
from firmware.sale.catalogue import NAME, Item
from firmware.sale.tax import Rate
from sim.chips.disk import Disk
from tests.crash.harness import Till, drive


def full_cart() -> Cart:
    cart = Cart({"standard": Rate("standard", 2000, "included", {"en": "VAT"})}, "standard")
    for n in range(LINES):
        names = {"en": "W" * NAME, "zh": "龍" * NAME}
        cart.add_item(Item(str(10**12 + n), names, 400 + n, "standard"), 1000)
    return cart


def test_ten_full_carts_survive_every_roll():
    disk = Disk()
    till = Till(disk, [], "desk", 4 << 20)
    till.boot()
    record = full_cart().to_record()
    assert len(record["lines"]) == LINES
    for n in range(100):
        drive(till.journal.append("cart", n, {"slot": n % 10, "cart": record, "at": n}))
    again = Till(disk, [], "desk", 4 << 20)
    again.boot()
    assert isinstance(again.rollup, Desk)
    assert again.rollup.cart == record and again.rollup.held == dict.fromkeys(range(1, 10), record)
    assert min(disk.names()) > "desk-00000001.seg", "it rolled"
