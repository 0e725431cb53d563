"""A picture at the left; heading, amount and notes at its right."""

from hal.draw.block import draw_block
from hal.draw.canvas import WIDTH

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hal.draw.block import Paragraph
    from hal.draw.canvas import Box
    from hal.draw.pen import Pen
    from hal.ports.frame import Frame

LEFT, SIDE = 1, 28  # column of the picture, and its columns and rows
GAP = 3
# faces of heading, number and notes, from the most to the least legible
SIZES = (
    ("bold", "tall", "line"),
    ("bold", "tall", "row"),
    ("bold", "tall", "small"),
    ("line", "tall", "small"),
    ("bold", "amount", "line"),
    ("bold", "amount", "row"),
    ("line", "amount", "row"),
    ("bold", "amount", "small"),
    ("line", "amount", "small"),
    ("row", "amount", "small"),
    ("small", "amount", "small"),
)


def draw_icon(pen: "Pen", frame: "Frame", top: int, bottom: int) -> None:
    """Centred between the rows `top` and `bottom`."""
    pen.picture(LEFT, top + (bottom - top - SIDE) // 2, frame.icon)
    draw_words(pen, frame, (LEFT + SIDE + GAP, top, WIDTH, bottom))


def draw_words(pen: "Pen", frame: "Frame", box: "Box") -> None:
    """Label, heading, the number if there is one, and notes. A heading on one line is worth smaller letters."""
    one_line: "list[list[Paragraph]]" = []
    others: "list[list[Paragraph]]" = []
    for heading, number, note in SIZES:
        words = [(frame.label, note), (frame.heading, heading), (frame.big, number)]
        choice = [(text, name) for text, name in words + [(text, note) for text in frame.notes] if text is not None and text.s]
        title = frame.heading.s if frame.heading is not None else ""
        fits = pen.face(heading, title).width(title) <= box[2] - box[0]
        (one_line if fits else others).append(choice)
    draw_block(pen, box, one_line + others)
