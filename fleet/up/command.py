"""python -m fleet up brokers | nats | postgres FOLDER: the larger engines, until Ctrl-C."""

import argparse
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from fleet.commands import announce
from fleet.up.children import Children
from fleet.up.nats import Nats
from fleet.up.postgres import Cluster
from fleet.up.three import Three


class Engine(Protocol):
    """What they have in common. start raises OSError; watch never returns."""

    children: Children

    def start(self) -> None: ...
    def told(self) -> str: ...
    def watch(self, say: Callable[[str], None]) -> None: ...


ENGINES: dict[str, tuple[Callable[[Path, int], Engine], int]] = {
    "brokers": (Three, 1883),
    "nats": (Nats, 1893),
    "postgres": (Cluster, 5442),
}


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    one = commands.add_parser("up", help="three brokers, three NATS servers, or PostgreSQL with a standby, on loopback")
    one.add_argument("engine", choices=sorted(ENGINES))
    one.add_argument("folder", type=Path, help="where they keep what they keep")
    one.add_argument("--base", type=int, default=0, help="their first port")
    one.set_defaults(run=run)


def run(told: argparse.Namespace) -> int:
    """One line says that they serve. Raises OSError."""
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(0))
    kind, base = ENGINES[told.engine]
    engine = kind(told.folder.absolute(), told.base or base)
    engine.start()
    try:
        announce(engine.told())
        engine.watch(announce)
    finally:
        engine.children.stop()
    return 0
