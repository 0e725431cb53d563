"""Which letters serve what. The same word means a larger face where Chinese stands, since hanzi need eleven rows at least."""

from hal.draw.wrap import has_wide

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hal.draw.glyphs import Face, Glyphs

LEADING = 1  # rows between two lines
# name -> (Latin, Chinese): fonts of the pack, the first leads. Rows of a line in Latin / Chinese:
FACES = {
    "bar": ("s", "mh"),  # status bar, soft keys: 8 / 11
    "small": ("s", "mh"),  # labels, notes: 8 / 11
    "row": ("m", "mh"),  # lists: 10 / 11
    "line": ("l", "ek"),  # one sentence: 13 / 17
    "bold": ("b", "bk"),  # results: 13 / 16
    "amount": ("b", "bk"),  # a total: 13
    "big": ("x", "xk"),  # the number of the screen: 22
    "tall": ("t", "tk"),  # the same, two thirds as wide
}
NUMBERS = ("amount", "big", "tall")  # these are as large as they are wanted in either


def face_for(glyphs: "Glyphs", name: str, text: str, chinese: bool) -> "Face":
    """The face of that name for a text. chinese: the frame is, so that its Latin words match their neighbours."""
    latin, mixed = FACES[name]
    return glyphs.face(mixed if (chinese and name not in NUMBERS) or has_wide(text) else latin)
