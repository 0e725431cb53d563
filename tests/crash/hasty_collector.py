"""The control of fleet_kills, as a process: a collector that gives its word and books later, if it lives that long.

python -m tests.crash.hasty_collector HOST:PORT DB"""

import asyncio
import sys
from typing import Any

from firmware.sync import wire
from fleet.clerk import Clerk, Message
from fleet.collector import Collector
from fleet.dial import dialler
from fleet.ledger import Ledger


class Hasty(Clerk):
    """Later never comes."""

    def _batch(self, booking: Any, terminal: str, sheet: Any, genuine: bool) -> list[Message]:
        return [(wire.topic(terminal, wire.DN_ACK), wire.ack(sheet.batch.last, sheet.batch.head))]


class HastyCollector(Collector):
    mind = Hasty


def main() -> None:
    host, port = sys.argv[1].split(":")
    collector = HastyCollector(Ledger(sys.argv[2]), lambda: 0)
    asyncio.run(collector.run(dialler(host, int(port)), lambda: print("collecting", flush=True)))


main()
