"""A till with two disks, one of which fails: what the operator sees, and that every sale is still once in the journal."""

from hal.ports.faults import StoreBroken
from tests.core.board import day
from tests.core.sparse_store import SparseStore

ERROR = StoreBroken("input/output error")


def test_a_second_disk_that_fails_is_said_once_and_the_till_sells_on():
    async def story(till):
        till.mirror.broken = {"sync main": ERROR}
        await till.keys("F1 CASH OK")
        till.see("paid", no="0001", total="3.50")
        assert till.light.lit["alarm"]
        await till.keys("OK")
        till.see("notice", text="One disk has failed")
        await till.keys("OK")
        till.see("idle")
        await till.keys("F1 CASH OK OK")
        till.see("idle")
        assert till.light.lit["alarm"] and len(await till.records("sale")) == 2

    async def mended(till):
        till.see("idle")
        assert not till.light.lit.get("alarm")
        till.store, till.mirror = till.mirror, till.store
        assert len(await till.records("sale")) == 2, "the second disk has both again"

    bench = day(story, mirror=SparseStore())
    day(mended, store=bench.store, mirror=bench.mirror)


def test_the_notice_never_stands_over_a_sale_in_hand():
    async def story(till):
        await till.keys("F1")
        till.mirror.broken = {"sync desk": ERROR}
        await till.keys("F2")
        till.see("cart", total="6.00", lines="2")
        await till.keys("CASH OK")
        till.see("paid", total="6.00")
        await till.keys("F1")  # a favourite of the next sale? on paid it is the receipt
        await till.keys("OK")
        till.see("notice", text="One disk has failed")
        await till.keys("F2")  # what the operator types next is not swallowed
        till.see("cart", total="2.50")

    day(story, mirror=SparseStore())


def test_a_first_disk_that_goes_on_failing_leaves_the_second_and_the_sale_is_paid():
    async def story(till):
        await till.keys("F1 CASH")
        till.store.broken = {"sync main": ERROR, "write main": ERROR}
        await till.keys("OK")
        till.see("paid", no="0001", total="3.50")
        assert till.light.lit["alarm"]
        till.store = till.mirror
        assert len(await till.records("sale")) == 1

    day(story, mirror=SparseStore())


def test_both_disks_failing_is_in_doubt_until_one_answers():
    async def story(till):
        await till.keys("F1 CASH")
        till.store.broken = {"synced main": ERROR, "create main": ERROR, "read main": ERROR}
        till.mirror.broken = {"sync main": ERROR, "create main": ERROR, "read main": ERROR}
        await till.keys("OK")
        till.see("notice", text="IN DOUBT")
        assert till.light.lit["alarm"]
        await till.keys("OK")
        till.see("notice", text="IN DOUBT")
        till.store.broken = till.mirror.broken = {}
        await till.keys("OK")
        till.see("paid", no="0001", total="3.50")
        assert not till.light.lit["alarm"] and len(await till.records("sale")) == 1

    day(story, mirror=SparseStore())
