"""A fleet that a till asks for documents, in the dialect, and somebody in between who answers as he likes."""

import json

from firmware.journal.codec import canonical
from firmware.journal.rollup import Rollup
from firmware.sync import document
from firmware.sync.archive import Archive
from firmware.sync.downlink import Downlink
from hal.ports.faults import LinkDown
from tests.core import vtime
from tests.core.devices import Chance, Clock, Keys
from tests.core.memory_store import MemoryStore, QuietLog

TILL, OTHER = "STALL-0001", "STALL-0002"
FLEET, STRANGER = Keys(b"FLEET"), Keys(b"STRANGER")
NOW = 1795271520
PIECE = 1000  # bytes that this fleet gives at once


class Document:
    """A document as the fleet made it, or as somebody else did."""

    def __init__(self, kind, version, body, terminal="*", start=0, until=0, keys=FLEET):
        self.kind, self.version, self.body = kind, version, body
        self.label = json.loads(document.label(kind, version, terminal, start, until, "d" + str(version), body, keys.sign))

    @property
    def all(self):
        """Label and body."""
        return canonical(self.label) + self.body

    def piece(self, at):
        """The answer to a question for it."""
        return document.chunk(canonical(self.label), at, self.body[at : at + PIECE])


def catalogue(version, size=2500, **more):
    """A catalogue in which no two pieces are alike, nor like any of another version."""
    body = "".join([str(version) + "." + str(i) + " " for i in range(size // 3)])
    return Document("catalogue", version, body[:size].encode(), **more)


def command(version, **more):
    """An order, version for version another."""
    words = '{"do":"message","words":{"en":"number ' + str(version) + '"}}'
    return Document("command", version, words.encode(), **more)


class Line:
    """A link as far as a downlink looks at it."""

    state = "online"


class Board:
    def __init__(self, store, trusted=True):
        self.terminal = TILL
        self.clock, self.link, self.log, self.random = Clock(NOW, trusted), Line(), QuietLog(), Chance()
        self.keystore = Keys(TILL.encode(), FLEET.public())
        self.store = store


class Office:
    """out: the documents. between: what becomes of each answer, a function of (question, answer); None: nobody is there.

    asked: every question. refused: what tills declined. obeyed: versions of commands."""

    def __init__(self, out=(), between=None, applied=None, store=None, trusted=True):
        self.out = list(out)
        self.between = between or (lambda question, answer: answer)
        self.asked, self.refused, self.obeyed = [], [], []
        self.store = store or MemoryStore()
        self.board = Board(self.store, trusted)
        self.rollup = Rollup()
        for kind in applied or {}:
            self.rollup.documents[kind] = {"version": applied[kind], "sha256": "", "before": 0}
        self.archive = Archive([self.store], self.board.log)
        self.downlink = Downlink(self.board, self.archive, self.rollup, self.ask, self.obey, lambda: None)

    async def ask(self, op, body, deadline_ms):
        await vtime.sleep_ms(50)
        if self.board.link.state != "online":
            raise LinkDown("no line")
        if op == "declined":
            self.refused.append((body["kind"], body["version"], body["check"]))
            return {}
        self.asked.append(body)
        return self.between(body, self.answer(body))

    def answer(self, body):
        """As an honest fleet answers."""
        mine = [each for each in self.out if each.kind == body["kind"]]
        if "version" in body:
            found = [each for each in mine if each.version == body["version"]]
            return found[0].piece(body["at"]) if found else {"none": True}
        later = sorted([each.version for each in mine if each.version > body["after"]])
        if not later:
            return {"none": True}
        wanted = later[0] if body["kind"] == "command" else later[-1]
        return next(each for each in mine if each.version == wanted).piece(0)

    async def obey(self, label, body):
        self.obeyed.append((label.version, label.text + body))
        self.rollup.documents["command"] = {"version": label.version, "sha256": "", "before": 0}

    def hint(self, **docs):
        self.downlink.heard(docs)

    async def whole(self, kind="catalogue"):
        """The body that waits to be used, b"" where none does."""
        label = self.downlink.waiting.get(kind)
        return await self.archive.body(label) if label is not None else b""

    async def taken(self):
        """Labels and bodies of all that got through; a body that is not what its label says is not read again."""
        found = [text for _, text in self.obeyed]
        for kind in self.downlink.waiting:
            found.append(self.downlink.waiting[kind].text + (await self.whole(kind) or b"?"))
        return found


def story(telling, **setup):
    """Run a story of an office, whose downlink is at work, in virtual time."""

    async def whole():
        office = Office(**setup)
        vtime.asyncio.create_task(office.downlink.run())
        await vtime.sleep_ms(10)
        await telling(office)
        return office

    return vtime.run(whole())
