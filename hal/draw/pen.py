"""Writes texts on a canvas: the one place that measures, cuts, and tells the judge what it did."""

from hal.draw.faces import face_for
from hal.draw.wrap import elided
from hal.ports.frame import ELIDE, ICONS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hal.draw.canvas import Box, Canvas
    from hal.draw.faults import Judge
    from hal.draw.glyphs import Face, Glyphs
    from hal.ports.frame import Text

LEFT, CENTRE, RIGHT = 0, 1, 2
ICON, SIGN = 28, 7  # rows of a picture


class Pen:
    """chinese: the frame is in Chinese."""

    def __init__(self, canvas: "Canvas", glyphs: "Glyphs", judge: "Judge", chinese: bool):
        self.canvas = canvas
        self.glyphs = glyphs
        self.judge = judge
        self.chinese = chinese

    def face(self, name: str, text: str) -> "Face":
        """A face by its name (faces.py) for a text on this frame."""
        return face_for(self.glyphs, name, text, self.chinese)

    def fits(self, text: "Text", width: int, face: "Face") -> bool:
        """Whether it needs no cutting."""
        return face.width(text.s) <= width

    def cut(self, text: "Text", width: int, face: "Face") -> str:
        """As much as fits; the judge hears when it had to be all of it."""
        short = elided(text.s, face, width)
        if short != text.s and text.fit != ELIDE:
            self.judge.overflow(text.s)
        return short

    def write(self, text: "Text", left: int, right: int, y: int, face: "Face", align: int = LEFT) -> int:
        """The text between two columns (right outside) with the top of its line at y. Returns the columns it takes."""
        return self.put(self.cut(text, right - left, face), left, right, y, face, align)

    def put(self, words: str, left: int, right: int, y: int, face: "Face", align: int = LEFT, tracking: int = 0) -> int:
        """Words that are known to fit."""
        if not words:
            return 0
        width = face.width(words) + tracking * (len(words) - 1)
        x = left + (right - left - width) * align // 2
        self.canvas.text(x, y, words, face, tracking)
        self.judge.placed((x, y, x + width, y + face.height), words)
        if face.lacks:
            for char in words:
                if char in face.lacks:
                    self.judge.missing(char)
        return width

    def picture(self, x: int, y: int, name: str) -> int:
        """An icon or a sign by its name (signs.py); nothing may be written over it. Returns its columns."""
        columns = self.glyphs.sign(name)
        self.canvas.put(x, y, columns)
        self.judge.placed((x, y, x + len(columns), y + (ICON if name in ICONS else SIGN)), name)
        return len(columns)

    def light(self, box: "Box") -> None:
        """Turn a box over."""
        self.canvas.invert(box)
