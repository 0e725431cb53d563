"""The status bar: title at the left; clock, queue, link, bars and battery at the right; all inverse when offline."""

from hal.draw.canvas import WIDTH
from hal.draw.wrap import has_wide

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hal.draw.pen import Pen
    from hal.ports.frame import Frame, Status

LOW, HIGH = 9, 13  # rows of the bar, the second where its title has hanzi
GAP = 3
CELL = 9  # dots of the battery that can be lit
MOST = 999  # sales in the queue that there is room to count


def bar_height(frame: "Frame") -> int:
    """Rows that the bar takes, 0 without one."""
    if frame.status is None and frame.title is None:
        return 0
    return HIGH if frame.title is not None and has_wide(frame.title.s) else LOW


def draw_bar(pen: "Pen", frame: "Frame", left: int = 0) -> None:
    """The bar from column `left` to the right edge."""
    height, x = bar_height(frame), WIDTH
    if frame.status is not None:
        x = draw_status(pen, frame.status, (height - 7) // 2, left) - GAP
    if frame.title is not None:
        face = pen.face("bar", frame.title.s) if height == HIGH else pen.glyphs.face("s")
        pen.write(frame.title, left + 1, x, 1, face)
    if frame.status is not None and frame.status.offline:
        pen.light((left, 0, WIDTH, height))


def draw_status(pen: "Pen", status: "Status", y: int, left: int) -> int:
    """From the right edge leftwards, what fits right of column `left`; the first column that it takes."""
    x = WIDTH - 1 - len(pen.glyphs.sign("battery"))
    pen.picture(x, y, "battery")
    charge = (max(0, min(status.battery, 100)) * CELL + 50) // 100
    pen.canvas.fill((x + 2, y + 2, x + 2 + charge, y + 5))
    face = pen.glyphs.face("s")
    clock = face.width(status.clock) + GAP
    count = str(min(status.queued, MOST)) if status.queued else ""
    queue = face.width(count) + len(pen.glyphs.sign("queued")) + GAP + 1 if count else 0
    for name in signal(status):
        columns = len(pen.glyphs.sign(name)) + 2
        if name in ("wifi", "4g") and x - columns - clock - queue < left:
            continue
        x -= columns
        pen.picture(x, y, name)
    if count:
        x -= queue
        pen.picture(x, y, "queued")
        pen.put(count, x + queue - GAP - face.width(count), WIDTH, y, face)
    if x - clock >= left:
        x -= clock
        pen.put(status.clock, x, WIDTH, y, face)
    if status.training:
        x -= len(pen.glyphs.sign("training")) + GAP
        pen.picture(x, y, "training")
    return x


def signal(status: "Status") -> "tuple[str, ...]":
    """Signs of the link, from the right: how strong, then which."""
    if status.link == "off":
        return ("off",)
    bars = "bars" + str(max(0, min(status.bars, 4)))
    return (bars, status.link) if status.link in ("wifi", "4g") else (bars,)
