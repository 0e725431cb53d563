"""A .sale script played on the page at the pace of a hand, on a bench of its own: the till's day is not touched."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fleet.ledger import Ledger
from sim.ends import InLoop
from sim.golden import Golden
from sim.script.pace import Real
from sim.script.parse import Script, parse
from sim.script.play import PASSED, play
from sim.script.tokens import ScriptError
from sim.world import World

SCENARIOS = Path(__file__).parents[1] / "scenarios"
GOLDEN = Path("tests/golden")


class Replay:
    """One run of a script. told: what the page shows of it; state is running, passed, failed, wrong (cannot run), halted.

    at: the line in hand, from 1."""

    def __init__(self, name: str, text: str) -> None:
        self.name = name or "pasted"
        self.text = text
        self.task: asyncio.Task[None] | None = None
        self.told: dict[str, Any] = {"lines": text.splitlines(), "at": 1, "state": "running", "why": ""}

    def tell(self, **fields: Any) -> None:
        self.told = self.told | fields

    def read(self) -> Script | None:
        """The script; None when it cannot be run, and told says why."""
        try:
            return parse(self.name, self.name, self.text, SCENARIOS)
        except ScriptError as error:
            line = str(error).split(":")[1]
            self.tell(state="wrong", why=str(error), at=int(line) if line.isdecimal() else 1)
            return None

    async def play(self, script: Script, world: World, wake: Callable[[], None]) -> None:
        """To its end or its first failure. wake() is called when told has changed."""
        numbers = [step.number if step.file == self.name else 0 for step in script.steps]
        self.tell(at=numbers[0] if numbers else 1)
        try:
            done = 0
            wake()
            async for played in play(script, world, Real()):
                if played.code != PASSED:
                    self.tell(state="failed", why=played.why)
                    return
                done += 1
                if done < len(numbers) and numbers[done]:
                    self.tell(at=numbers[done])
                    wake()
            self.tell(state="passed", at=len(self.told["lines"]) + 1)
        except asyncio.CancelledError:
            self.tell(state="halted")
            raise
        finally:
            wake()


async def bench_for(script: Script) -> World:
    """A fresh till for a script, its power off, with a fleet of its own."""
    ends = InLoop(Ledger(Path(":memory:")))
    world = World(script.setup, ends, Golden(GOLDEN / script.name / script.setup.lang), echo=None)
    await ends.start()
    return world


def scenarios() -> list[str]:
    """The scripts that can be chosen, by name, the one for beginners first."""
    names = [path.name.removesuffix(".sale") for path in SCENARIOS.glob("*.sale")]
    return sorted(names, key=lambda name: (not name.startswith("first-sale"), name))
