"""A life of the till on the bench, from power on to its end, and what comes after."""

import asyncio
from pathlib import Path

import pytest

from firmware.screens import cart
from fleet.ledger import Ledger
from sim.__main__ import main
from sim.clock import VirtualLoop
from sim.ends import InLoop
from sim.golden import Golden
from sim.setup import Setup
from sim.world import World


@pytest.mark.parametrize("restarts", [True, False])
def test_a_firmware_that_died_is_started_again_where_somebody_watches_it(restarts, tmp_path, monkeypatch):
    """The cart is back: it was journaled before its screen was drawn."""
    draw, seen = cart.frame, []
    faults = iter([ZeroDivisionError("a fault of ours")])

    def dies_once(*args):
        for fault in faults:
            raise fault
        return draw(*args)

    async def story():
        world = World(Setup(restarts=restarts), InLoop(Ledger(":memory:"), 1), Golden(tmp_path), echo=None)
        world.watchers.append(lambda frame: seen.append(frame.id))
        await world.power_on()
        await asyncio.sleep(2)
        world.press("F1")
        await asyncio.sleep(10)
        died = world.crashed
        await world.close()
        return died

    monkeypatch.setattr(cart, "frame", dies_once)
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        died = runner.run(story())
    after = seen[seen.index("fault") + 1 :]
    assert list(dict.fromkeys(after)) == (["off", "boot", "cart"] if restarts else ["off"])
    assert (died is None) == restarts


def test_a_broken_board_json_is_said_in_words(tmp_path, monkeypatch, capsys):
    (tmp_path / "board.json").write_text("{")
    monkeypatch.setattr("sim.rig.CONFIG", tmp_path)
    for how in (["--temp", "--port", "0"], ["--headless", str(Path("sim/scenarios/first-sale.sale"))]):
        monkeypatch.setattr("sys.argv", ["sim", "--quiet", *how])
        assert main() == 5
        assert "cannot start: board.json: does not parse" in capsys.readouterr().err
