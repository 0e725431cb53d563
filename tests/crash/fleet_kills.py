"""The other end is killed under load: one of three brokers, a collector, the primary of PostgreSQL, in turn. Real processes,
real tills but for their panels; what a till counts as acknowledged is in the ledger, once, as it was journaled. On NATS too."""

import asyncio
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from fleet import mosquitto
from fleet.up.nats import Nats
from fleet.up.postgres import Cluster
from sim.ends import Child
from sim.swarm.run import Outcome, Plan, swarm
from sim.swarm.yard import HOST, Yard
from tests.crash.campaign import ALTERED, DOUBLED, LOST, Campaign, Job, Tally, Wrong

SLICE = Plan(8, 20.0, 4.0, kills=("broker", "collector"))
SLICES = (("one", "sqlite", SLICE),)
WHOLE = (
    ("three", "postgres", Plan(60, 40.0, 26.0, kills=("broker", "collector", "primary"))),
    ("nats", "sqlite", Plan(30, 20.0, 12.0, kills=("broker", "collector"))),
)


class Hasty(Yard):
    """The control: its collectors give their word before the COMMIT, and then forget."""

    async def _collector(self) -> Child:
        child = Child("tests.crash.hasty_collector", f"{HOST}:{self.ports[0]}", self.db())
        await child.start()
        return child


class FleetKills(Campaign):
    """A job is a run of a swarm; one at a time, since it wants the machine."""

    name = "fleet_kills"
    unit = "sales"
    size = 1000
    slice = 40
    minutes = 2

    def missing(self) -> str:
        if mosquitto.find() is None:
            return "mosquitto is not here: apt install mosquitto"
        folder = Path(tempfile.mkdtemp(prefix="barrow-look-"))
        try:
            Cluster(folder, 1)
        except OSError as fault:
            return f"{fault}: apt install postgresql"
        finally:
            shutil.rmtree(folder)
        try:
            Nats(folder, 1)
        except OSError as fault:
            return str(fault)
        return ""

    def jobs(self, size: int, seed: int) -> Iterator[Job]:
        yield (seed, size < self.size)

    def work(self, job: Job) -> Tally:
        seed, short = job
        tally = Tally()
        for brokers, database, plan in SLICES if short else WHOLE:
            outcome = lived(plan._replace(seed=seed), brokers, database, Yard)
            tally.tried += len(outcome.score.sold)
            judged = outcome.judged
            for how, count in ((LOST, judged.lost), (DOUBLED, judged.doubled), (ALTERED, judged.altered)):
                for _ in range(count):
                    tally.blame(Wrong(how, f"in a swarm on {brokers} whose fleet was killed"), f"seed {seed}")
            unheard = len(outcome.score.sold) - len(outcome.score.known)
            if unheard:
                tally.blame(Wrong(LOST, f"{unheard} sales on {brokers} were never acknowledged"), f"seed {seed}")
            for what, pause in outcome.score.pauses(outcome.ended):
                tally.facts[f"ms_of_silence_after_the_{what}_of_{brokers}"] = round(pause * 1000)
        return tally

    def controls(self) -> list[str]:
        return ["collectors that give their word before the COMMIT"]

    def caught(self, control: str) -> bool:
        return lived(SLICE._replace(kills=("collector",)), "one", "sqlite", Hasty).judged.lost > 0


def lived(plan: Plan, brokers: str, database: str, yard: type[Yard]) -> Outcome:
    folder = Path(tempfile.mkdtemp(prefix="barrow-kills-"))
    folder.chmod(0o711)  # PostgreSQL runs as a user of its own, and must come through
    collectors = 1 if yard is Hasty else 2
    try:
        return asyncio.run(swarm(plan, yard(folder, brokers, database, collectors), folder, lambda line: None))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
