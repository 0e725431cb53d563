"""The status bar: title at the left; clock, roll near its end, queue, link, bars, battery at the right; inverse when offline."""

from hal.draw.wrap import has_wide
from hal.ports.frame import ELIDE, Text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hal.draw.pen import Pen
    from hal.ports.frame import Frame, Status

LOW, HIGH = 9, 13  # rows of the bar, the second where its title has hanzi
GAP = 3
CELL = 9  # dots of the battery that can be lit
NAMED = ("wifi", "4g")  # links that have a sign of their own
MOST = 999  # sales in the queue that there is room to count


def bar_height(frame: "Frame") -> int:
    """Rows that the bar takes, 0 without one."""
    if frame.status is None and frame.title is None:
        return 0
    return HIGH if frame.title is not None and has_wide(frame.title.s) else LOW


def draw_bar(pen: "Pen", frame: "Frame", left: int = 0) -> None:
    """The bar from column `left` to the right edge."""
    height = bar_height(frame)
    title = frame.title or Text("", ELIDE)
    face = pen.face("bar", title.s) if height == HIGH else pen.glyphs.face("s")
    end = left if title.fit == ELIDE else left + 1 + face.width(title.s) + GAP
    x = draw_status(pen, frame.status, (height - 7) // 2, end) if frame.status is not None else pen.canvas.width
    pen.write(title, left + 1, x - GAP, 1, face)
    if frame.status is not None and frame.status.offline:
        pen.light((left, 0, pen.canvas.width, height))


def draw_status(pen: "Pen", status: "Status", y: int, left: int) -> int:
    """From the right edge leftwards; the first column that it takes. Link name, clock and roll
    only if they fit right of `left`."""
    face = pen.glyphs.face("s")
    clock = face.width(status.clock) + GAP
    count = str(min(status.queued, MOST)) if status.queued else ""
    queue = len(pen.glyphs.sign("queued")) + 1 + face.width(count) + GAP if count else 0
    paper = len(pen.glyphs.sign("near_end")) + GAP if status.near_end else 0
    training = len(pen.glyphs.sign("training")) + GAP if status.training else 0
    x = draw_battery(pen, pen.canvas.width - 1, y, status.battery)
    for name in signal(status):
        columns = len(pen.glyphs.sign(name)) + 2
        if name in NAMED and x - columns - queue - paper - clock - training < left:
            continue
        x -= columns
        pen.picture(x, y, name)
    if count:
        x -= queue
        pen.put(count, x + 1 + pen.picture(x, y, "queued"), pen.canvas.width, y, face)
    if paper and x - paper - training >= left:
        x -= paper
        pen.picture(x, y, "near_end")
    if x - clock - training >= left:
        x -= clock
        pen.put(status.clock, x, pen.canvas.width, y, face)
    if status.training:
        x -= training
        pen.picture(x, y, "training")
    return x


def draw_battery(pen: "Pen", right: int, y: int, charge: int) -> int:
    """Left of column `right`; charge in percent."""
    x = right - len(pen.glyphs.sign("battery"))
    pen.picture(x, y, "battery")
    pen.canvas.fill((x + 2, y + 2, x + 2 + (max(0, min(charge, 100)) * CELL + 50) // 100, y + 5))
    return x


def signal(status: "Status") -> "tuple[str, ...]":
    """Signs of the link, from the right: how strong, then which."""
    if status.link == "off":
        return ("off",)
    bars = "bars" + str(max(0, min(status.bars, 4)))
    return (bars, status.link) if status.link in NAMED else (bars,)
