"""Text in the room there is: broken over lines between words (Chinese: between any two characters), or cut with an ellipsis."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hal.draw.glyphs import Face

ELLIPSIS = "…"
NEVER_FIRST = "，。、；：？！）》」』”’…％,.;:?!)%"  # closing marks stay with what they close
BEFORE_ELLIPSIS = " ,.;:，。、；："  # no mark stands right before an ellipsis
NEVER_LAST = "（《「『“‘￥("


def wide(char: str) -> bool:
    """A square Chinese character or full-width sign."""
    return ord(char) >= 0x2E80


def has_wide(text: str) -> bool:
    """Whether any of its characters is one."""
    for char in text:
        if ord(char) >= 0x2E80:
            return True
    return False


def pieces(text: str) -> "list[str]":
    """What no line break may part, each with the spaces that follow it."""
    found = [""]
    for char in text:
        last = found[-1]
        new = last.endswith(" ") if char != " " else False
        if last and char != " " and not new and (wide(char) or wide(last[-1])):
            new = char not in NEVER_FIRST and last[-1] not in NEVER_LAST
        if new:
            found.append(char)
        else:
            found[-1] = last + char
    return found


def wrapped(text: str, face: "Face", width: int) -> "list[str]":
    """Lines of at most `width` columns, but for a piece that is wider by itself. A line feed always breaks."""
    lines = []
    for paragraph in text.split("\n"):
        line = ""
        for piece in pieces(paragraph):
            if line and face.width((line + piece).rstrip(" ")) > width:
                lines.append(line.rstrip(" "))
                line = ""
            line += piece
        lines.append(line.rstrip(" "))
    return lines


def elided(text: str, face: "Face", width: int) -> str:
    """The text, or as much of its beginning as fits before an ellipsis."""
    if face.width(text) <= width:
        return text
    room = width - face.width(ELLIPSIS) - 1
    end, used = 0, 0
    while end < len(text) and used + len(face.glyph(text[end])) - 1 <= room:
        used += len(face.glyph(text[end]))
        end += 1
    return text[:end].rstrip(BEFORE_ELLIPSIS) + ELLIPSIS
