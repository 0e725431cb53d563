"""What lies on the desk: the open cart, the held ones, what the fleet has acknowledged, the language in use,
how far the last good backup reached.

The rollup of the local journal, which is never uploaded and forgets all that its last snapshot says."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Record = dict[str, Any]

OPEN = 0  # the slot of the cart on the screen; 1..9 are the held ones


class Desk:
    """The counters of the moment.

    cart: the open cart's record, None when there is none. cart_no: `no` of the frame that saved it, which its writer sets
    to the number that the sale will get: a cart whose number has been sold since was paid, and the cut came before it was
    cleared. held: slot -> cart record. acked: what the fleet's last word covers, as seq, hash in hex, and count of sales.
    lang: "" is the profile's. backup: the last good one's seq, hash in hex, and when, UTC seconds, 0 for never."""

    history = False  # the snapshot says all: segments before it can go

    def __init__(self) -> None:
        self.restore({})

    def restore(self, snapshot: "Record") -> None:
        """Be what snapshot() said; {} is an empty desk."""
        self.cart: Record | None = snapshot.get("cart") or None
        self.cart_no: int = snapshot.get("cart_no", 0)
        self.held: dict[int, Record] = {int(slot): cart for slot, cart in snapshot.get("held", {}).items()}
        self.acked: Record = snapshot.get("acked") or {"to": 0, "h": "0" * 64, "sales": 0}
        self.lang: str = snapshot.get("lang", "")
        self.backup: Record = snapshot.get("backup") or {"to": 0, "h": "0" * 64, "at": 0}

    def fold(self, record: "Record") -> None:
        """One frame's record. kind cart: {slot, cart, at} and, where the cart left another slot in the same act, {from}."""
        if record["kind"] == "cart":
            if "from" in record:
                self._put(record["from"], {}, 0)
            self._put(record["slot"], record["cart"], record["no"])
        elif record["kind"] == "acked":
            self.acked = {"to": record["to"], "h": record["h"], "sales": record["sales"]}
        elif record["kind"] == "lang":
            self.lang = record["lang"]
        elif record["kind"] == "backup":
            self.backup = {"to": record["to"], "h": record["h"], "at": record["at"]}

    def _put(self, slot: int, cart: "Record", no: int) -> None:
        if slot == OPEN:
            self.cart = cart or None
            self.cart_no = no if cart else 0
        elif cart:
            self.held[slot] = cart
        elif slot in self.held:
            del self.held[slot]

    def snapshot(self) -> "Record":
        """Fit for canonical JSON: slots are texts there."""
        held = {str(slot): cart for slot, cart in self.held.items()}
        cart = {"cart": self.cart or {}, "cart_no": self.cart_no, "held": held}
        return cart | {"acked": self.acked, "backup": self.backup, "lang": self.lang}
