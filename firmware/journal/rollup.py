"""What the main journal adds up to: all that the till must know of its past at boot, folded frame by frame.

A segment's checkpoint carries snapshot(); restore() and the frames after it give the same rollup again."""

from firmware.journal.totals import Totals

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Record = dict[str, Any]


class Rollup:
    """Counters and the last sale. first_no: the receipt number of a new till's first sale.

    sales: how many there are. last_sale: its record, None before the first. copies: slips of the last sale that came out,
    so also the number of the next copy. slip_due: the last sale's record while its own first slip is owed, else None.
    totals: of days, months and years."""

    history = True  # every frame is for ever: segments before the checkpoint stay

    def __init__(self, first_no: int = 1):
        self._first_no = first_no
        self.totals = Totals()
        self.restore({})

    def restore(self, snapshot: "Record") -> None:
        """Be what snapshot() said, whatever was folded before."""
        self.sales: int = snapshot.get("sales", 0)
        self.last_sale: Record | None = snapshot.get("last_sale")
        self.copies: int = snapshot.get("copies", 0)
        self._last_no: int = snapshot.get("last_no", 0)
        self._owed: bool = snapshot.get("owed", False)
        # a snapshot of an older Barrow has no totals: its sales are said to be in none
        self.totals.restore(snapshot.get("totals", {"uncounted": self.sales}))

    @property
    def next_no(self) -> int:
        """The receipt number of the next sale."""
        return self._last_no + 1 if self._last_no else self._first_no

    @property
    def slip_due(self) -> "Record | None":
        """A last sale with receipt=auto of which no first copy was printed or skipped yet."""
        return self.last_sale if self._owed else None

    def fold(self, record: "Record") -> None:
        """One frame's record, as the journal stores it. Kinds that say nothing here pass by."""
        if record["kind"] == "sale":
            self._last_no = record["no"]
            self.sales += 1
            self.last_sale = record
            self.copies = 0
            self._owed = record["receipt"] == "auto"
            self.totals.sold(record)
        elif record["kind"] == "print" and self._last_no and record["no"] == self._last_no:
            if record["done"]:
                self.copies = max(self.copies, record["copy"] + 1)
            if record["copy"] == 0:
                self._owed = False

    def snapshot(self) -> "Record":
        """Fit for canonical JSON; {} is a till that never sold."""
        if self.last_sale is None:
            return {}
        return {
            "copies": self.copies,
            "last_no": self._last_no,
            "last_sale": self.last_sale,
            "owed": self._owed,
            "sales": self.sales,
            "totals": self.totals.snapshot(),
        }
