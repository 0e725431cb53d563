"""Between the till's journal and the ledger: proxies that delay, split, go dark, die one way and reset; a broker that loses,
doubles and reorders; brokers, collectors and databases that die at the wrong moment; clocks that jump; weeks away; clones."""

import logging
from collections.abc import Iterator
from typing import Any

from sim.clock import run
from tests.crash.campaign import Campaign, Job, Tally, Wrong
from tests.sync.chaos import bad_life, one_key_twice
from tests.sync.test_exactly_once import AcksTooEarly, TrustsPuback

SALES, CLONES_SALES = 100, 40  # of a job
CLONES = 5  # every so many jobs it is two tills with one key
CONTROL_SEEDS = 8


def book_again(ledger: Any) -> None:
    """The last sale once more, under the next seq."""
    columns = "terminal, kind, no, payload, received_at, total, currency, at"
    ledger.db.execute(
        f"INSERT INTO frames(seq, {columns}) SELECT seq + 1000, {columns} FROM frames WHERE kind = 'sale' ORDER BY seq LIMIT 1"
    )


def alter(ledger: Any) -> None:
    ledger.db.execute("UPDATE frames SET payload = payload || ' ' WHERE seq = 3")


DEFECTS: dict[str, dict[str, Any]] = {
    "a collector that acknowledges before its COMMIT": {"collector": AcksTooEarly},
    "a courier that trusts the broker's PUBACK": {"courier": TrustsPuback},
    "a ledger that books a sale twice": {"spoil": book_again},
    "a ledger that alters a record": {"spoil": alter},
}


class SyncChaos(Campaign):
    """A job is a stall of 100 sales, or two tills with one key and 40."""

    name = "sync_chaos"
    unit = "sales"
    size = 20_000
    slice = 200
    minutes = 3

    def jobs(self, size: int, seed: int) -> Iterator[Job]:
        job = seed * 1_000_000
        while True:
            yield (job,)
            job += 1

    def work(self, job: Job) -> Tally:
        (seed,) = job
        clones, tally = seed % CLONES == CLONES - 1, Tally()
        logging.disable()  # asyncio's word on tasks that were ended in the middle
        try:
            sold, trouble = run(one_key_twice(seed, CLONES_SALES) if clones else bad_life(seed, SALES))
            tally.tried = sold
            tally.facts = {"clones": int(clones), "lives": int(not clones)}
            for proxy in [*trouble.proxies, trouble.fleet.proxy]:
                for fate, times in proxy.struck.items():
                    tally.facts[fate] = tally.facts.get(fate, 0) + times
            del tally.facts["none"]
        except Wrong as wrong:
            tally.tried = 1
            tally.blame(wrong, f"seed {seed}")
        return tally

    def controls(self) -> list[str]:
        return list(DEFECTS)

    def caught(self, control: str) -> bool:
        logging.disable()
        for seed in range(CONTROL_SEEDS):
            try:
                run(bad_life(seed, SALES // 2, **DEFECTS[control]))
            except Wrong:
                return True
        return False
