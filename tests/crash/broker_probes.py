"""The attacker's list against a real mosquitto as fleet/deploy has it, again and again in another order each time: what one
probe leaves behind must not help the next. `altered` counts what was delivered or booked that must not be, or was cut off."""

import random
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from fleet import mosquitto
from tests.crash.campaign import ALTERED, Campaign, Job, Tally, Wrong
from tests.sync.field import Field
from tests.sync.probes import PROBES


class BrokerProbes(Campaign):
    """A case is one probe. A control is the same probe against a mosquitto without our rules, where it must get through."""

    name = "broker_probes"
    unit = "probes"
    size = 20 * len(PROBES)
    slice = 0  # tests/sync/test_probes.py is each of them once
    minutes = 2

    def missing(self) -> str:
        return "" if mosquitto.find() else "mosquitto is not here: apt install mosquitto"

    def jobs(self, size: int, seed: int) -> Iterator[Job]:
        for turn in range(-(-size // len(PROBES))):
            yield (seed * 1000 + turn,)

    def work(self, job: Job) -> Tally:
        tally, order = Tally(), list(PROBES)
        random.Random(job[0]).shuffle(order)
        with tempfile.TemporaryDirectory() as folder, closing(Field(Path(folder))) as field:
            for probe in order:
                tally.tried += 1
                passed = probe.act(field)
                if passed:
                    tally.blame(Wrong(ALTERED, f"{probe.name}: {passed}"), f"order {job[0]}")
        return tally

    def controls(self) -> list[str]:
        return [probe.name for probe in PROBES if probe.open]

    def caught(self, control: str) -> bool:
        (probe,) = [probe for probe in PROBES if probe.name == control]
        with tempfile.TemporaryDirectory() as folder, closing(Field(Path(folder), open_house=True)) as field:
            return probe.act(field) != ""
