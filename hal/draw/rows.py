"""A list: the selected row lit and in view, a mark at the right edge where more rows are than the panel shows, a foot."""

from hal.draw.faces import LEADING
from hal.draw.pen import RIGHT
from hal.draw.wrap import has_wide

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hal.draw.canvas import Box
    from hal.draw.glyphs import Face
    from hal.draw.pen import Pen
    from hal.ports.frame import Frame, Row

MARK = 4  # columns for the scroll mark
GAP = 4
FAR = 120  # columns; on the narrow panel nothing is
FOOT = 12  # rows of the foot; its rule stands in the row above


def draw_rows(pen: "Pen", frame: "Frame", top: int, bottom: int) -> None:
    """Rows from `top`, the foot just above `bottom`."""
    if frame.foot is not None:
        bottom -= FOOT
        draw_foot(pen, frame.foot, bottom)
    draw_list(pen, frame, (0, top, pen.canvas.width, bottom))


def draw_list(pen: "Pen", frame: "Frame", box: "Box") -> None:
    """As many rows as the box holds, and the mark where that is not all of them."""
    left, top, right, bottom = box
    rows = frame.rows or []
    face = row_face(pen, rows)
    pitch = face.height + LEADING
    shown = shown_in(face, bottom - top)
    first = first_row(len(rows), frame.selected, shown)
    if len(rows) > shown:
        draw_mark(pen, first, shown, len(rows), (right - MARK, top, right, bottom))
        right -= MARK
    for i in range(first, min(first + shown, len(rows))):
        y = top + (i - first) * pitch
        draw_row(pen, rows[i], face, left, y, right)
        if i == frame.selected:
            light_row(pen, frame, face, (left, y, right, top))


def light_row(pen: "Pen", frame: "Frame", face: "Face", row: "Box") -> None:
    """row: left, its top, right, the list's top."""
    left, y, right, top = row
    spill = 1 if face is pen.glyphs.face("mh") else 0  # some hanzi reach into the row between lines
    ceiling = top if frame.status is not None and frame.status.offline else top - 1  # a lit bar and a lit row stay apart
    pen.light((left, max(y - LEADING, ceiling), right, y + face.height + spill))


def shown_in(face: "Face", height: int) -> int:
    """How many rows of a list a height holds."""
    return max((height + LEADING) // (face.height + LEADING), 1)


def row_face(pen: "Pen", rows: "list[Row]") -> "Face":
    """One face for all rows, so that the list stays even."""
    for row in rows:
        if has_wide(row.left.s) or (row.right is not None and has_wide(row.right.s)):
            return pen.glyphs.face("mh")
    return pen.face("row", "")


def first_row(count: int, selected: int, shown: int) -> int:
    """The first row in view: the selected one in the middle, the last one when none is (a cart shows what came last)."""
    middle = selected - shown // 2 if selected >= 0 else count
    return max(0, min(middle, count - shown))


def draw_row(pen: "Pen", row: "Row", face: "Face", left: int, y: int, right: int) -> None:
    """The amount first, then as much of the words as it leaves; a dotted line leads from one to the other where they are far."""
    end = right - 2
    if row.right is not None and row.right.s:
        end -= pen.write(row.right, left + 1, end, y, face, RIGHT) + GAP
    start = left + 2 + pen.write(row.left, left + 2, max(end, left + 2), y, face) + GAP
    if row.right is not None and end - start > FAR:
        pen.canvas.dots(start // 4 * 4 + 4, end, y + face.baseline - 1, 4)


def draw_foot(pen: "Pen", foot: "Row", y: int) -> None:
    """TOTAL and its amount, ruled off; the rule leaves the amount room."""
    end = pen.canvas.width - 1
    if foot.right is not None and foot.right.s:
        end -= pen.write(foot.right, 0, end, y, pen.face("amount", foot.right.s), RIGHT) + GAP
    pen.canvas.fill((0, y - 1, end, y))
    face = pen.face("small", foot.left.s)
    pen.write(foot.left, 1, end, y + max(0, FOOT - face.height - 1), face)  # off the soft keys


def draw_mark(pen: "Pen", first: int, shown: int, count: int, box: "Box") -> None:
    """A dotted track at the right of the box, with the part in view lit."""
    _, top, right, bottom = box
    height = bottom - top
    start = top + first * height // count
    end = top + (first + shown) * height // count
    for y in range(top, bottom, 2):
        pen.canvas.fill((right - 2, y, right - 1, y + 1))
    pen.canvas.fill((right - 3, start, right, end))
