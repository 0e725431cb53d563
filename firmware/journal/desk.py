"""What lies on the desk: the open cart, the held ones, what the fleet has acknowledged, the language in use,
how far the last good backup reached, what the fleet has vouched for, and what it was asked.

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
    lang: "" is the profile's. backup: the last good one's seq, hash in hex, and when, UTC seconds, 0 for never.
    anchor: the last place that the fleet has signed for: seq, hash in hex, and the welcome as it came. asked: id -> op and
    body of each question to the fleet that is not settled, with answer and err where one came late."""

    history = False  # the snapshot says all: segments before it can go

    def __init__(self) -> None:
        self.restore({})

    def blank(self) -> "Desk":
        """An empty one."""
        return Desk()

    def restore(self, snapshot: "Record") -> None:
        """Be what snapshot() said; {} is an empty desk."""
        self.cart: Record | None = snapshot.get("cart") or None
        self.cart_no: int = snapshot.get("cart_no", 0)
        self.held: dict[int, Record] = {int(slot): cart for slot, cart in snapshot.get("held", {}).items()}
        self.acked: Record = snapshot.get("acked") or {"to": 0, "h": "0" * 64, "sales": 0}
        self.lang: str = snapshot.get("lang", "")
        self.backup: Record = snapshot.get("backup") or {"to": 0, "h": "0" * 64, "at": 0}
        self.anchor: Record = snapshot.get("anchor") or {"to": 0, "h": "0" * 64, "said": ""}
        self.asked: dict[str, Record] = {id: dict(asked) for id, asked in snapshot.get("asked", {}).items()}

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
        elif record["kind"] == "anchor":
            self.anchor = {"to": record["to"], "h": record["h"], "said": record["said"]}
        elif record["kind"] == "ask":
            self.asked[record["id"]] = {"op": record["op"], "body": record["body"]}
        elif record["kind"] == "answer" and record["id"] in self.asked:
            self.asked[record["id"]] |= {"answer": record["answer"], "err": record["err"]}
        elif record["kind"] == "settled":
            self.asked.pop(record["id"], None)  # one that was in doubt may be there already

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
        fleet = {"acked": self.acked, "anchor": self.anchor, "asked": self.asked}
        return cart | fleet | {"backup": self.backup, "lang": self.lang}
