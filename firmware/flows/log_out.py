"""Log out: what the till has logged, as a text file on a stick, for whoever looks after it."""

from firmware.screens import backup as backup_screen
from firmware.ui.ask import notice
from hal.ports.board import Sound
from hal.ports.faults import StickBroken, StickFull, StickGone

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.flows.counter import Counter
    from firmware.till import Till

LINES = 1000
WHY = {
    StickGone: "screen.notice.no_stick",
    StickFull: "screen.notice.stick_full",
    StickBroken: "screen.notice.stick_broken",
}


async def log_out(till: "Till", counter: "Counter") -> None:
    """At once, onto the stick that is in. The one of last time is written over."""
    stick, log = till.board.stick, till.board.log
    if stick is None:
        await notice(till.ui, "screen.notice.no_stick")
        return
    name = f"{till.board.terminal}-LOG.TXT"
    text = "".join(line + "\n" for line in log.recent(LINES))
    await till.ui.show(lambda look: backup_screen.work(look, "writing", 0))
    try:
        await stick.write(name, 0, text.encode())
        await stick.sync(name)
    except (StickGone, StickFull, StickBroken) as fault:
        log.say("sys", f"the log is not on a stick: {fault!r}")
        till.board.sound.tone(Sound.ERROR)
        await notice(till.ui, WHY[type(fault)], "warn")
        return
    till.board.sound.tone(Sound.DONE)
    await notice(till.ui, "screen.notice.log_out")
