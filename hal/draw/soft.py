"""Three soft keys above F1, F2 and F3: lit pills with dark words; a key without a meaning is blank."""

from hal.draw.canvas import HEIGHT, NARROW, WIDE
from hal.draw.pen import CENTRE
from hal.draw.wrap import has_wide

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hal.draw.pen import Pen
    from hal.ports.frame import Frame

LOW, HIGH = 9, 13  # rows of a pill, the second where hanzi stand in one
# under the three keys; the wide panel's are wider by as much as it is
PILLS = {NARROW: ((0, 42), (44, 84), (86, 128)), WIDE: ((0, 84), (86, 170), (172, 256))}


def soft_height(frame: "Frame") -> int:
    """Rows that the keys take, 0 when all three are blank."""
    words = "".join([text.s for text in frame.soft])
    if not words:
        return 0
    return HIGH if frame.lang == "zh" or has_wide(words) else LOW


def draw_soft(pen: "Pen", frame: "Frame") -> None:
    """The pills, with rounded corners."""
    height = soft_height(frame)
    top = HEIGHT - height
    for i in range(3):
        text, (left, right) = frame.soft[i], PILLS[pen.canvas.width][i]
        if not text.s:
            continue
        face = pen.face("bar", text.s)
        pen.write(text, left + 2, right - 2, top + (height - face.height + 1) // 2, face, CENTRE)
        pen.light((left, top, right, HEIGHT))
        for x in (left, right - 1):
            pen.light((x, top, x + 1, top + 1))
            pen.light((x, HEIGHT - 1, x + 1, HEIGHT))
