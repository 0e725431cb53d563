"""A panel's plug is pulled a hundred times in a running till: sales go on without it, and its picture is right again."""

import pytest

from hal.draw.pack.load import panel_glyphs
from hal.draw.render import render
from hal.screen import AGAIN_S
from sim.setup import Setup
from tests.bench.bench_world import with_till

GLYPHS = panel_glyphs()


@pytest.mark.parametrize(("chip", "times"), [("ssd1309", 100), ("ssd1322", 25)])
def test_a_panel_that_comes_and_goes_costs_no_sale(chip, times):
    async def story(bench):
        world = bench.world
        for i in range(times):
            world.panel.unplug(after_bytes=(0, 1, 40, 300)[i % 4])
            await bench.keys("F1", "CASH")
            world.panel.plug()
            if chip == "ssd1322":  # on SPI nobody can tell; another screen brings it back, after a while
                await bench.pace.sleep(int(AGAIN_S * 1000))
            await bench.keys("OK")
            assert world.frame.id == "paid"
            assert world.panel.pages() == bytes(render(world.frame, GLYPHS, width=world.panel.width)), i
            await bench.keys("OK")
        assert world.frame.id == "idle" and world.panel.errors == []
        sales = [record for record in world.journal_fields() if record["kind"] == "sale"]
        assert [int(record["no"]) for record in sales] == list(range(1, times + 1))

    with_till(story, Setup(panel=chip))
