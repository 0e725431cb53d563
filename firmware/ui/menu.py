"""Numbered lists: the digit picks; UP and DOWN with OK do too."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from firmware.ui.look import Look
    from firmware.ui.ui import Ui
    from hal.ports.frame import Frame

    Draw = Callable[[Look, int], Frame]


async def choose(ui: "Ui", draw: "Draw", digits: "list[str]") -> str:
    """One of the digits, or "BACK" or "CANCEL". draw: (look, selected) -> Frame. digits: of the lines, in their order."""
    selected = 0
    while True:
        act = await ui.act(_at(draw, selected))
        name = act.name if act is not None else ""
        if name in digits or name in ("BACK", "CANCEL"):
            return name
        if name in ("UP", "DOWN") and digits:
            selected = (selected + (1 if name == "DOWN" else -1)) % len(digits)
        elif name == "OK" and digits:
            return digits[selected]
        else:
            ui.refuse()


def _at(draw: "Draw", selected: int) -> "Callable[[Look], Frame]":
    return lambda look: draw(look, selected)
