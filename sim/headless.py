"""Play .sale scripts in virtual time: `python -m sim --headless FILE…`. Results on stdout, the log on stderr."""

import asyncio
import os
import signal
import sys
import time
from pathlib import Path
from typing import NamedTuple, TextIO

from fleet.ledger import Ledger
from sim.braille import braille
from sim.clock import Stuck, VirtualLoop
from sim.ends import InLoop
from sim.golden import Golden, picture
from sim.script.pace import Virtual
from sim.script.parse import Script, load
from sim.script.play import CRASHED, FAILED, PASSED, TOO_LONG, USAGE, Played, play
from sim.script.tokens import ScriptError
from sim.world import World

REAL_LIMIT_S = 60  # of real time for one line: past it something spins
HOPELESS_S = 600  # for a whole script
LAST_EVENTS = 20


class Options(NamedTuple):
    """golden: folder of the golden pictures. out: where a failing script leaves its picture and journal.
    accept: take today's pictures as golden. echo: where the log goes, None for nowhere."""

    golden: Path = Path("tests/golden")
    out: Path = Path("out")
    accept: bool = False
    echo: TextIO | None = sys.stderr


class Result(NamedTuple):
    """One script's outcome. code: sim.script.play; report: for people; world: as the script left it."""

    name: str
    code: int
    report: str
    world: World


def run_files(paths: "list[Path]", options: Options) -> int:
    """Play every file; print a line each and the counts. The largest code."""
    scripts = []
    for path in paths:
        try:
            scripts.append(load(path))
        except ScriptError as error:
            print(error, file=sys.stderr)
            return USAGE
    results = []
    for script in scripts:
        signal.signal(signal.SIGALRM, lambda *args, name=script.name: spins(name))
        signal.alarm(HOPELESS_S)
        results.append(run_script(script, options))
        print(results[-1].report, flush=True)
    signal.alarm(0)
    passed = sum(result.code == PASSED for result in results)
    print(f"{passed} passed, {len(results) - passed} failed")
    return max(result.code for result in results)


def spins(name: str) -> None:
    """The firmware never lets the loop turn again: nothing can be saved, but the way out can be said."""
    print(f"TOO LONG  {name}: more than {HOPELESS_S} s of real time", flush=True)
    os._exit(TOO_LONG)


def run_script(script: Script, options: Options) -> Result:
    """Play one script in a world of its own."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(_play(script, options))


class Watch:
    """Ends the player when a line takes REAL_LIMIT_S of real time: something runs round and round at one instant.

    It looks between two turns of the loop; run_files has an alarm for what never lets the loop turn."""

    def __init__(self, loop: VirtualLoop) -> None:
        self.player = asyncio.current_task()
        self.struck = False
        self.next_line()
        loop.jumping.now_and_then = self.look

    def next_line(self) -> None:
        self.deadline = time.monotonic() + REAL_LIMIT_S

    def look(self) -> None:
        if self.player and not self.struck and time.monotonic() > self.deadline:
            self.struck = True
            self.player.cancel()


def stuck_after(script: Script, played: "Played | None", why: str) -> Played:
    """The line after the one that was played last is the one that never ended."""
    done = script.steps.index(played.step) + 1 if played and played.step in script.steps else 0
    return Played(script.steps[min(done, len(script.steps) - 1)], TOO_LONG, why)


async def _play(script: Script, options: Options) -> Result:
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualLoop)
    golden = Golden(options.golden / script.name.split(".")[0] / script.setup.lang, options.accept)
    ends = InLoop(Ledger(Path(":memory:")), script.setup.seed)
    world = World(script.setup, ends=ends, golden=golden, echo=options.echo)
    await ends.start()
    started = time.monotonic()
    played = None
    watch = Watch(loop)
    try:
        async for played in play(script, world, Virtual(loop)):
            if played.code:
                return failed(script, world, played, options)
            watch.next_line()
    except Stuck as why:
        return failed(script, world, stuck_after(script, played, str(why)), options)
    except asyncio.CancelledError:
        if not watch.struck or watch.player is None:
            raise
        watch.player.uncancel()
        spun = f"took more than {REAL_LIMIT_S} s of real time"
        return failed(script, world, stuck_after(script, played, spun), options)
    finally:
        await world.close()
    took = f"{loop.time():.1f} s in {time.monotonic() - started:.2f} s"
    return Result(script.name, PASSED, f"ok      {script.name} ({len(script.steps)} lines, {took})", world)


def failed(script: Script, world: World, played: Played, options: Options) -> Result:
    """What went wrong, with the screen and the last events; the picture and the journal go to out/."""
    options.out.mkdir(parents=True, exist_ok=True)
    pages = world.panel.pages()
    picture(pages).resize((512, 256)).save(options.out / f"{script.name}.png")
    (options.out / f"{script.name}.journal").write_text("\n".join(world.journal_text()) + "\n", encoding="utf-8")
    word = {FAILED: "FAILED", CRASHED: "CRASHED", TOO_LONG: "TOO LONG"}[played.code]
    head = f"{word}  {script.name}\n{played.step.file}:{played.step.number}: {played.step.text}\n  {played.why}"
    events = "\n".join(" ".join(event) for event in list(world.events.kept)[-LAST_EVENTS:])
    shown = f"screen {world.frame.id} {world.fields()}"
    return Result(script.name, played.code, f"{head}\n{shown}\n{braille(pages)}\n{events}", world)
