"""Three weeks of sales that come home over a carrier which is lost every two seconds: each row once, chain whole.

In virtual time, over TLS, at the modem: two seconds after its line is there the cell is gone, with all that was under way, and
back a moment later; then the modem has to find it again (1 s) and the till to call again."""

import asyncio
import tempfile
from functools import partial
from itertools import zip_longest
from pathlib import Path
from typing import NamedTuple

from firmware.journal.codec import GENESIS, chain
from fleet import sign
from fleet.collector import Collector
from sim.clock import run
from tests.bench.air_backlog import LATENCY_MS, RATE
from tests.bench.air_stand import Behind, Door, again, until
from tests.bench.figure import Figure
from tests.sync.air import TILL, Certified
from tests.sync.certificates import Authority
from tests.sync.stack import Fleet

SALES = 10_500
CARRIER_S, GONE_S = 2.0, 0.1
LIMIT_S = 600


class Seen(NamedTuple):
    """took_s: until all was acknowledged. drops: of the carrier. wrong: rows that the ledger has not, has twice, or has
    otherwise than the till journaled them. calls, resumed: TLS handshakes, and those that were short. carried: bytes."""

    took_s: float
    drops: int
    wrong: int
    calls: int
    resumed: int
    carried: int


class Carrier:
    """Comes and goes. drops: so far."""

    def __init__(self, stall: Behind, stays_s: float) -> None:
        self.stall = stall
        self.stays_s = stays_s
        self.drops = 0

    async def run(self) -> None:
        line, chip = self.stall.net, self.stall.chip
        while True:
            await until(lambda: line.state == "line", LIMIT_S)
            await asyncio.sleep(self.stays_s)
            chip.drop()
            self.drops += 1
            await until(lambda: line.state == "off", LIMIT_S)
            await asyncio.sleep(GONE_S)
            chip.restore()


async def story(folder: Path, records: "list[dict]", maker: str, stays_s: float) -> Seen:
    loop, key = asyncio.get_running_loop(), sign.seeded(1)
    fleet = Fleet(partial(Collector, sign=key.sign))
    authority = Authority(folder)
    door = Door(authority, fleet.dial)
    stall = Behind(fleet, door, Certified(authority.file, *authority.till(TILL)), maker, key=key.public)
    stall.chip.rate, stall.chip.latency = RATE, LATENCY_MS / 2000
    fleet.up()
    await stall.wake()
    await stall.journal(*records)
    await until(lambda: stall.life.courier.online)
    carrier = Carrier(stall, stays_s)
    dropping = asyncio.create_task(carrier.run())
    began, courier, desk = loop.time(), stall.life.courier, stall.life.desk
    courier.wake()
    await until(lambda: desk.acked["to"] >= len(records), LIMIT_S)
    took, to = loop.time() - began, desk.acked["to"]
    dropping.cancel()
    booked, mine = fleet.booked(), await stall.life.journal.payloads(1, to, 1 << 40)
    wrong = sum(one != other for one, other in zip_longest(booked[:to], mine))
    assert chain_of(booked[:to]) == await stall.life.journal.hash_at(to), "the chain is not whole"
    assert not fleet.ledger.quarantined() and not courier.trouble and not fleet.broker.violations
    stall.close()
    return Seen(took, carrier.drops, wrong, door.calls, door.resumed, stall.carried)


def chain_of(payloads: "list[bytes]") -> bytes:
    h = GENESIS
    for payload in payloads:
        h = chain(h, payload)
    return h


def weeks(records: "list[dict]", maker: str = "quectel", stays_s: float = CARRIER_S) -> Seen:
    """All of them, made while there was no line. stays_s: how long the carrier does."""
    with tempfile.TemporaryDirectory() as folder:
        return run(story(Path(folder), records, maker, stays_s))


def measure(records: "list[dict]") -> "list[Figure]":
    made, found = again(records, SALES), []
    for maker in ("quectel", "simcom"):
        said = "" if maker == "quectel" else f"_{maker}"
        seen, peer = weeks(made, maker), weeks(made, maker, stays_s=LIMIT_S)
        took = round(peer.took_s, 1)
        found.append(Figure(f"air.weeks_offline{said}_s", seen.took_s, "s", LIMIT_S, "a carrier that stays", took))
        found.append(Figure(f"air.weeks_offline{said}_wrong", seen.wrong, "rows", 0, "drops of the carrier", seen.drops))
    return found
