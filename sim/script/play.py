"""Play a script on a bench, line by line, and say where it failed."""

from collections.abc import AsyncIterator
from typing import NamedTuple

from sim.script.knobs import PowerOn
from sim.script.outcomes import Missed, TooLong
from sim.script.pace import Pace
from sim.script.parse import Script, Step
from sim.world import World

PASSED, FAILED, USAGE, CRASHED, TOO_LONG, ENVIRONMENT, INTERRUPTED = 0, 1, 2, 3, 4, 5, 130


class Played(NamedTuple):
    """One line that was played. code: PASSED, FAILED, CRASHED or TOO_LONG; why: what was there instead."""

    step: Step
    code: int
    why: str


async def play(script: Script, world: World, pace: Pace) -> "AsyncIterator[Played]":
    """Every line's outcome; nothing after the first that is not PASSED. The world is fresh and its power off."""
    for step in (Step(script.name, 1, "use", PowerOn()), *script.steps):
        outcome = await one(step, world, pace)
        yield outcome
        if outcome.code:
            return


async def one(step: Step, world: World, pace: Pace) -> Played:
    try:
        await step.act.run(world, pace)
        await pace.settle()
    except Missed as missed:
        return Played(step, CRASHED if world.crashed else FAILED, str(missed))
    except TooLong as long:
        return Played(step, TOO_LONG, str(long))
    if world.crashed:
        return Played(step, CRASHED, f"the firmware died: {world.crashed!r}")
    return Played(step, PASSED, "")
