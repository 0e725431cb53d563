"""The power goes after any sync of a story, or just before it: goods are on the counter, held, or sold, and never twice."""

from tests.core import vtime
from tests.core.board import Bench, day


def cut(keys, at, synced):
    """Keys until the power goes at sync number `at`, which was done or was not. (The store, whether it came to that)"""

    async def whole():
        till = await Bench().boot()
        sync, seen = till.store.sync, []

        async def counted(name):
            seen.append(name)
            if len(seen) == at and synced:
                await sync(name)
            if len(seen) >= at:
                await vtime.sleep_ms(1 << 28)
            await sync(name)

        till.store.sync = counted
        await till.keys(keys)
        till.store.sync = sync
        return till.store, len(seen) >= at

    return vtime.run(whole())


def goods_after_every_cut(keys):
    """What is found after each cut, as (lines open, lines held, lines sold)."""
    found = []
    for synced in (False, True):
        at, more = 1, True
        while more:
            store, more = cut(keys, at, synced)
            day(lambda till, at=at: counted(till, found), store=store)
            at += 1
    return found


async def counted(till, found):
    if till.screen.frame.id == "recovered":
        await till.keys("CANCEL")
    here = till.screen.frame.fields.get("lines", "0") if till.screen.frame.id == "cart" else "0"
    sold = sum(len(sale["lines"]) for sale in await till.records("sale"))
    held = 0
    if here == "0":
        await till.keys("MENU 5 1")
        if till.screen.frame.id == "cart":
            held = int(till.screen.frame.fields["lines"])
    found.append((int(here), held, sold))


def test_a_sale_is_in_the_cart_or_in_the_journal():
    found = goods_after_every_cut("F1 F2 CASH OK OK")
    assert {sum(each) for each in found} == {0, 1, 2}
    assert (2, 0, 0) in found and (0, 0, 2) in found
    assert all(sold in (0, 2) and (not sold or not here) for here, _, sold in found), found


def test_a_part_paid_sale_too():
    found = goods_after_every_cut("F1 1 00 CASH CASH OK OK")
    assert all(here + sold <= 1 for here, _, sold in found) and found.count((0, 0, 1)) > 1, found


def test_a_parked_cart_is_in_one_place():
    found = goods_after_every_cut("F1 hold:OK MENU 5 1 hold:OK")
    assert all(here + held <= 1 for here, held, _ in found), found
    assert (1, 0, 0) in found and (0, 1, 0) in found
    # once the first line is durable it is never nowhere
    assert found.count((0, 0, 0)) == 1, found
