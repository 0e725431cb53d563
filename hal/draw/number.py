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
NOTES = ("line", "row", "small")
GAP = 3


def draw_number(pen: "Pen", frame: "Frame", top: int, bottom: int) -> None:
    """Label and number from row `top`, where they stay whatever stands below; notes above row `bottom`."""
    label, big = frame.label or Text(""), frame.big or Text("")
    faces = NOTES if frame.lit else NOTES[1:]
    for name, tracking in SIZES:
        number = pen.face(name, big.s)
        width = number.width(big.s) + tracking * (len(big.s) - 1) if big.s else -GAP
        room = WIDTH - 2 - width - GAP
        face = label_face(pen, label, room, faces)
        if face is not None:
            break
    if width > WIDTH - 1:
        pen.write(big, 0, WIDTH - 1, top, number, RIGHT)
    else:
        pen.put(big.s, 0, WIDTH - 1, top, number, RIGHT, tracking)
    write_label(pen, label, face or pen.face("small", label.s), max(room, 0), top)
    words = [text for text in [frame.heading] + frame.notes if text is not None and text.s]
    draw_block(pen, (1, top + BIG + 1, WIDTH, bottom), [[(text, name) for text in words] for name in NOTES])


def label_face(pen: "Pen", label: "Text", room: int, names: "tuple[str, ...]") -> "Face | None":
    """The largest face in which the label stands beside the number; None when there is none."""
    for name in names:
        face = pen.face(name, label.s)
        lines = wrapped(label.s, face, room)
        if len(lines) * (face.height + face.leading) <= BIG + 2 and max([face.width(line) for line in lines]) <= room:
            return face
    return None


def write_label(pen: "Pen", label: "Text", face: "Face", room: int, top: int) -> None:
    """Over as many lines as the number is high."""
    pitch = face.height + face.leading
    lines = wrapped(label.s, face, room)
    for i, line in enumerate(lines[: (BIG + 2) // pitch]):
        pen.write(Text(line, label.fit), 1, 1 + room, top + i * pitch, face)
