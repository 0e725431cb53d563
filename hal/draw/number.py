"""One number that dominates: its label at the left, notes below."""

from hal.draw.block import draw_block
from hal.draw.canvas import WIDTH
from hal.draw.pen import RIGHT
from hal.draw.wrap import wrapped
from hal.ports.frame import Text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hal.draw.glyphs import Face
    from hal.draw.pen import Pen
    from hal.ports.frame import Frame

BIG = 22  # rows of the number
# face, columns less between its digits: from the most to the least legible
SIZES = (("big", 0), ("big", -1), ("tall", 0))
LABELS = ("line", "row", "small")
GAP = 3


def draw_number(pen: "Pen", frame: "Frame", top: int, bottom: int) -> None:
    """Label and number from row `top`, notes in what is left above row `bottom`."""
    label, big = frame.label or Text(""), frame.big or Text("")
    words = notes(frame)
    if frame.heading is not None:
        words.insert(0, frame.heading)
    y = top + (1 if words else max((bottom - top - BIG) // 2, 1))
    for name, tracking in SIZES:
        face = pen.face(name, big.s)
        width = face.width(big.s) + tracking * (len(big.s) - 1) if big.s else 0
        room = WIDTH - 1 - width - GAP if label.s else WIDTH - width
        beside = label_face(pen, label, room)
        if room >= 0 and (beside is not None or not label.s):
            break
    if width > WIDTH:
        pen.write(big, 0, WIDTH, y, face, RIGHT)
    else:
        pen.put(big.s, 0, WIDTH, y, face, RIGHT, tracking)
    if label.s:
        write_label(pen, label, beside or pen.face("small", label.s), max(room, 0), y)
    if words:
        draw_block(pen, (1, y + BIG + 2, WIDTH, bottom), [[(w, name) for w in words] for name in LABELS])


def notes(frame: "Frame") -> "list[Text]":
    """Those that say something."""
    return [text for text in frame.notes if text.s]


def label_face(pen: "Pen", label: "Text", room: int) -> "Face | None":
    """The largest face in which the label stands beside the number; None when there is none."""
    for name in LABELS[1:]:
        face = pen.face(name, label.s)
        lines = wrapped(label.s, face, room)
        if len(lines) * (face.height + 1) <= BIG + 2 and max([face.width(line) for line in lines]) <= room:
            return face
    return None


def write_label(pen: "Pen", label: "Text", face: "Face", room: int, y: int) -> None:
    """Over as many lines as the number is high."""
    lines = wrapped(label.s, face, room)
    for i, line in enumerate(lines[: (BIG + 2) // (face.height + 1)]):
        pen.write(Text(line, label.fit), 1, 1 + room, y + i * (face.height + 1), face)
