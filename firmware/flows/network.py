"""Network: which way out carries, and leave for the metered one to carry more than its budget."""

from firmware.screens import network as network_screen
from firmware.ui.ask import confirm, notice
from hal.ports.board import Sound

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.flows.counter import Counter
    from firmware.till import Till

LOOK_MS = 1000  # what is shown is so old at most


async def network(till: "Till", counter: "Counter") -> None:
    """Look as long as one likes; BACK or CANCEL leaves. OK, when the data is used up, asks whether to allow more."""
    ways = till.board.ways
    if ways is None:
        await notice(till.ui, "screen.notice.no_ways")
        return
    while True:
        act = await till.ui.act(lambda look: network_screen.frame(look, ways), until_ms=till.board.clock.now_ms() + LOOK_MS)
        if act is None:
            continue
        if act.name in ("BACK", "CANCEL"):
            return
        if act.name != "OK" or not any(way.trouble == ways.SPENT for way in ways.ways()):
            till.ui.refuse()
        elif await confirm(till.ui, "data"):
            ways.allow()
            till.board.sound.tone(Sound.DONE)
