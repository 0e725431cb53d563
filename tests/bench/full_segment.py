"""Fill one segment of 4 MiB with sales, then boot from it five times; prints the fastest in milliseconds. Either interpreter:
python tests/bench/full_segment.py, or MICROPYPATH=.frozen:. micropython -X heapsize=24M tests/bench/full_segment.py."""

import asyncio
import gc
import sys
import time

sys.path.insert(0, ".")

from firmware.journal.journal import Journal
from firmware.journal.rollup import Rollup
from tests.core.memory_store import MemoryStore, QuietLog

LINE = {"code": "11", "names": {"en": "Coffee"}, "price": 350, "qty": 1000, "total": 350, "rate": "standard"}
TAX = {"rate": "standard", "bp": 2000, "mode": "included", "net": 292, "tax": 58}
LEG = {"tender": "cash", "amount": 350, "given": 350, "change": 0}


def now_ms():
    """Milliseconds, as each interpreter tells them."""
    if hasattr(time, "perf_counter"):
        return time.perf_counter() * 1000
    return time.ticks_us() / 1000  # type: ignore[attr-defined]  # MicroPython's


class Fast(MemoryStore):
    """Writes are there at once: this measures the way back."""

    async def write(self, name, offset, data):
        self.synced[name][offset : offset + len(data)] = data

    async def sync(self, name):
        return


def sale(no):
    """One coffee."""
    body = {"at": 1795270000 + no * 60, "off": 0, "trusted": True, "cur": "GBP", "lines": [LINE], "total": 350, "tax": [TAX]}
    body.update({"rounding": 0, "legs": [LEG], "receipt": "auto", "no": no})
    return body


async def main():
    store = Fast()
    journal = Journal(store, "main", Rollup(), QuietLog())
    await journal.recover()
    no = 0
    while journal._live.left >= 2048:
        no += 1
        await journal.append("sale", no, sale(no))
    took = []
    for _ in range(5):
        gc.collect()
        journal = Journal(store, "main", Rollup(), QuietLog())
        before = now_ms()
        found = await journal.recover()
        took.append(now_ms() - before)
        assert (journal.seq, found.frames) == (no, no)
    print(min(took))


asyncio.run(main())
