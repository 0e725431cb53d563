"""The roll of paper: what has come out of the printer, slip by slip, as a picture and as text."""

from sim.chips.paper import HEAD_DOTS, Strip

KEPT = 100  # slips of which the picture is kept; the text is kept for ever
DOTS_A_METRE = 8000


class Torn:
    """One slip. across: dots of a row, 384 or 576. lines: as printed, one string each. rows: one after the other."""

    def __init__(self, across: int) -> None:
        self.across = across
        self.lines: list[str] = []
        self.rows = bytearray()


class Roll:
    """Paper that has passed a head of so many dots. The last of `slips` is the one that still hangs in the printer."""

    def __init__(self, across: int = HEAD_DOTS) -> None:
        self.across = across
        self.slips = [Torn(across)]
        self.dots = 0

    def feed(self, rows: list[bytes]) -> None:
        """The head has made these rows."""
        self.slips[-1].rows += b"".join(rows)
        self.dots += len(rows)

    def ended(self, strip: Strip) -> None:
        """The head is through with a strip."""
        if strip.text is not None:
            self.slips[-1].lines.append(strip.text)
        if strip.ends_slip:
            self.tear()

    def tear(self) -> None:
        """A hand, or the cutter, takes off what hangs there."""
        if self.slips[-1].rows:
            self.slips.append(Torn(self.across))
            for old in self.slips[:-KEPT]:
                old.rows = bytearray()

    def widen(self, across: int) -> None:
        """Paper of another width; what hangs there is torn off."""
        self.tear()
        self.across = self.slips[-1].across = across

    @property
    def metres(self) -> float:
        """Paper used."""
        return self.dots / DOTS_A_METRE
