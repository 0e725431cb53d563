"""What may go wrong while drawing: raised in tests, reported in the field, where a clipped name beats a dark panel."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hal.draw.canvas import Box


class DrawFault(Exception):
    """A frame that cannot stand on the panel as it is."""


class Overflow(DrawFault):
    """A text that must be read whole has not the room for it."""


class Overlap(DrawFault):
    """Two texts touch."""


class MissingGlyph(DrawFault):
    """The pack has no picture of a character."""


class Judge:
    """Raises when strict; else notes one line a fault in `report`, if there is one."""

    def __init__(self, strict: bool, report: "list[str] | None"):
        self.strict = strict
        self.report = report
        self.boxes: "list[tuple[Box, str]]" = []

    def overflow(self, text: str) -> None:
        """`text` is cut."""
        self._fault(Overflow("no room for '" + text + "'"))

    def missing(self, char: str) -> None:
        """`char` is drawn as a box."""
        self._fault(MissingGlyph(f"no glyph for U+{ord(char):04X}"))

    def placed(self, box: "Box", text: str) -> None:
        """`text` stands at (left, top, right, bottom), the last two outside; it may share no pixel with any other."""
        for other, words in self.boxes:
            if box[0] < other[2] and other[0] < box[2] and box[1] < other[3] and other[1] < box[3]:
                self._fault(Overlap("'" + text + "' touches '" + words + "'"))
        self.boxes.append((box, text))

    def _fault(self, fault: DrawFault) -> None:
        if self.strict:
            raise fault
        if self.report is not None:
            self.report.append(type(fault).__name__ + ": " + str(fault))
