"""Paragraphs in a box: the largest faces in which all of them fit."""

from hal.draw.faces import LEADING
from hal.draw.pen import LEFT, RIGHT
from hal.draw.wrap import ELLIPSIS, elided, wrapped
from hal.ports.frame import ELIDE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hal.draw.canvas import Box
    from hal.draw.glyphs import Face
    from hal.draw.pen import Pen
    from hal.ports.frame import Text

    Paragraph = tuple[Text, str]  # and the name of its face

BETWEEN = 8  # columns at least between two texts on one line


class Line:
    """Words of one text; `beside`, if not empty, is the whole of the next text, at the right edge."""

    def __init__(self, words: str, face: "Face", text: "Text"):
        self.words = words
        self.face = face
        self.text = text
        self.beside = ""


class Setting:
    """Paragraphs broken into lines. height: rows of all of them; whole: nothing has to be cut sideways.

    elided: somebody else's words end early.

    paired: a short text stands beside the one before it where both have room. short: what may be elided takes one line."""

    def __init__(self, pen: "Pen", paragraphs: "list[Paragraph]", width: int, paired: bool, short: bool):
        self.lines: "list[Line]" = []
        self.height = 0
        self.whole = True
        self.elided = False
        for text, name in paragraphs:
            face = pen.face(name, text.s)
            if paired and self._beside(text, face, width):
                continue
            brief = short and text.fit == ELIDE
            for words in [elided(text.s, face, width)] if brief else wrapped(text.s, face, width):
                self.lines.append(Line(words, face, text))
                self.elided = self.elided or (brief and words != text.s)
                self.height += face.height + LEADING
                if face.width(words) > width:
                    self.whole = False
        self.height -= LEADING if self.lines else 0

    def _beside(self, text: "Text", face: "Face", width: int) -> bool:
        last = self.lines[-1] if self.lines else None
        if last is None or last.face is not face or last.beside or last.words != last.text.s or "\n" in text.s:
            return False
        if face.width(last.words) + BETWEEN + face.width(text.s) > width:
            return False
        last.beside = text.s
        return True

    def fits(self, rows: int) -> bool:
        """Whether every word of it that must has its place."""
        return self.whole and self.height <= rows

    def complete(self, rows: int) -> bool:
        """Whether every word of it has."""
        return self.fits(rows) and not self.elided

    def gaps(self, rows: int) -> "list[int]":
        """Rows to leave above each line: what is left over, up to two between lines and the rest shared above and below."""
        spare = max(rows - self.height, 0)
        inner = len(self.lines) - 1
        between = min(spare // (inner + 2), 2) if inner else 0
        return [(spare - between * inner) // 2] + [between + LEADING] * inner


def fitting(pen: "Pen", choices: "list[list[Paragraph]]", width: int, height: int) -> "Setting":
    """The first choice that fits whole, each stacked and then paired, all of them before any elides; else the last."""
    for short in (False, True):
        for paragraphs in choices:
            for paired in (False, True):
                setting = Setting(pen, paragraphs, width, paired, short)
                if setting.fits(height):
                    return setting
    return setting


def draw_block(pen: "Pen", box: "Box", setting: Setting) -> None:
    """Centred between top and bottom; what there is no room for is cut, and the judge hears of it."""
    left, top, right, bottom = box
    if not setting.lines:
        return
    gaps, y = setting.gaps(bottom - top), top
    for i, line in enumerate(setting.lines):
        y += gaps[i]
        words, after = line.words, y + line.face.height
        full = i + 1 < len(setting.lines) and after + gaps[i + 1] + setting.lines[i + 1].face.height > bottom
        if full:
            words += ended(pen, setting.lines[i:])
        if line.face.width(words) > right - left:
            words = elided(words, line.face, right - left)
            if line.text.fit != ELIDE:
                pen.judge.overflow(line.text.s)
        pen.put(words, left, right, y, line.face, LEFT)
        pen.put(line.beside, left, right, y, line.face, RIGHT)
        if full:
            return
        y = after


def ended(pen: "Pen", lines: "list[Line]") -> str:
    """What to put after the last line that there is room for: an ellipsis where its own text goes on.

    The judge hears of every lost text that had to be whole."""
    last, lost = lines[0].text, []
    for line in lines[1:]:
        if line.text not in lost:
            lost.append(line.text)
    for text in lost:
        if text.fit != ELIDE:
            pen.judge.overflow(text.s)
    return ELLIPSIS if last in lost else ""
