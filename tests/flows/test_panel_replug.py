"""A panel's plug is pulled a hundred times in a running till: sales go on without it, and its picture is right again."""

import pytest

from hal.draw.pack.load import panel_glyphs
from hal.draw.render import render
from hal.panels import CHIPS
from hal.screen import AGAIN_S
from sim.setup import Setup
from tests.bench.bench_world import with_till

TIMES = 100
GLYPHS = panel_glyphs()


@pytest.mark.parametrize("chip", sorted(CHIPS))
def test_a_panel_that_comes_and_goes_costs_no_sale(chip):
    async def story(bench):
        world = bench.world
        for i in range(TIMES):
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
        assert [int(record["no"]) for record in sales] == list(range(1, TIMES + 1))

    with_till(story, Setup(panel=chip))
