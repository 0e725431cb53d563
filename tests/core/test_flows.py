"""What an operator does and sees: keys in, frames out, on both interpreters."""

from tests.core.board import day


def test_the_first_sale_of_the_script():
    async def story(till):
        await till.keys("2 TIMES 1 2 PLU")
        await till.scan("5012345678900")
        till.see("cart", total="15.80", lines="2")
        await till.keys("CASH 2 0 00 OK")
        till.see("paid", total="15.80", change="4.20", no="0001")
        sales = await till.records("sale")
        assert [(s["no"], s["total"], s["receipt"]) for s in sales] == [(1, 1580, "auto")]
        assert till.drawer.kicks == 1

    day(story)
