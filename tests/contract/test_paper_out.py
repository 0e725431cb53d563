"""Paper that ends inside a slip: the print task of the firmware, the real driver and a virtual roll, together."""

import asyncio
from types import SimpleNamespace

import pytest

from hal.ports.board import Printer
from tests.contract.nodes import through_nodes
from tests.contract.printing import driven, print_task, printed, receipt
from tests.contract.wires import wait_ms


@pytest.mark.parametrize("keeps", [True, False])
def test_paper_that_ends_anywhere_loses_no_line(keeps):
    """The whole chain: the print task, the driver and a roll that ends after every few millimetres."""
    blocks = receipt(20)
    whole = [line for block in blocks for line in printed(block).text()]

    async def story(driver, chip, end_mm):
        slip = SimpleNamespace(blocks=blocks)
        task_paper = print_task(driver, slip)
        chip.left_mm = end_mm
        running = asyncio.create_task(task_paper.run())
        task_paper.submit({"no": 1})
        await wait_ms(8000)
        assert task_paper.waiting is not None and task_paper.waiting.why == Printer.OUT
        chip.paper = "ok"
        await wait_ms(10_000)
        assert task_paper.waiting is None
        came, at = chip.text(), 0
        for line in whole:  # every line, in order; some twice
            at = came.index(line, at) + 1
        assert len(came) <= len(whole) + 7
        # a printer that forgets its buffer may print the end of a line that was on the wire just then
        odd = [line for line in came if line not in whole]
        assert len(odd) <= (0 if keeps else 1)
        for rest in odd:
            assert any(line.endswith(rest.strip()) for line in whole)
        running.cancel()

    for end_mm in range(2, 72, 20 if through_nodes() else 5):
        driven(lambda driver, chip, end_mm=end_mm: story(driver, chip, end_mm), keeps=keeps, baud=9600)
