"""The language of screens and paper, switched live."""

from firmware.screens import menu as menu_screen
from firmware.ui.ask import notice
from firmware.ui.menu import choose
from hal.ports.faults import StoreBroken, StoreFull

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.flows.counter import Counter
    from firmware.till import Till
    from firmware.ui.look import Look
    from hal.ports.frame import Frame


async def language(till: "Till", counter: "Counter") -> None:
    """Each language is listed by its own name; a digit picks. The desk remembers."""
    languages = till.settings.languages

    def draw(look: "Look", selected: int) -> "Frame":
        names = [till.settings.words[lang].t("menu.language.name") for lang in languages]
        lines = [look.name(f"{i} {name}") for i, name in enumerate(names, 1)]
        return menu_screen.frame(look, look.caption("menu.9.1"), lines, selected)

    picked = await choose(till.ui, draw, [str(i + 1) for i in range(len(languages))])
    if picked in ("BACK", "CANCEL"):
        return
    try:
        await till.desk_journal.append("lang", 0, {"lang": languages[int(picked) - 1]})
    except (StoreFull, StoreBroken) as fault:
        till.board.log.say("jrn", f"the language was not kept: {fault}")
        await notice(till.ui, "screen.notice.not_kept", "warn")
