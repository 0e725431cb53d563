"""refused: it was not done, why, and what became of the money."""

from hal.ports.frame import Frame

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.ui.look import Look


def frame(look: "Look", reason: str, due: int) -> Frame:
    """reason: a word of script.md. due: what is still owed, minor units."""
    return Frame(
        "refused",
        look.fields({"reason": reason, "due": look.money(due)}),
        lang=look.lang,
        status=look.status,
        title=look.caption("screen.refused.title"),
        icon="cross",
        heading=look.say(f"screen.refused.{reason}"),
        notes=[look.say(f"screen.refused.{reason}.then")],
    )
