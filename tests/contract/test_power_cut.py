"""A power cut runs nothing: what a `finally` of the firmware writes must not be found on any chip."""

import asyncio

from sim.clock import run
from sim.power import Power, gated, own_tasks


class Paper:
    """A port that keeps what it is told."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    async def write(self, line: str) -> None:
        await asyncio.sleep(0.01)
        self.lines.append(line)

    def beep(self) -> None:
        self.lines.append("beep")


async def firmware(paper: Paper, waits: "asyncio.Event") -> None:
    async def helper() -> None:
        try:
            await waits.wait()
        finally:
            paper.beep()

    child = asyncio.create_task(helper())
    try:
        await paper.write("before")
        await asyncio.sleep(100)
        await child
    finally:
        await paper.write("from finally")


def lines_after(cut_at: float, gate: bool) -> list[str]:
    async def main() -> list[str]:
        own_tasks(asyncio.get_running_loop())
        power, paper = Power(), Paper()
        task = power.start(firmware(gated(paper, power) if gate else paper, asyncio.Event()))
        await asyncio.sleep(cut_at)
        power.cut()
        await asyncio.sleep(1000)
        assert task.done() and not power.tasks
        return paper.lines

    return run(main())


def test_a_finally_reaches_nothing_after_the_cut():
    assert lines_after(cut_at=1.0, gate=True) == ["before"]


def test_a_call_that_was_under_way_never_returns():
    assert lines_after(cut_at=0.005, gate=True) == []


def test_without_the_gate_the_finally_would_write():
    """The control: dropping the tasks alone is not a power cut."""
    assert lines_after(cut_at=1.0, gate=False) == ["before", "beep", "from finally"]
