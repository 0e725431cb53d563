"""notice: something that the operator must know; any key goes on."""

from hal.ports.frame import Frame

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.ui.look import Look


def frame(look: "Look", key: str, icon: str) -> Frame:
    """key: of the words; its text is the heading, and key.1, key.2 stand below where they are."""
    below = [f"{key}.{i}" for i in (1, 2, 3)]
    return Frame(
        "notice",
        look.fields({"text": look.t(key)}),
        lang=look.lang,
        status=look.status,
        icon=icon,
        heading=look.say(key),
        notes=[look.say(each) for each in below if each in look.words.table],
    )
