"""The menu as data: what is built stands here with its number, and a number without a line sounds the error tone."""

from firmware.flows.backup import backup
from firmware.flows.check_receipt import check_receipt
from firmware.flows.claim import claim
from firmware.flows.hold import held_list
from firmware.flows.language import language
from firmware.flows.log_out import log_out
from firmware.flows.network import network
from firmware.flows.no_sale import no_sale
from firmware.flows.receipts import by_amount, by_number, newest
from firmware.flows.reprint import reprint
from firmware.screens import menu as menu_screen
from firmware.ui.menu import choose

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from firmware.flows.counter import Counter
    from firmware.till import Till
    from firmware.ui.look import Look
    from hal.ports.frame import Frame

    Flow = Callable[[Till, Counter], Awaitable[None]]


async def _reprint(till: "Till", counter: "Counter") -> None:
    if not await reprint(till):
        till.ui.refuse()


# digits from the root -> what it does. A line that only leads on has no entry here; its words are menu.DIGITS,
# dots between them. The numbers are mission.md 4.0: 1 void, 2 refund, 3 member, 4 prepaid, 7 discount have their rooms.
FLOWS: "dict[str, Flow]" = {
    "5": held_list,
    "6.1": _reprint,
    "6.2": by_number,
    "6.3": newest,
    "6.4": by_amount,
    "6.5": check_receipt,
    "8.5": no_sale,
    "9.1": language,
    "9.4.5": network,
    "9.4.6": log_out,
    "9.5": backup,
    "9.6": claim,
}


def below(path: str) -> "list[str]":
    """The digits that have a line under a path ("" is the root), ascending."""
    start = path + "." if path else ""
    return sorted({key[len(start)] for key in FLOWS if key.startswith(start)})


async def main_menu(till: "Till", counter: "Counter") -> None:
    """Down the tree by digits; BACK one step up, CANCEL out of it."""
    path = ""
    while path not in FLOWS:
        digits = below(path)

        def draw(look: "Look", selected: int, path: str = path, digits: "list[str]" = digits) -> "Frame":
            start = f"menu.{path}." if path else "menu."
            lines = [look.say("menu.line", n=digit, words=look.t(start + digit)) for digit in digits]
            return menu_screen.frame(look, look.caption(f"menu.{path}" if path else "menu.title"), lines, selected)

        picked = await choose(till.ui, draw, digits)
        if picked == "CANCEL" or (picked == "BACK" and not path):
            return
        if picked == "BACK":
            path = path[:-2] if "." in path else ""
        else:
            path = f"{path}.{picked}" if path else picked
    await FLOWS[path](till, counter)
