"""menu: a numbered list; the digit picks."""

from hal.ports.frame import Frame, Row, Text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.ui.look import Look


def frame(look: "Look", title: Text, lines: "list[Text]", selected: int) -> Frame:
    """lines: each with its digit in front."""
    return Frame(
        "menu",
        look.fields({"title": title.s}),
        lang=look.lang,
        status=look.status,
        title=title,
        rows=[Row(line) for line in lines],
        selected=selected,
    )
