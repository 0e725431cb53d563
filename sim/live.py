"""`make run`: the till on virtual chips, its broker and its fleet as processes of their own, and the page in a browser."""

import argparse
import asyncio
import signal
import tempfile
from datetime import datetime
from pathlib import Path
from typing import TextIO

from sim.ends import Processes
from sim.fittings import PARTS
from sim.golden import Golden
from sim.loopback import free_port
from sim.script.play import ENVIRONMENT, PASSED
from sim.setup import Setup, profile_folder
from sim.state import Locked, State, home
from sim.web.app import Page
from sim.world import World


def live(args: argparse.Namespace, echo: TextIO | None) -> int:
    """Until Ctrl-C. The exit code: 5 when another bench holds the state, or nothing could be started."""
    if not (profile_folder(args.profile) / "merchant.json").is_file():
        print(f"there is no profile {args.profile}: it would be {profile_folder(args.profile)}/merchant.json")
        return ENVIRONMENT
    with tempfile.TemporaryDirectory(prefix="barrow-") as scratch:
        folder = Path(scratch) if args.temp else home() / profile_folder(args.profile).name
        try:
            state = State(folder)
        except Locked as locked:
            print(f"{locked}; close it, or use --temp")
            return ENVIRONMENT
        if args.erase:
            state.erase()
        try:
            asyncio.run(serve(args, state, echo))
        except OSError as error:
            print(f"cannot start: {error}")
            return ENVIRONMENT
        finally:
            state.close()
    return PASSED


async def serve(args: argparse.Namespace, state: State, echo: TextIO | None) -> None:
    now = datetime.now().replace(microsecond=0)
    setup = Setup(args.profile, args.lang, at=now, **{part: getattr(args, part) for part in PARTS})
    setup.restarts, setup.strict = True, False
    setup.disk, setup.mirror, setup.stick = state.disk, state.mirror, state.stick
    ends = Processes(free_port(), state.ledger)
    world = World(setup, ends, Golden(Path("out/live")), echo)
    page = Page(world, args.port)
    try:
        await ends.start()
        await world.power_on()
        print(f"the till      {page.url}")
        print(f"its ledger    .venv/bin/python -m fleet sales --db {state.ledger}")
        print("Ctrl-C ends it; sales are kept", "nowhere" if args.temp else f"in {state.folder}", flush=True)
        await stopped()
    finally:
        await page.close()
        await world.close()


async def stopped() -> None:
    """Until somebody asks us to stop."""
    asked = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(name, asked.set)
    await asked.wait()
