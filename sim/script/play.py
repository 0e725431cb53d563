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
    code, why = PASSED, ""
    try:
        await step.act.run(world, pace)
        await pace.settle()
    except Missed as missed:
        code, why = FAILED, str(missed)
    except TooLong as long:
        code, why = TOO_LONG, str(long)
    died = death(world)
    return Played(step, CRASHED, f"the firmware died: {died}") if died else Played(step, code, why)


def death(world: World) -> str:
    """What the firmware died of, "" while it lives. A dying one says so on the panel for some seconds, and only then is gone."""
    if world.crashed is not None:
        return repr(world.crashed)
    frame = world.frame
    return "; ".join(note.s for note in frame.notes) if frame.id == "fault" and "task" in frame.fields else ""
