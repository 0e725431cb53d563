"""A QR code at the left, as large as whole dots allow; label, amount and notes at its right."""

from hal.draw.block import draw_block
from hal.draw.canvas import HEIGHT
from hal.draw.icon import setting_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hal.draw.pen import Pen
    from hal.ports.frame import Frame

    Modules = list[bytes] | tuple[bytes, ...]  # rows from the top, one byte a module, 1 dark, no quiet zone

SIDE = 64  # columns and rows; a light square, since readers want dark on light
QUIET = 2  # modules around it are 4 in ISO/IEC 18004; phones read it with less, the panel's edge is dark


def draw_code(pen: "Pen", frame: "Frame", modules: "Modules | None", top: int, bottom: int) -> None:
    """The code over the panel's whole height, the words between the rows `top` and `bottom`."""
    draw_square(pen, modules)
    left, right = SIDE + 3, pen.canvas.width
    draw_block(pen, (left, top, right, bottom), setting_of(pen, frame, right - left, bottom - top))


def draw_square(pen: "Pen", modules: "Modules | None") -> None:
    """The code alone."""
    pen.judge.placed((0, 0, SIDE, HEIGHT), "QR")
    pen.canvas.fill((0, 0, SIDE, HEIGHT))
    if modules:
        draw_modules(pen, modules)


def draw_modules(pen: "Pen", modules: "Modules") -> None:
    """Centred in the square; a code too large for it is a fault of whoever made it."""
    scale = max(SIDE // (len(modules) + QUIET), 1)
    start = (SIDE - len(modules) * scale) // 2
    if start < 0:
        pen.judge.overflow("QR")
        return
    for row, line in enumerate(modules):
        y = start + row * scale
        for column in range(len(line)):
            if line[column]:
                x = start + column * scale
                pen.light((x, y, x + scale, y + scale))
