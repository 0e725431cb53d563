"""Backup: what is on the stick, a new backup on it, and in plain words what became of that."""

from firmware.flows import backup_slip
from firmware.journal.backup import Backup, Stand, Stopped, backups
from firmware.screens import backup as backup_screen
from firmware.ui.ask import notice
from hal.ports.board import Sound
from hal.ports.faults import StickBroken, StickFull, StickGone, StoreBroken, StoreFull

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from firmware.flows.counter import Counter
    from firmware.till import Till
    from firmware.ui.look import Look
    from hal.ports.board import Stick
    from hal.ports.frame import Frame

LOOK_MS = 1000  # a stick that is plugged in is seen after so long at most
MB = 1_000_000
STEP = 5  # per cent: a screen costs a Pi some 25 ms


async def backup(till: "Till", counter: "Counter") -> None:
    """Plug in, OK, wait, done. CANCEL leaves at every point, and so does pulling the stick out."""
    stick = till.board.stick
    if stick is None or not till.settings.backup_key:
        await notice(till.ui, "screen.notice.no_backup")
        return
    try:
        if await _ready(till, stick):
            stand = Stand(till.journal, till.desk_journal, till.rollup.sales, till.board.clock.utc_s())
            name = await _make(till, stick, stand)
            await _note(till, stand)
            off_s = till.board.clock.offset_s()
            till.paper.submit_slip(backup_slip.slip(stand, name, till.board.terminal, off_s, till.settings, till.words()))
            till.board.sound.tone(Sound.DONE)
            await till.ui.any_key(lambda look: backup_screen.done(look, stand.sales, stand.head))
    except StickGone as fault:
        await _failed(till, "stick_gone", fault)
    except StickFull as fault:
        await _failed(till, "stick_full", fault)
    except StickBroken as fault:
        await _failed(till, "stick_broken", fault)
    except (StoreBroken, StoreFull) as fault:
        await _failed(till, "backup_store", fault)
    except Stopped as fault:
        await _failed(till, "backup_stopped", fault)


async def _failed(till: "Till", key: str, fault: Exception) -> None:
    till.board.log.say("jrn", f"no backup: {key}: {fault}")
    till.board.sound.tone(Sound.ERROR)
    await notice(till.ui, f"screen.notice.{key}", "warn")


async def _ready(till: "Till", stick: "Stick") -> bool:
    """Until a stick is in and OK says go, which is True; or until the operator leaves."""
    while True:
        found = await _look(till, stick)
        act = await till.ui.act(_found(found), until_ms=till.board.clock.now_ms() + LOOK_MS)
        if act is None:
            continue
        if act.name == "OK" and found is not None:
            return True
        if act.name in ("BACK", "CANCEL"):
            return False
        till.ui.refuse()


def _found(found: "tuple[int, int] | None") -> "Callable[[Look], Frame]":
    return lambda look: backup_screen.none(look) if found is None else backup_screen.ready(look, found[0], found[1])


async def _look(till: "Till", stick: "Stick") -> "tuple[int, int] | None":
    """How many backups of this till are on the stick, and how many MB it can take. None without a stick."""
    try:
        return len(backups(await stick.names(), till.board.terminal)), await stick.free() // MB
    except StickGone:
        return None


async def _make(till: "Till", stick: "Stick", stand: Stand) -> str:
    """The name of what is on the stick then."""
    shown = ("", -1)

    async def told(phase: str, done: int, whole: int) -> None:
        nonlocal shown
        now = (phase, done * (100 // STEP) // whole * STEP)
        if now == shown:
            return
        shown = now
        act = await till.ui.act(lambda look: backup_screen.work(look, now[0], now[1]), until_ms=till.board.clock.now_ms())
        while act is not None:
            if act.name in ("BACK", "CANCEL"):
                raise Stopped(f"by {act.name}, {phase}, {now[1]} %")
            till.ui.refuse()
            act = await till.ui.act(lambda look: backup_screen.work(look, now[0], now[1]), until_ms=till.board.clock.now_ms())

    stores = [("main", till.stores[0]), ("desk", till.stores[1])]
    board, key = till.board, till.settings.backup_key
    return await Backup(stores, stick, board.terminal, key, told, board.keystore).run(stand)


async def _note(till: "Till", stand: Stand) -> None:
    """The desk remembers when; where it cannot, the reminder comes too early, and the backup is as good."""
    till.board.log.say("jrn", f"backup: seq {stand.seq}, {stand.sales} sales, head {stand.head}")
    try:
        await till.desk_journal.append("backup", 0, {"to": stand.seq, "h": stand.head, "at": stand.at})
    except (StoreFull, StoreBroken) as fault:
        till.board.log.say("jrn", f"that there is a backup was not kept: {fault}")
