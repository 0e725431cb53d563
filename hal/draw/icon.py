"""A picture at the left; heading, amount and notes at its right."""

from hal.draw.block import draw_block, fitting

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hal.draw.block import Paragraph, Setting
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
    """Centred between the rows `top` and `bottom`. Words that do not fit whole beside the picture take its place."""
    left, width, height = LEFT + SIDE + GAP, pen.canvas.width, bottom - top
    words = setting_of(pen, frame, width - left, height)
    alone = words if words.complete(height) else setting_of(pen, frame, width - LEFT, height)
    if alone is not words and (alone.complete(height) or (alone.fits(height) and not words.fits(height))):
        draw_block(pen, (LEFT, top, width, bottom), alone)
        return
    pen.picture(LEFT, top + (bottom - top - SIDE) // 2, frame.icon)
    draw_block(pen, (left, top, width, bottom), words)


def setting_of(pen: "Pen", frame: "Frame", width: int, height: int) -> "Setting":
    """Label, heading, the number if there is one, and notes. A heading on one line is worth smaller letters."""
    one_line: "list[list[Paragraph]]" = []
    others: "list[list[Paragraph]]" = []
    for heading, number, note in SIZES:
        words = [(frame.label, note), (frame.heading, heading), (frame.big, number)]
        choice = [(text, name) for text, name in words + [(text, note) for text in frame.notes] if text is not None and text.s]
        title = frame.heading.s if frame.heading is not None else ""
        fits = "\n" not in title and pen.face(heading, title).width(title) <= width
        (one_line if fits else others).append(choice)
    return fitting(pen, one_line + others, width, height)
