"""Where words stand on paper: lines of a slip folded into the columns that the head has. Amounts are never cut.

`width` is the printer's: how many columns a character takes in the letters that it has."""

from collections.abc import Callable

ROWS_MAX = 8  # of one name; what a hostile catalogue adds is left out, and the dots say so
ROOM_MIN = 6  # columns beside an amount; with less, the words get lines of their own
MORE = "..."

Width = Callable[[str], int]


def rows_of(left: str, right: str, columns: int, width: Width) -> list[str]:
    """The rows of one line: words folded at the left, the amount at the right of the last row."""
    if not right:
        return fold(left, columns, width) or [""]
    room = columns - total(right, width) - 1
    if room < ROOM_MIN:
        return fold(left, columns, width) + [_pad(row, columns, width) for row in fold(right, columns, width)]
    rows = fold(left, room, width) or [""]
    gap = columns - total(rows[-1], width) - total(right, width)
    return rows[:-1] + [rows[-1] + " " * gap + right]


def total(text: str, width: Width) -> int:
    """Columns that a text takes."""
    return sum(width(c) for c in text)


def fold(text: str, columns: int, width: Width) -> list[str]:
    """Rows of at most `columns`, broken at spaces, between Chinese characters, and inside a word that is too long."""
    rows: list[str] = []
    rest = text.rstrip()
    while rest:
        if len(rows) == ROWS_MAX:
            rows[-1] = _fitting(rows[-1], columns - len(MORE), width) + MORE
            return rows
        row = _fitting(rest, columns, width)
        if len(row) < len(rest) and not _may_break(rest, len(row), width):
            row = _back_to_a_break(row, width)
        rows.append(row.rstrip())
        rest = rest[len(row) :].lstrip()
    return rows


def _fitting(text: str, columns: int, width: Width) -> str:
    taken = 0
    for i, c in enumerate(text):
        taken += width(c)
        if taken > columns:
            return text[:i]
    return text


def _may_break(text: str, at: int, width: Width) -> bool:
    before, after = text[at - 1], text[at]
    return before == " " or after == " " or width(before) == 2 or width(after) == 2


def _back_to_a_break(row: str, width: Width) -> str:
    for at in range(len(row) - 1, 0, -1):
        if row[:at].strip() and _may_break(row, at, width):
            return row[:at]
    return row


def _pad(row: str, columns: int, width: Width) -> str:
    return " " * (columns - total(row, width)) + row
