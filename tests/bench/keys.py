"""Keys of the everyday flows, as far as they exist, played."""

import tempfile
from pathlib import Path

from tests.bench.figure import Figure
from tests.flows.everyday import BUILT, FLOWS, presses


def measure() -> "list[Figure]":
    with tempfile.TemporaryDirectory() as folder:
        pressed = sum(presses(flow, Path(folder)) for flow in BUILT)
    return [Figure(f"keys.{len(BUILT)}_of_{len(FLOWS)}_flows", pressed, "presses", sum(flow.limit for flow in BUILT))]
