"""Boot, as a story: from power to the first sale. The last page is the tasks that never end."""

import asyncio

from firmware import config
from firmware.flows.backup_due import Reminder
from firmware.flows.claim import first_claim
from firmware.flows.clock_check import clock_check
from firmware.flows.orders import Orders
from firmware.flows.paper import Paper
from firmware.flows.power import goodbye, power
from firmware.flows.recovered import recovered
from firmware.flows.selling import selling
from firmware.in_use import InUse
from firmware.journal.desk import Desk
from firmware.journal.journal import Journal
from firmware.journal.mirror import Mirror
from firmware.journal.rollup import Rollup
from firmware.keeper import Keeper
from firmware.screens import boot as boot_screen
from firmware.screens import fault as fault_screen
from firmware.sync.archive import Archive
from firmware.sync.claim import Claim
from firmware.sync.courier import Courier
from firmware.till import Till
from firmware.ui.hands import Changed
from firmware.ui.queue import Queue
from hal.ports.board import Power
from hal.ports.faults import ConfigFault, JournalDamaged, PowerEnds, StoreBroken, StoreFull

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from typing import Any

    from firmware.config import Settings
    from hal.ports.board import Board, Input, Store
    from hal.ports.frame import Frame


FAULT_MS = 3000  # how long it can be read


async def run(board: "Board") -> None:
    """Be a till. Never returns; raises what ended a task that must not end, and PowerEnds. Whoever ran it runs it again."""
    # a light on the panel before anything slow, and every key from now on is kept
    await board.screen.show(boot_screen.frame(board.version))
    queue = Queue()
    board.keys.start(queue.put)
    board.scanner.start(queue.put)
    try:
        settings = await config.load(board.files, board.log)
        till = await recover(board, settings, queue)
    except ConfigFault as fault:
        await stop(board, str(fault), fault_screen.config(fault.file, fault.key, fault.reason))
    except (JournalDamaged, StoreBroken, StoreFull) as fault:
        await stop(board, f"journal: {fault}", fault_screen.journal(settings.words[settings.lang], str(fault)))
    # the way to the fleet, and the printer, are at work from here on; selling waits for neither
    start_link(till, queue)
    board.light.set("ready", True)
    tasks = {
        "selling": serve(till),
        "courier": till.courier.run(),
        "downlink": till.orders.downlink.run(),
        "paper": till.paper.run(),
        "keeper": Keeper(till).run(),
        "power": power(till),
    }
    if till.claim is not None:
        tasks["claim"] = till.claim.run()
    await together(till, tasks)


async def recover(board: "Board", settings: "Settings", queue: Queue) -> Till:
    """Read both journals to their ends, and put the till together around what they say. Raises like Journal.recover."""
    rollup, desk = Rollup(settings.first_no), Desk()
    stores = two_stores(board)
    journal = Journal(stores[0], "main", rollup, board.log, keystore=board.keystore)
    desk_journal = Journal(stores[1], "desk", desk, board.log, keystore=board.keystore)
    ours = True
    for each, name in ((journal, "journal"), (desk_journal, "desk")):
        found = await each.recover()
        counts = f"{found.frames} frames replayed, {found.dropped} bytes dropped, {found.healed} frames healed"
        board.log.say("jrn", f"{name}: seq {each.seq}, {counts}")
        ours = ours and found.ours
    till = Till(board, settings, queue, journal, rollup, desk_journal, desk)
    if not ours:
        till.tell("screen.notice.not_ours")

    def changed() -> None:
        queue.put(Changed())

    till.courier = Courier(board, journal, rollup, desk_journal, desk, lambda: heard(till, changed))
    till.paper = Paper(board, till.shop, journal, rollup, changed)
    till.reminder = Reminder(board, till.shop, journal, rollup, desk, till.tell)
    till.stores = stores
    till.claim = claim_of(till, changed)
    await lay_documents(till)
    watch_mirrors(till, stores, changed)
    return till


def claim_of(till: Till, changed: "Callable[[], None]") -> Claim | None:
    """How it comes by a certificate, where the brokers want one and the till knows a door to ask at."""
    board = till.board
    if board.identity is None or board.door is None:
        return None

    def moved() -> None:
        if till.claim is not None and till.claim.state == Claim.REFUSED:
            till.tell("screen.notice.revoked")
        changed()

    return Claim(board, board.identity, board.door, till.journal, moved, till.courier.retry)


async def lay_documents(till: Till) -> None:
    """What the fleet has sent stands over the profile's files from the first screen on."""
    board = till.board
    disks = [store for store in (board.store, board.mirror) if store is not None]
    archive = Archive(disks, board.log)
    till.in_use = InUse(board, till.shop, till.rollup, archive)
    till.orders = Orders(board, till.journal, till.rollup, till.desk, till.in_use, archive, till.courier, till.wake)
    till.courier.docs = till.orders.downlink.heard
    if not await till.in_use.lay(till.orders.downlink.lost):
        till.tell("screen.notice.old_document")


def two_stores(board: "Board") -> "list[Store]":
    """One for each journal. Where there is a second disk each is a mirror of its own, so that each can mend itself."""
    if board.mirror is None:
        return [board.store, board.store]
    return [Mirror(board.store, board.mirror, board.log), Mirror(board.store, board.mirror, board.log)]


def watch_mirrors(till: Till, stores: "list[Store]", changed: "Callable[[], None]") -> None:
    """A till that is down to one copy goes on, and says so: by the lamp as long as it is, and by a notice once."""
    mirrors = [store for store in stores if isinstance(store, Mirror)]

    def moved() -> None:
        before, till.one_copy = till.one_copy, any(mirror.lost != "" for mirror in mirrors)
        till.alarm()
        if till.one_copy and not before:
            till.tell("screen.notice.one_copy")
            changed()

    for mirror in mirrors:
        mirror.moved = moved
    moved()


def heard(till: Till, changed: "Callable[[], None]") -> None:
    """The courier has news. A fleet that takes nothing from this till is said like a lost copy: it sells on."""
    before, till.trouble = till.trouble, till.courier.trouble
    till.alarm()
    if till.trouble and till.trouble != before:
        till.tell("screen.notice." + till.trouble)
    changed()


def start_link(till: Till, queue: Queue) -> None:
    """From now on the status bar, the lamp and the courier hear of every change of the line."""

    def moved(change: "Input") -> None:
        till.board.light.set("link", till.board.link.state == "online")
        till.courier.moved()
        till.orders.downlink.moved()
        if till.claim is not None:
            till.claim.moved()
        queue.put(change)

    def heed(trouble: str) -> None:
        till.tell(f"screen.notice.{trouble}")
        queue.put(Changed())

    if till.board.ways is not None:
        till.board.ways.watch(heed)
    till.board.link.start(moved, till.courier.on_message)


async def serve(till: Till) -> None:
    """What the operator meets, in this order: is the clock right, what became of the last slip, and then the counter."""
    if not till.board.clock.trusted():
        await clock_check(till)
        till.orders.downlink.moved()
    await recovered(till)
    await first_claim(till)
    await selling(till, till.open_cart())


async def together(till: Till, tasks: "dict[str, Coroutine[Any, Any, None]]") -> None:
    """Run the named tasks. None of them may end: the first that does is logged and shown by name, and its exception ends the
    till. The others are dropped where they stand, as a power cut drops them: what is durable stays so."""
    ended = asyncio.Event()
    deaths: list[tuple[str, Exception]] = []

    async def watched(name: str, work: "Coroutine[Any, Any, None]") -> None:
        try:
            await work
            deaths.append((name, RuntimeError(f"the task {name} ended")))
        except Exception as fault:
            deaths.append((name, fault))
        why = deaths[-1][1]
        till.board.log.say("sys", f"switching off: {why}" if isinstance(why, PowerEnds) else f"the task {name} died: {why!r}")
        ended.set()

    running = [asyncio.create_task(watched(name, tasks[name])) for name in sorted(tasks)]
    await ended.wait()
    for task in running:
        task.cancel()
    await farewell(till, deaths[0][0], deaths[0][1])
    raise deaths[0][1]


async def farewell(till: Till, name: str, fault: Exception) -> None:
    """Why the till stops, for as long as it takes to read it; a panel that hangs does not keep it from stopping."""
    board = till.board
    why = goodbye(till, str(fault)) if isinstance(fault, PowerEnds) else fault_screen.died(till.words(), name, repr(fault))
    board.light.set("ready", False)
    board.light.set("alarm", str(fault) != Power.KEY)
    try:
        await asyncio.wait_for(board.screen.show(why), FAULT_MS / 1000)
    except asyncio.TimeoutError:
        board.log.say("ui", "the panel hangs")
    await asyncio.sleep(FAULT_MS / 1000)


async def stop(board: "Board", why: str, screen: "Frame") -> None:
    """The till cannot start: say why, and stay there until the power goes. Raises PowerEnds."""
    board.log.say("cfg", why)
    board.light.set("alarm", True)
    await board.screen.show(screen)
    raise PowerEnds(await board.power.ends())
