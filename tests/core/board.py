"""A whole till in a hand, for both interpreters: main.run on the devices of tests/core/devices.py, in virtual time.

The configuration is the real one, from config/; the store keeps what was synced and forgets the rest at a cut; the screen
keeps the last frame, the printer its lines."""

import asyncio
import json

from firmware import main
from firmware.journal.desk import Desk
from firmware.journal.journal import Journal
from firmware.journal.rollup import Rollup
from hal.ports.board import Board
from hal.ports.board import Sound as Tones
from hal.ports.keys import Key, Scan
from tests.core import vtime
from tests.core.devices import Chance, Clock, Drawer, Files, Keys, Light, Link, Power, Printer, Screen, Sound, Source
from tests.core.memory_store import QuietLog
from tests.core.sparse_store import SparseStore

AT_S = 1795271520  # 2026-11-21T14:32, UTC
DOWN_MS, HOLD_MS, UP_MS = 60, 1200, 440  # script.md, "Time"


class Bench:
    """One till in a hand. store: hand the same one to the next bench, and it is the same till after a power cut. mirror:
    its second store, stick: its USB stick, if it has one. identity and door: of a till whose brokers want a certificate."""

    def __init__(
        self,
        store=None,
        profile="market",
        changed=None,
        at_s=AT_S,
        trusted=True,
        mirror=None,
        stick=None,
        identity=None,
        door=None,
        keys=None,
    ):
        self.store = store or SparseStore()
        self.store.cut()
        self.mirror, self.stick = mirror, stick
        self.identity, self.claims = identity, door
        if mirror is not None:
            mirror.cut()
        self.clock = Clock(at_s, trusted)
        self.screen, self.printer, self.drawer = Screen(), Printer(), Drawer()
        self.sound, self.light, self.link, self.power = Sound(), Light(), Link(), Power()
        self.pad, self.scanner, self.log = Source(), Source(), QuietLog()
        self.files = Files(profile, changed or {})
        self.keystore = keys or Keys()
        self.died = None

    async def boot(self):
        """Power on, until something beside the boot screen stands."""
        board = Board(
            "STALL-0001", "0.1.0", self.clock, self.files, self.store, self.screen, self.pad, self.scanner, self.printer,
            self.drawer, self.sound, self.light, self.link, self.power, self.log, Chance(), self.keystore,
            self.mirror, self.stick, identity=self.identity, door=self.claims,
        )  # fmt: skip

        async def life():
            try:
                await main.run(board)
            except Exception as fault:
                self.died = fault

        self.life = asyncio.create_task(life())
        await vtime.sleep_ms(10)
        assert self.screen.frame.id != "boot", self.died
        return self

    def edge(self, name, down):
        """A key goes down or up, now."""
        self.pad.post(Key(name, down, vtime.now_ms()))

    async def keys(self, names, pace_ms=DOWN_MS + UP_MS):
        """Press and release each in turn; "hold:OK" is held."""
        for name in names.split():
            held = name.startswith("hold:")
            key = name[5:] if held else name
            self.edge(key, True)
            await vtime.sleep_ms(HOLD_MS if held else DOWN_MS)
            self.edge(key, False)
            await vtime.sleep_ms(UP_MS if held else pace_ms - DOWN_MS)

    async def scan(self, text):
        """The scanner reads it."""
        self.scanner.post(Scan(text, vtime.now_ms()))
        await vtime.sleep_ms(DOWN_MS + UP_MS)

    def see(self, id, **fields):
        """This screen stands, with these fields, as read."""
        frame = self.screen.frame
        seen = {key: frame.fields.get(key) for key in fields}
        assert frame.id == id and seen == fields, (frame.id, frame.fields, id, fields, self.died, self.log.lines[-6:])

    def refused(self):
        """Whether the last tone was the error tone."""
        return self.sound.tones[-1] == Tones.ERROR

    async def journal(self, prefix="main"):
        """What a second reader finds in the store: the journal, and its records, oldest first."""
        journal = Journal(self.store, prefix, Rollup() if prefix == "main" else Desk(), QuietLog())
        await journal.recover()
        return journal, [json.loads(payload) for payload in await journal.payloads(1, 10000, 1 << 30)]

    async def records(self, kind, prefix="main"):
        """The records of one kind."""
        return [record for record in (await self.journal(prefix))[1] if record["kind"] == kind]


def day(story, **setup):
    """Run one story, an async function of a booted bench, in virtual time. The bench, for what comes after."""

    async def whole():
        bench = await Bench(**setup).boot()
        await story(bench)
        assert bench.died is None, bench.died
        return bench

    return vtime.run(whole())
