"""A small board in the dialect: the ports of a till as one can hold them in a hand, for both interpreters.

The store keeps what was synced and forgets the rest at a cut; the configuration is the real one, from config/; the screen
keeps the last frame, the printer its lines. Time is tests/core/vtime.py."""

import asyncio
import json

from firmware import main
from firmware.journal.desk import Desk
from firmware.journal.journal import Journal
from firmware.journal.rollup import Rollup
from hal.ports import board as ports
from hal.ports.faults import ConfigFault, LinkDown, StoreBroken
from hal.ports.frame import Frame
from hal.ports.keys import Key, LinkMoved, Scan
from hal.ports.slip import Line
from tests.core import vtime
from tests.core.memory_store import QuietLog

AT_S = 1795271520  # 2026-11-21T14:32, UTC
DOWN_MS, HOLD_MS, UP_MS = 60, 1200, 440  # script.md, "Time"
SECTOR, BLOCK = 512, 16384  # small blocks all over MicroPython's heap would leave no room for a large one


class SparseStore(ports.Store):
    """Files of zeros that take room only where they are written: two 4 MiB segments fit into MicroPython's 2 MiB heap.

    broken: {"write main": fault} is raised each time, before it does a thing, until it is taken out. A broken sync loses
    what it was to write, as Linux does; "synced" is one that did its work and then failed."""

    def __init__(self):
        self.files = {}  # name -> (size, {block number: bytes})
        self.waiting = []  # (name, offset, data)
        self.broken = {}
        self.after_sync = None  # called with the file's name

    def _may(self, word, name):
        fault = self.broken.get(word + " " + name.split("-")[0])
        if fault is not None:
            raise fault
        if word != "create" and name not in self.files:
            raise StoreBroken(name + ": there is no such file")

    async def names(self):
        return sorted(self.files)

    async def size(self, name):
        return self.files[name][0]

    async def create(self, name, size):
        self._may("create", name)
        self.files[name] = (size, {})

    async def read_into(self, name, offset, buf):
        self._may("read", name)
        size, blocks = self.files[name]
        count = min(len(buf), size - offset)
        at = 0
        while at < count:
            block, skip = (offset + at) // BLOCK, (offset + at) % BLOCK
            part = min(BLOCK - skip, count - at)
            data = blocks.get(block)
            buf[at : at + part] = data[skip : skip + part] if data is not None else bytes(part)
            at += part
        return count

    async def write(self, name, offset, data):
        self._may("write", name)
        assert offset + len(data) <= self.files[name][0]
        self.waiting.append((name, offset, bytes(data)))

    async def sync(self, name):
        mine = [write for write in self.waiting if write[0] == name]
        self.waiting = [write for write in self.waiting if write[0] != name]
        self._may("sync", name)
        for _, offset, data in mine:
            for at in range(len(data)):
                self._block(name, offset + at)[(offset + at) % BLOCK] = data[at]
        self._may("synced", name)
        if self.after_sync is not None:
            self.after_sync(name)

    def _block(self, name, offset):
        blocks = self.files[name][1]
        if offset // BLOCK not in blocks:
            blocks[offset // BLOCK] = bytearray(BLOCK)
        return blocks[offset // BLOCK]

    def flip(self, name, offset):
        """One bit of the medium turns over."""
        self._block(name, offset)[offset % BLOCK] ^= 1

    async def remove(self, name):
        self._may("remove", name)
        del self.files[name]

    def cut(self):
        """The power goes: what was not synced is gone."""
        self.waiting = []
        self.broken = {}
        self.after_sync = None


class Clock(ports.Clock):
    def __init__(self, at_s, trusted=True):
        self.at_s, self.vouched = at_s, trusted

    def now_ms(self):
        return vtime.now_ms()

    def utc_s(self):
        return self.at_s + vtime.now_ms() // 1000

    def offset_s(self):
        return 0

    def trusted(self):
        return self.vouched

    def set(self, utc_s):
        self.at_s, self.vouched = utc_s - vtime.now_ms() // 1000, True


def read(path):
    """A whole file."""
    with open(path, "rb") as file:
        return file.read()


class Files(ports.Files):
    """config/ on disk. changed: {file: what to put over its top keys}; a string stands for the whole file."""

    def __init__(self, profile, changed):
        self.profile, self.changed = profile, changed

    async def read(self, name):
        change = self.changed.get(name)
        if isinstance(change, str):
            return change.encode()
        path = "config/" + ("profiles/" + self.profile + name[7:] if name.startswith("profile/") else name)
        try:
            data = read(path)
        except OSError:
            raise ConfigFault(name, "", "is not there") from None
        return json.dumps(json.loads(data) | change).encode() if change else data


class Screen(ports.Screen):
    def __init__(self):
        self.frame = Frame("off", {})
        self.ids = []

    async def show(self, frame):
        if not self.ids or self.ids[-1] != frame.id:
            self.ids.append(frame.id)
        self.frame = frame


class Source:
    """Keys and scanner."""

    def start(self, post):
        self.post = post


class Printer(ports.Printer):
    """paper: what status answers. lines: what came out, words apart by single spaces."""

    def __init__(self):
        self.paper = ports.Printer.OK
        self.lines = []

    async def status(self):
        return self.paper

    async def print(self, block):
        for element in block:
            if isinstance(element, Line):
                self.lines.append((element.left + " " + element.right).strip())


class Drawer(ports.Drawer):
    kicks = 0

    def kick(self):
        self.kicks += 1


class Sound(ports.Sound):
    def __init__(self):
        self.tones = []

    def tone(self, name):
        self.tones.append(name)


class Light(ports.Light):
    def __init__(self):
        self.lit = {}

    def set(self, lamp, on):
        self.lit[lamp] = on


class Link(ports.Link):
    """A line that one can raise, with no broker behind it."""

    def start(self, post, on_message):
        self.post = post

    def raise_line(self):
        self.state, self.name, self.bars = "line", "wifi", 3
        self.post(LinkMoved())

    async def connect(self, client_id, subscribe, will_topic, will, keepalive_s):
        raise LinkDown("nobody there")

    async def disconnect(self):
        self.state = "off"


class Power(ports.Power):
    level = 78

    def battery(self):
        return self.level


class Chance(ports.Random):
    def below(self, n):
        return n // 2


class Bench:
    """One till in a hand. store: hand the same one to the next bench, and it is the same till after a power cut."""

    def __init__(self, store=None, profile="market", changed=None, at_s=AT_S, trusted=True):
        self.store = store or SparseStore()
        self.store.cut()
        self.clock = Clock(at_s, trusted)
        self.screen, self.printer, self.drawer = Screen(), Printer(), Drawer()
        self.sound, self.light, self.link, self.power = Sound(), Light(), Link(), Power()
        self.pad, self.scanner, self.log = Source(), Source(), QuietLog()
        self.files = Files(profile, changed or {})
        self.died = None

    async def boot(self):
        """Power on, until something beside the boot screen stands."""
        board = ports.Board(
            "STALL-0001", "0.1.0", self.clock, self.files, self.store, self.screen, self.pad, self.scanner, self.printer,
            self.drawer, self.sound, self.light, self.link, self.power, self.log, Chance(),
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
        return self.sound.tones[-1] == ports.Sound.ERROR

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
