"""The panel of 256 columns. What the narrow one stacks for want of width stands side by side here; nothing is stretched.

The number of a screen, be it an amount, a total or the change, is always at the right edge with its label above it: a
cart's lines, a picture, a code or the notes stand at its left. A menu has as many columns as it needs."""

from hal.draw.block import draw_block, fitting
from hal.draw.canvas import WIDE
from hal.draw.code import SIDE, draw_square
from hal.draw.faces import LEADING
from hal.draw.icon import SIDE as ICON
from hal.draw.pen import RIGHT
from hal.draw.rows import MARK, draw_list, draw_mark, draw_row, first_row, light_row, row_face, shown_in
from hal.ports.frame import Text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hal.draw.canvas import Box
    from hal.draw.code import Modules
    from hal.draw.glyphs import Face
    from hal.draw.pen import Pen
    from hal.ports.frame import Frame, Row

LEFT, RIGHT_EDGE = 2, WIDE - 2
SPLIT = 152  # columns of a list that stands beside a total
GUTTER = 8  # between two parts
NUMBERS = ("big", "tall", "amount")  # from the most legible
LABELS = ("line", "row", "small")
COLUMNS = (2, 3)  # of a menu
# faces of heading and notes, from the most legible; a lit result is one heading, and may shout
WORDS = (("bold", "line"), ("bold", "row"), ("line", "row"), ("row", "row"), ("small", "small"))


def draw_wide(pen: "Pen", frame: "Frame", modules: "Modules | None", top: int, bottom: int) -> None:
    """The body, between the rows `top` and `bottom`."""
    if frame.rows is not None:
        draw_rows(pen, frame, top, bottom)
        return
    left, icon = LEFT, frame.icon if not frame.qr else ""
    if frame.qr:
        draw_square(pen, modules)
        left = SIDE + GUTTER
    if icon:
        pen.picture(LEFT, top + (bottom - top - ICON) // 2, icon)
        left = LEFT + ICON + GUTTER // 2
    right, label = RIGHT_EDGE, frame.label or Text("")
    words = [(frame.heading, 0)] + [(text, 1) for text in frame.notes]
    if frame.big is None or not frame.big.s or has_digit(label.s):  # a label that is an amount itself is none of the number's
        words, label = [(label, 1)] + words, Text("")
    if frame.big is not None and frame.big.s:
        right -= draw_number(pen, label, frame.big, (left, top, right, bottom)) + GUTTER
    draw_words(pen, [(text, part) for text, part in words if text is not None and text.s], (left, top, right, bottom))


def has_digit(text: str) -> bool:
    """Whether any of its characters is one."""
    for char in text:
        if char.isdigit():
            return True
    return False


def draw_words(pen: "Pen", words: "list[tuple[Text, int]]", box: "Box") -> None:
    """In the largest letters in which all of them stand."""
    left, top, right, bottom = box
    choices = [[(text, faces[part]) for text, part in words] for faces in WORDS]
    draw_block(pen, box, fitting(pen, choices, right - left, bottom - top))


def draw_number(pen: "Pen", label: "Text", big: "Text", box: "Box") -> int:
    """At the right edge of the box, the label above. Returns the columns that both take.

    The label gives way first: it is one word, and the number is what one looks for."""
    left, top, right, bottom = box
    number = largest(pen, big, right - left)
    for name in LABELS:
        face = pen.face(name, label.s)
        height = number.height + (face.height + LEADING if label.s else 0)
        if height <= bottom - top and face.width(label.s) <= right - left:
            break
    spare = max(bottom - top - height, 0)
    height += min(spare // 3, 2) if label.s else 0
    y = top + (bottom - top - height) // 2
    columns = max(number.width(big.s), pen.write(label, left, right, y, face, RIGHT))
    pen.write(big, left, right, y + height - number.height, number, RIGHT)
    return columns


def largest(pen: "Pen", amount: "Text", width: int) -> "Face":
    """The most legible face in which an amount fits; the last one when none does."""
    for name in NUMBERS:
        face = pen.face(name, amount.s)
        if face.width(amount.s) <= width:
            return face
    return face


def draw_rows(pen: "Pen", frame: "Frame", top: int, bottom: int) -> None:
    """A cart beside its total; words alone in columns where one does not hold them; else a list."""
    rows = frame.rows or []
    face = row_face(pen, rows)
    scrolls = len(rows) > shown_in(face, bottom - top)
    if frame.foot is not None:
        draw_list(pen, frame, (0, top, SPLIT, bottom))
        if not scrolls:  # else its mark divides them
            for y in range(top, bottom - 1, 2):
                pen.canvas.fill((SPLIT + 2, y, SPLIT + 3, y + 1))
        draw_number(pen, frame.foot.left, frame.foot.right or Text(""), (SPLIT + GUTTER, top, RIGHT_EDGE, bottom))
    elif scrolls and not [row for row in rows if row.right is not None]:
        draw_columns(pen, frame, face, top, bottom)
    else:
        draw_list(pen, frame, (0, top, WIDE, bottom))


def draw_columns(pen: "Pen", frame: "Frame", face: "Face", top: int, bottom: int) -> None:
    """Down the first column, then down the next. What they do not hold moves by whole columns, so that rows stay put."""
    rows = frame.rows or []
    pitch, high = face.height + LEADING, shown_in(face, bottom - top)
    count = columns_for(rows, face, high)
    needed = -(-len(rows) // high)
    first = first_row(needed, frame.selected // high if frame.selected >= 0 else 0, count)
    end = WIDE
    if needed > count:
        end -= MARK
        draw_mark(pen, first, count, needed, (end, top, WIDE, bottom))
    for i in range(first * high, min((first + count) * high, len(rows))):
        column = i // high - first
        left, right = column * end // count, (column + 1) * end // count - LEFT
        y = top + i % high * pitch
        draw_row(pen, rows[i], face, left, y, right)
        if i == frame.selected:
            light_row(pen, frame, face, (left, y, right, top))


def columns_for(rows: "list[Row]", face: "Face", high: int) -> int:
    """As few as hold all the rows, if those are narrow enough; else two, and the mark."""
    widest = max([face.width(row.left.s) for row in rows])
    for count in COLUMNS:
        if count * high >= len(rows) and widest <= WIDE // count - 3 * LEFT:
            return count
    return COLUMNS[0]
