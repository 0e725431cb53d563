"""What the main journal adds up to: all that the till must know of its past at boot, folded frame by frame.

A segment's checkpoint carries snapshot(); restore() and the frames after it give the same rollup again."""

from firmware.journal.totals import Totals

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Record = dict[str, Any]

REPRINTS = 100
UNREAD = 8  # messages; before a ninth the oldest is forgotten


class Rollup:
    """Counters and the last sale. first_no: the receipt number of a new till's first sale.

    sales: how many there are. last_sale: its record, None before the first. copies: slips of the last sale that came out,
    so also the number of the next copy. slip_due: the last sale's record while its own first slip is owed, else None.
    reprints of older sales are counted by next_copy, of the last REPRINTS of them.
    totals: of days, months and years. documents: kind -> {"version", "sha256", "before"} of the fleet's document in use,
    and the version before it. lock: what the fleet says on the lock screen, language -> text, None while the till is not
    locked. unread: messages of the fleet that nobody has answered yet, {"version", "words"}, the oldest first, UNREAD at most."""

    history = True  # every frame is for ever: segments before the checkpoint stay

    def __init__(self, first_no: int = 1):
        self._first_no = first_no
        self.totals = Totals()
        self.restore({})

    def blank(self) -> "Rollup":
        """One of a new till of this shop."""
        return self.__class__(self._first_no)

    def restore(self, snapshot: "Record") -> None:
        """Be what snapshot() said, whatever was folded before."""
        self.sales: int = snapshot.get("sales", 0)
        self.last_sale: Record | None = snapshot.get("last_sale")
        self.copies: int = snapshot.get("copies", 0)
        self._reprints: dict[str, int] = dict(snapshot.get("reprints", {}))  # number -> highest copy
        self._last_no: int = snapshot.get("last_no", 0)
        self._floor: int = snapshot.get("floor", 0)  # new hardware in an old name numbers on from beyond the old one's
        self._owed: bool = snapshot.get("owed", False)
        self.documents: dict[str, Record] = dict(snapshot.get("documents", {}))
        self.lock: Record | None = snapshot.get("lock")
        self.unread: list[Record] = list(snapshot.get("unread", []))
        # a snapshot of an older Barrow has no totals: its sales are said to be in none
        self.totals.restore(snapshot.get("totals", {"uncounted": self.sales}))

    @property
    def next_no(self) -> int:
        """The receipt number of the next sale."""
        return max(self._last_no + 1 if self._last_no else self._first_no, self._floor)

    @property
    def slip_due(self) -> "Record | None":
        """A last sale with receipt=auto of which no first copy was printed or skipped yet."""
        return self.last_sale if self._owed else None

    def next_copy(self, no: int) -> int:
        """Which copy of a sale's slip comes out next: 0 is the first. Of an older sale it is always a duplicate."""
        if no == self._last_no:
            return self.copies
        return self._reprints.get(str(no), 0) + 1

    def _reprinted(self, no: int, copy: int) -> None:
        self._reprints[str(no)] = max(copy, self._reprints.get(str(no), 0))
        if len(self._reprints) > REPRINTS:
            del self._reprints[str(min([int(each) for each in self._reprints]))]

    def fold(self, record: "Record") -> None:
        """One frame's record, as the journal stores it. Kinds that say nothing here pass by."""
        if record["kind"] == "sale":
            if self.copies > 1:
                self._reprinted(self._last_no, self.copies - 1)
            self._last_no = record["no"]
            self.sales += 1
            self.last_sale = record
            self.copies = 0
            self._owed = record["receipt"] == "auto"
            self.totals.sold(record)
        elif record["kind"] == "enrolled":
            self._floor = max(self._floor, record["first"])
        elif record["kind"] == "print" and self._last_no:
            self._printed(record)
        elif record["kind"] == "document":
            self._applied(record)
        elif record["kind"] == "read":
            self.unread = [message for message in self.unread if message["version"] > record["version"]]

    def _printed(self, record: "Record") -> None:
        """A slip came out, or was skipped."""
        if record["no"] != self._last_no:
            if record["done"] and record["copy"]:
                self._reprinted(record["no"], record["copy"])
            return
        if record["done"]:
            self.copies = max(self.copies, record["copy"] + 1)
        if record["copy"] == 0:
            self._owed = False

    def _applied(self, record: "Record") -> None:
        """A document of the fleet is in use, in place of the one before; of a command, what of it lasts."""
        last = self.documents.get(record["doc"], {"version": 0, "before": 0})
        before = last["version"] if last["version"] != record["version"] else last["before"]
        found = {"version": record["version"], "sha256": record["sha256"], "before": before}
        self.documents[record["doc"]] = found
        if record.get("done"):
            self._obeyed(record["version"], record["order"])

    def _obeyed(self, version: int, order: "Record") -> None:
        """A command of the fleet was carried out: what of it lasts."""
        if order["do"] == "lock":
            self.lock = order["words"]
        elif order["do"] == "unlock":
            self.lock = None
        elif order["do"] == "message":
            self.unread = (self.unread + [{"version": version, "words": order["words"]}])[-UNREAD:]

    def snapshot(self) -> "Record":
        """Fit for canonical JSON; {} is a till that never sold and never heard of its fleet."""
        snapshot = self._sold()
        if self._floor:
            snapshot["floor"] = self._floor
        if self._reprints:
            snapshot["reprints"] = self._reprints
        if self.documents:
            snapshot["documents"] = self.documents
        if self.lock is not None:
            snapshot["lock"] = self.lock
        if self.unread:
            snapshot["unread"] = self.unread
        return snapshot

    def _sold(self) -> "Record":
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
