"""Selling: the stall's day at its counter. One act after another, until the power goes.

What each key means on idle, amount and cart is script.md, "Keys"; a key that means nothing sounds the error tone."""

from firmware.flows.change import add_line, not_kept
from firmware.flows.counter import Counter
from firmware.flows.help import help_page
from firmware.flows.hold import held_list, hold
from firmware.flows.lines import back, favourite, open_price, plu, scanned, select, times, typed
from firmware.flows.locked import locked
from firmware.flows.menu import main_menu
from firmware.flows.message import message
from firmware.flows.paid import paid
from firmware.flows.paper_out import NO_PAPER_MS, paper_out
from firmware.flows.reprint import reprint
from firmware.flows.tender import pay, tender
from firmware.sale.cart import Cart
from firmware.ui.ask import confirm, notice, refused
from firmware.ui.hands import SCANNED, Act
from hal.ports.faults import StoreBroken, StoreFull
from hal.ports.keys import SOFT, TENDERS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.till import Till


async def selling(till: "Till", cart: Cart) -> None:
    """cart: what lay on the counter when the till came up. Never returns."""
    counter = Counter(cart)
    while True:
        act = await _next(till, counter)
        counter.back = False
        if not await _do(till, counter, act):
            till.ui.refuse()


async def _next(till: "Till", counter: Counter) -> Act:
    """The next act at the counter. A lock takes no act; an idle counter makes room for what the fleet sent, for notices,
    and for paper_out, once a slip."""
    while True:
        if counter.idle():
            await _take_orders(till, counter)
        await locked(till, counter)
        if till.rollup.lock is not None:
            continue
        if counter.idle():
            await _tell(till, counter)
        news = counter.idle() and counter.news(till)
        act = await _act(till, counter, news)
        if act is not None:
            return act
        if news and not _stopped(till, counter, False):
            await paper_out(till, counter)


async def _take_orders(till: "Till", counter: Counter) -> None:
    """What the fleet has sent, taken into use now that nothing lies here: the next cart is of the shop as it is then."""
    if await till.orders.apply():
        counter.cart = till.cart(None)


async def _act(till: "Till", counter: Counter, news: bool) -> "Act | None":
    """None when something else comes first. news: a slip waits for paper, and has not long to wait for its screen."""
    return await till.ui.act(
        lambda look: counter.frame(till, look),
        holds=counter.holds(),
        until_ms=till.board.clock.now_ms() + NO_PAPER_MS if news else None,
        until=lambda: _stopped(till, counter, not news),
    )


async def _tell(till: "Till", counter: Counter) -> None:
    """What the operator is to read."""
    await till.reminder.look()
    while till.rollup.unread and counter.idle() and till.rollup.lock is None:
        if not await message(till):
            return
    while till.notices and counter.idle():
        await notice(till.ui, till.notices.pop(0), "warn")


def _stopped(till: "Till", counter: Counter, news: bool) -> bool:
    """Something else comes before the next key. news: also a slip that waits for paper."""
    if till.rollup.lock is not None:
        return True
    told = bool(till.notices) or bool(till.rollup.unread) or till.orders.due() or (news and counter.news(till))
    return counter.idle() and told


async def _do(till: "Till", counter: Counter, act: Act) -> bool:
    """One act. False when it means nothing here."""
    name = act.name
    if name in ("UP", "DOWN"):
        return await select(till, counter, name)
    if name == "BACK":
        return await back(till, counter)
    if counter.entry.takes(name):
        return typed(counter, name)
    if name == "TIMES":
        return await times(till, counter)
    if name == "CANCEL":
        return await _cancel(till, counter)
    counter.selected = -1  # any other key ends the selection
    if name == SCANNED:
        return await scanned(till, counter, act.text)
    if name in SOFT:
        return await favourite(till, counter, name)
    if name in TENDERS:
        return await _pay(till, counter, name)
    return await _command(till, counter, name)


async def _command(till: "Till", counter: Counter, name: str) -> bool:
    """The keys that neither type, nor add, nor pay."""
    if name == "PLU":
        return await plu(till, counter)
    if name == "OK":
        return await _ok(till, counter)
    if name == "hold:OK":
        await (held_list(till, counter) if counter.cart.empty() else hold(till, counter))
    elif name == "hold:BACK":
        counter.clear()
    elif name == "MENU":
        await main_menu(till, counter)
    elif name == "hold:MENU":
        await help_page(till)
    elif name == "PRINT" and counter.idle():
        return await reprint(till)
    else:
        return False
    return True


async def _ok(till: "Till", counter: Counter) -> bool:
    """Add the typed price; with nothing typed, go on to be paid."""
    if counter.typing():
        return await open_price(till, counter)
    if counter.cart.empty():
        return False
    if await tender(till, counter):
        await paid(till, counter)
    return True


async def _pay(till: "Till", counter: Counter, key: str) -> bool:
    """A tender key: on an empty cart the typed price becomes a line first; else digits are money given."""
    entry = counter.entry
    if not entry.whole() or (counter.times and not entry) or (counter.times and not counter.cart.empty()):
        return False
    given = entry.amount() if entry else None
    if counter.cart.empty():
        if given is None:
            await refused(till.ui, "zero", 0)
            return True
        if not await add_line(till, counter, lambda cart: cart.add_price(entry.amount(), counter.qty())):
            return True
        given = None
    counter.clear()
    if await pay(till, counter, key, given):
        await paid(till, counter)
    return True


async def _cancel(till: "Till", counter: Counter) -> bool:
    """Step out: of what is typed, of the selection, and, when the operator says so, of the whole cart."""
    if counter.typing():
        counter.clear()
    elif counter.selected >= 0:
        counter.selected = -1
    elif counter.cart.empty():
        return False
    elif await confirm(till.ui, "give_back_all" if counter.cart.legs else "cancel", counter.cart.paid()):
        await clear(till, counter)
    return True


async def clear(till: "Till", counter: Counter) -> None:
    """Nothing lies on the counter, durably."""
    cart = counter.cart
    counter.cart = till.cart(None)
    try:
        await till.keep(counter.cart)
    except (StoreFull, StoreBroken) as fault:
        counter.cart = cart
        await not_kept(till, counter, fault)
