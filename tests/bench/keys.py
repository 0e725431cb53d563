"""Keys of the everyday flows, as far as they exist (tests/flows/test_everyday.py plays each)."""

from tests.bench.figure import Figure
from tests.flows.everyday import BUILT, FLOWS


def measure() -> "list[Figure]":
    pressed = sum(flow.presses() for flow in BUILT)
    return [Figure(f"keys.{len(BUILT)}_of_{len(FLOWS)}_flows", pressed, "presses", sum(flow.limit for flow in BUILT))]
