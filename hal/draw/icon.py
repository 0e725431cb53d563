"""A picture at the left; heading, amount and notes at its right."""

from hal.draw.block import draw_block
from hal.draw.canvas import WIDTH

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hal.draw.block import Paragraph
    from hal.draw.pen import Pen
    from hal.ports.frame import Frame

LEFT, SIDE = 1, 28  # column of the picture, and its columns and rows
GAP = 3
# faces of heading and notes, from the most to the least legible
SIZES = (("bold", "line"), ("bold", "row"), ("bold", "small"), ("line", "small"), ("row", "small"), ("small", "small"))


def draw_icon(pen: "Pen", frame: "Frame", top: int, bottom: int) -> None:
    """Centred between the rows `top` and `bottom`."""
    pen.picture(LEFT, top + (bottom - top - SIDE) // 2, frame.icon)
    draw_words(pen, frame, (LEFT + SIDE + GAP, top, WIDTH, bottom))


def draw_words(pen: "Pen", frame: "Frame", box: "tuple[int, int, int, int]") -> None:
    """Heading (or label), the number if there is one, and notes."""
    choices = []
    for heading, note in SIZES:
        words: "list[Paragraph]" = []
        for text, name in ((frame.label, note), (frame.heading, heading), (frame.big, "bold")):
            if text is not None and text.s:
                words.append((text, name))
        choices.append(words + [(text, note) for text in frame.notes if text.s])
    draw_block(pen, box, choices)
