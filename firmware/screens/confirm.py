"""confirm: one question before something is lost."""

from hal.ports.frame import Frame

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.ui.look import Look


def frame(look: "Look", act: str, amount: int) -> Frame:
    """act: what OK would do, a word of ours. amount: the money in question, minor units."""
    return Frame(
        "confirm",
        look.fields({"act": act}),
        lang=look.lang,
        status=look.status,
        title=look.caption("screen.confirm.title"),
        icon="warn",
        heading=look.say(f"screen.confirm.{act}"),
        notes=[look.say(f"screen.confirm.{act}.what", amount=look.money(amount)), look.say("screen.confirm.keys")],
    )
