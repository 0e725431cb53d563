"""The downlink: fetches the fleet's documents, piece by piece, and believes nothing on the way.

The till pulls. A hint (in a welcome or a notice) only says that something newer is out; anybody may forge one, and all it
costs is a question. What comes is judged by its label before a byte of it is kept, grows on the disk so that a dropped line
or a power cut costs one piece, is read back and compared with its hash, and is then handed on: a command to be carried
out, everything else to wait until the counter is idle (flows/orders.py)."""

import asyncio
import hashlib

from firmware.sync import document
from firmware.sync.declined import Refusals
from firmware.sync.document import COMMAND, Declined, Judge
from firmware.sync.growth import Growth
from firmware.sync.patience import Bell, Patience
from hal.ports.faults import Fault, StoreBroken, StoreFull

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from firmware.journal.rollup import Rollup
    from firmware.sync.archive import Archive
    from firmware.sync.document import Chunk, Label
    from firmware.sync.growth import Ask
    from hal.ports.board import Board

ORDER = (COMMAND, "settings", "texts", "catalogue", "limits", "staff", "tills")  # in which they are fetched, and taken into use
FIRST_PAUSE_MS, LONGEST_PAUSE_MS = 5000, 3_600_000  # after a fetch that failed, or what was not to be believed
RECALL_MS = 5000  # after a question without an answer
# what somebody between us and the fleet can do to any document: asked for again, with patience. The rest is the fleet's own
# mistake and comes again the same: told once, and not asked for until the fleet has something newer
TAMPERED = ("form", "key", "version", "hash")


class Downlink:
    """waiting: kind -> label of a whole document that waits to be taken into use. arrived: called when there is one more,
    or when its time has come. obey: carries out a command; raises Declined for one that makes no sense, or a Fault."""

    def __init__(
        self,
        board: "Board",
        archive: "Archive",
        rollup: "Rollup",
        ask: "Ask",
        obey: "Callable[[Label, bytes], Awaitable[None]]",
        arrived: "Callable[[], None]",
    ):
        self.waiting: dict[str, Label] = {}
        self._board = board
        self._archive = archive
        self._rollup = rollup
        self._obey = obey
        self._arrived = arrived
        self._bell = Bell()
        self._patience = Patience(board.random, FIRST_PAUSE_MS, LONGEST_PAUSE_MS)
        self._wanted: dict[str, int] = {}  # kind -> the version that is out, as far as we were told
        self._growth = Growth(archive, ask)
        self._version = 0  # of what is being fetched
        self._stale: list[str] = []  # kinds of which something on the disk is good for nothing
        self._refusals = Refusals(board.log, ask)
        self.lost: list[str] = []  # kinds whose document in use is damaged on every disk: it is to come again

    # ---- what the rest of the till does with it

    def heard(self, out: "dict[str, int]") -> None:
        """The fleet says what is out: kind -> version."""
        for kind, version in out.items():
            if version > self._have(kind):
                self._wanted[kind] = version
        self._bell.ring()

    def moved(self) -> None:
        """The link's state is not what it was, or somebody vouches for the clock now."""
        self._bell.ring()

    def floor(self, kind: str) -> int:
        """The version that the next one must be above."""
        applied: int = self._rollup.documents.get(kind, {"version": 0})["version"]
        return applied - 1 if kind in self.lost else applied

    def due(self) -> "list[Label]":
        """What waits, and whose time has come, in the order in which it is taken into use."""
        if not self._board.clock.trusted():
            return []
        now = self._board.clock.utc_s()
        return [self.waiting[kind] for kind in ORDER if kind in self.waiting and self.waiting[kind].start <= now]

    def done(self, label: "Label") -> None:
        """This one waits no longer."""
        if self.waiting.get(label.kind) is label:
            del self.waiting[label.kind]

    def decline(self, label: "Label", why: Declined) -> None:
        """Say no to a document that was whole: to the log now, to the fleet when there is a line. It is forgotten."""
        self.done(label)
        if self._wanted.get(label.kind, 0) <= label.version:
            self._wanted.pop(label.kind, None)
        self._stale.append(label.kind)
        self._refusals.note(label.kind, label.version, why)
        self._bell.ring()

    async def run(self) -> None:
        """Never returns."""
        await self._take_up()
        while True:
            kind = self._next()
            if self._stale:
                stale = self._stale.pop()
                await self._archive.drop(stale, self._kept(stale))
            elif self._refusals.due and self._asking():
                await self._refusals.tell()
            elif kind:
                await self._try(kind)
            else:
                await self._bell.wait(self._until_ms())
                if self.due():
                    self._arrived()

    # ---- within

    def _asking(self) -> bool:
        """Can the fleet be asked? Not without a clock that one can trust: who cannot tell the time cannot tell what is over."""
        return self._board.link.state == "online" and self._board.clock.trusted()

    def _next(self) -> str:
        """The kind to fetch now, "" for none."""
        for kind in ORDER if self._asking() else ():
            if kind in self._growth.labels or self._wanted.get(kind, 0) > self._have(kind):
                return kind
        return ""

    async def _try(self, kind: str) -> None:
        self._version = self._wanted.get(kind, 0)
        try:
            if await self._fetch(kind):
                self._patience.reset()
            else:
                await self._rest()
        except Declined as why:
            if kind in self._growth.labels:
                self._growth.drop(kind)
                self._stale.append(kind)
            news = self._refusals.note(kind, self._version, why)
            if why.check in TAMPERED:
                await self._rest()
            elif kind != COMMAND or not news:
                self._wanted.pop(kind, None)
        except (StoreFull, StoreBroken) as fault:
            self._say(f"{kind}: {fault}")
            self._growth.drop(kind)
            await self._rest()
        except Fault as fault:
            self._say(f"{kind}: {fault}")
            await self._bell.wait(RECALL_MS)

    async def _rest(self) -> None:
        """After what came to nothing. No bell ends it: who can forge a hint could ring for ever."""
        await asyncio.sleep(self._patience.next() / 1000)

    def _until_ms(self) -> "int | None":
        """Until the start of what waits for its time; None where nothing does."""
        now = self._board.clock.utc_s()
        starts = [label.start - now for label in self.waiting.values() if label.start > now]
        return min(min(starts), 86_400) * 1000 + 1 if starts and self._board.clock.trusted() else None

    def _have(self, kind: str) -> int:
        """The newest version that is in use or waits to be."""
        label = self.waiting.get(kind)
        return max(label.version if label is not None else 0, self.floor(kind))

    def _judge(self, label: "Label", kind: str) -> None:
        if label.kind != kind:
            raise Declined("form", f"a {label.kind} where a {kind} was asked for")
        self._version = label.version
        clock = self._board.clock
        document.judge(label, Judge(self._board.keystore, self._board.terminal, self._have(kind), clock.utc_s()))

    async def _take_up(self) -> None:
        """What lay on the disk when the power came: whole, it waits; half, it grows on."""
        for label in await self._archive.labels():
            kind = label.kind
            try:
                self._judge(label, kind)
            except Declined:
                continue  # in use, or older, or its time is over
            if label.version == self._rollup.documents.get(kind, {"version": 0})["version"]:
                continue  # damaged: it comes again from the start
            if kind not in self.waiting and kind not in self._growth.labels:
                if await self._archive.whole(label):
                    self.waiting[kind] = label
                else:
                    self._growth.labels[kind] = label
        for kind in self.lost:
            self._wanted[kind] = self.floor(kind) + 1
        if self.due():
            self._arrived()

    async def _fetch(self, kind: str) -> bool:
        """Bring one document of this kind; False when the fleet has none."""
        label = self._growth.labels.get(kind)
        fresh = label is None
        if label is None:
            first = await self._growth.piece({"kind": kind, "after": self._have(kind)})
            if first is None:
                self._wanted.pop(kind, None)
                return False
            if first.label is None:
                raise Declined("form", "the first piece has no label")
            label = first.label
            self._judge(label, kind)
            if kind == COMMAND:
                await self._command(label, first)
                return True
            await self._growth.begin(label, first)
        if await self._growth.go_on(label):
            await self._arrive(label, fresh)
        else:
            self._say(f"{label.name}: is not out any more")
            self._stale.append(kind)
        return True

    async def _command(self, label: "Label", piece: "Chunk") -> None:
        """It is short, and comes in one piece; the journal keeps what became of it."""
        if hashlib.sha256(piece.data).digest() != label.sha256:
            raise Declined("hash", "it is not what its label says")
        await self._obey(label, piece.data)

    async def _arrive(self, label: "Label", fresh: bool) -> None:
        """All of it is on the disk. fresh: it came in one go, in this boot."""
        if not await self._archive.whole(label):
            self._stale.append(label.kind)
            if fresh:
                raise Declined("hash", "it is not what its label says")
            self._say(f"{label.name}: did not keep on the disk, and comes again")
            return
        await self._archive.copy(label)
        self._say(f"{label.name}: is here, {label.length} B")
        self.waiting[label.kind] = label
        await self._archive.drop(label.kind, self._kept(label.kind))
        self._arrived()

    def _kept(self, kind: str) -> "list[int]":
        """Versions that must not go: what waits or grows, what is in use, and the one before that to fall back to."""
        kept = [labels[kind].version for labels in (self.waiting, self._growth.labels) if kind in labels]
        record = self._rollup.documents.get(kind, {})
        return kept + [record[key] for key in ("version", "before") if key in record]

    def _say(self, text: str) -> None:
        self._board.log.say("net", text)
