"""python -m tests.fleet.mortal PORT DB late|early GROUPS: a collector that is killed at its last group of batches.

late: after COMMIT, before anybody is told. early: the control, which tells first and commits after, and is killed between."""

import asyncio
import os
import signal
import sys
import time

from firmware.sync import wire
from fleet.clerk import Clerk
from fleet.collector import Collector
from fleet.dial import dialler
from fleet.intake import SHARE, STATE
from fleet.ledger import Ledger


class Hasty(Clerk):
    """What it would answer, without a COMMIT."""

    def handle(self, messages):
        told = []
        try:
            with self.ledger.db.transaction():
                told = super().handle(messages)
                raise InterruptedError
        except InterruptedError:
            return told


class Mortal(Collector):
    def __init__(self, mode, groups, *args, **kwargs):
        self.mode, self.groups = mode, groups
        super().__init__(*args, **kwargs)
        self.hasty = Hasty(self.ledger, self.clerk.now, self.log, None)

    async def _handled(self, messages):
        if any(topic.endswith(wire.UP_BATCH) for topic, _ in messages):
            self.groups -= 1
            if not self.groups:
                if self.mode == "late":
                    await super()._handled(messages)
                else:
                    for told in self.hasty.handle(messages):
                        self.intake.clients[0].say(told)
                    await asyncio.sleep(0.1)  # until the socket has it
                os.kill(os.getpid(), signal.SIGKILL)
        return await super()._handled(messages)


def main(port, db, mode, groups):
    collector = Mortal(mode, groups, Ledger(db), lambda: int(time.time()), name=f"mortal-{os.getpid()}", shared=True)
    asyncio.run(collector.run(dialler("127.0.0.1", port), lambda: print("collecting", SHARE, STATE, flush=True)))


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4]))
