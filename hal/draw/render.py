"""A Frame becomes a picture: bar above, soft keys below, one of four shapes between."""

from hal.draw.bar import bar_height, draw_bar
from hal.draw.canvas import HEIGHT, NARROW, Canvas
from hal.draw.code import SIDE, draw_code
from hal.draw.faults import Judge
from hal.draw.icon import draw_icon
from hal.draw.number import draw_number
from hal.draw.pen import Pen
from hal.draw.rows import draw_rows
from hal.draw.soft import draw_soft, soft_height
from hal.draw.wide import draw_wide

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hal.draw.code import Modules
    from hal.draw.glyphs import Glyphs
    from hal.ports.frame import Frame


def render(
    frame: "Frame",
    glyphs: "Glyphs",
    strict: bool = False,
    report: "list[str] | None" = None,
    modules: "Modules | None" = None,
    width: int = NARROW,
) -> bytearray:
    """Pages of a panel `width` columns wide, 128 or 256 (canvas.py). modules: of the frame's QR (hal/qr.py).

    strict: raises Overflow, Overlap or MissingGlyph; else the text is cut, a box stands for the glyph, and each fault
    adds a line to `report`."""
    canvas = Canvas(width)
    pen = Pen(canvas, glyphs, Judge(strict, report), frame.lang == "zh")
    top, bottom = body(frame)
    draw_bar(pen, frame, SIDE + 2 if frame.qr and frame.rows is None else 0)
    draw_soft(pen, frame)
    if width > NARROW:
        draw_wide(pen, frame, modules, top, bottom)
    elif frame.rows is not None:
        draw_rows(pen, frame, top, bottom)
    elif frame.qr:
        draw_code(pen, frame, modules, top, bottom)
    elif frame.icon:
        draw_icon(pen, frame, top, bottom)
    else:
        draw_number(pen, frame, top, bottom)
    if frame.lit:
        canvas.invert((0, 0, width, HEIGHT))
    return canvas.pages()


def body(frame: "Frame") -> "tuple[int, int]":
    """The first row of the body, and the row after its last."""
    soft = soft_height(frame)
    bar = bar_height(frame)
    return bar + 1 if bar else 0, HEIGHT - soft
