"""The devices of a till as one can hold them in a hand: each does what its port says, and remembers it. In the dialect."""

import hashlib
import json

from hal.ports import board as ports
from hal.ports.faults import ConfigFault, LinkDown
from hal.ports.frame import Frame
from hal.ports.keys import LinkMoved
from hal.ports.slip import Line
from tests.core import vtime


class Clock(ports.Clock):
    """at_s: UTC when the virtual clock shows 0. vouched: trusted."""

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


def texts(frame):
    """Every text of a frame."""
    rows = (frame.rows or []) + ([frame.foot] if frame.foot else [])
    found = [frame.title, frame.label, frame.big, frame.heading] + frame.notes + list(frame.soft)
    return [text for text in found + [row.left for row in rows] + [row.right for row in rows] if text is not None]


class Screen(ports.Screen):
    """frame: the last one. ids: of all, without repeats. A word without its text is a failure here."""

    def __init__(self):
        self.frame = Frame("off", {})
        self.ids = []

    async def show(self, frame):
        lacking = [text.s for text in texts(frame) if text.s.startswith("?") and text.s.endswith("?")]
        assert not lacking, lacking
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
    """kicks: how often."""

    kicks = 0

    def kick(self):
        self.kicks += 1


class Sound(ports.Sound):
    """tones: every one, in order."""

    def __init__(self):
        self.tones = []

    def tone(self, name):
        self.tones.append(name)


class Light(ports.Light):
    """lit: lamp -> on."""

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
    """level: percent."""

    level = 78

    def battery(self):
        return self.level


class Chance(ports.Random):
    """No chance at all."""

    def below(self, n):
        return n // 2


class Keys(ports.Keystore):
    """A double: no Ed25519 here, but bytes that differ with the message and with the name, as long as real ones."""

    def __init__(self, name=b"STALL-0001", fleet=b""):
        self.name, self.known = name, fleet

    def public(self):
        return hashlib.sha256(b"public " + self.name).digest()

    def sign(self, message):
        half = hashlib.sha256(b"sign " + self.name + message).digest()
        return half + hashlib.sha256(half).digest()

    def mac(self, message):
        return hashlib.sha256(b"mac " + self.name + message).digest()

    def fleet(self):
        return self.known

    def holds(self, public, message, signature):
        """public: of a double's, by the name that it has here."""
        others = [Keys(name) for name in (b"STALL-0001", b"FLEET", b"STRANGER")]
        return any(keys.public() == public and keys.sign(message) == signature for keys in others)
