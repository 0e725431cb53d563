"""One number that dominates: its label at the left, notes below."""

from hal.draw.block import draw_block, fitting
from hal.draw.faces import LEADING
from hal.draw.pen import RIGHT
from hal.draw.wrap import wrapped
from hal.ports.frame import Text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hal.draw.canvas import Box
    from hal.draw.glyphs import Face
    from hal.draw.pen import Pen
    from hal.ports.frame import Frame

# Face, columns less between its digits, the most characters it serves, and the face whose rows it takes: from the most to
# the least legible. A key moves every digit of an amount, and the panel is sent what moved: a longer number in a wider
# face costs more than a quarter of a picture. Where there is room the notes stay where they were.
SIZES = (
    ("big", 0, 5, "big"),
    ("big", -1, 5, "big"),
    ("tall", 0, 7, "tall"),
    ("amount", 0, 99, "tall"),
    ("amount", 0, 99, "amount"),
)
NOTES = ("line", "row", "small")
GAP = 3


def draw_number(pen: "Pen", frame: "Frame", top: int, bottom: int) -> None:
    """Label and number from row `top`, where they stay whatever stands below; notes above row `bottom`.

    The number gives way, first in width and then in height, as it grows, and where its label or the notes would not fit."""
    label, big = frame.label or Text(""), frame.big or Text("")
    panel = pen.canvas.width
    third = panel // 3
    words = [text for text in [frame.heading] + frame.notes if text is not None and text.s]
    notes = [[(text, name) for text in words] for name in NOTES]
    faces = NOTES if frame.lit else NOTES[1:]
    for name, tracking, _, rows in [size for size in SIZES if len(big.s) <= size[2]]:
        number = pen.face(name, big.s)
        width = number.width(big.s) + tracking * (len(big.s) - 1) if big.s else -GAP
        room = panel - 2 - width - GAP
        below = top + pen.face(rows, big.s).height + LEADING
        beside = label_face(pen, label, room, number.height, faces)
        setting = fitting(pen, notes, panel - 1, bottom - below)
        if beside is not None and setting.fits(bottom - below):
            break
    if beside is None:  # not even the smallest number leaves the label its place
        beside, room = pen.face("small", label.s), third
        pen.write(big, third + GAP if label.s else 1, panel - 1, top, number, RIGHT)
    else:
        pen.put(big.s, 0, panel - 1, top, number, RIGHT, tracking)
    write_label(pen, label, beside, (1, top, 1 + room, below))
    draw_block(pen, (1, below, panel, bottom), setting)


def label_face(pen: "Pen", label: "Text", room: int, height: int, names: "tuple[str, ...]") -> "Face | None":
    """The largest face in which the label stands beside the number; None when there is none."""
    for name in names:
        face = pen.face(name, label.s)
        lines = wrapped(label.s, face, room)
        if len(lines) * (face.height + LEADING) <= height + 2 and max([face.width(line) for line in lines]) <= room:
            return face
    return None


def write_label(pen: "Pen", label: "Text", face: "Face", box: "Box") -> None:
    """Over as many lines as the number is high."""
    left, top, right, bottom = box
    pitch = face.height + LEADING
    lines = wrapped(label.s, face, right - left)
    for i, line in enumerate(lines[: max((bottom - top + 1) // pitch, 1)]):
        pen.write(Text(line, label.fit), left, right, top + i * pitch, face)
