"""Paragraphs in a box: the largest faces in which all of them fit."""

from hal.draw.pen import LEFT
from hal.draw.wrap import elided, wrapped
from hal.ports.frame import ELIDE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hal.draw.canvas import Box
    from hal.draw.glyphs import Face
    from hal.draw.pen import Pen
    from hal.ports.frame import Text

    Paragraph = tuple[Text, str]  # and the name of its face


class Setting:
    """Paragraphs broken into lines. height: rows of all of them; whole: nothing had to be cut sideways."""

    def __init__(self, pen: "Pen", paragraphs: "list[Paragraph]", width: int):
        self.lines: "list[tuple[str, Face, Text]]" = []
        self.height = 0
        self.whole = True
        for text, name in paragraphs:
            face = pen.face(name, text.s)
            for line in wrapped(text.s, face, width):
                self.lines.append((line, face, text))
                self.height += face.height + face.leading
                if face.width(line) > width:
                    self.whole = False
        self.height -= self.lines[-1][1].leading if self.lines else 0

    def stretch(self, rows: int) -> "list[int]":
        """Rows to leave above each line: what is left over, up to two between lines and the rest shared above and below."""
        spare = max(rows - self.height, 0)
        gaps = len(self.lines) - 1
        between = min(spare // (gaps + 2), 2) if gaps else 0
        return [(spare - between * gaps) // 2] + [between + face.leading for _, face, _ in self.lines[:-1]]


def draw_block(pen: "Pen", box: "Box", choices: "list[list[Paragraph]]", align: int = LEFT) -> None:
    """The first choice that fits whole, else the last one, cut."""
    left, top, right, bottom = box
    setting = None
    for paragraphs in choices:
        setting = Setting(pen, paragraphs, right - left)
        if setting.whole and setting.height <= bottom - top:
            break
    if setting is None or not setting.lines:
        return
    y = top
    gaps = setting.stretch(bottom - top)
    for i, (line, face, text) in enumerate(setting.lines):
        y += gaps[i]
        following = setting.lines[i + 1] if i + 1 < len(setting.lines) else None
        last = following is not None and y + face.height + gaps[i + 1] + following[1].height > bottom
        if last:
            line = ended(pen, setting.lines[i:], right - left)
        if face.width(line) > right - left:
            line = elided(line, face, right - left)
            if text.fit != ELIDE:
                pen.judge.overflow(text.s)
        pen.put(line, left, right, y, face, align)
        if last:
            return
        y += face.height


def ended(pen: "Pen", lines: "list[tuple[str, Face, Text]]", width: int) -> str:
    """The last line that there is room for, when others should follow; the judge hears of texts that had to be whole."""
    line, face, text = lines[0]
    lost = []
    for _, _, other in lines[1:]:
        if other not in lost:
            lost.append(other)
    for other in lost:
        if other.fit != ELIDE:
            pen.judge.overflow(other.s)
    return elided(line + "………", face, width) if text in lost else line
