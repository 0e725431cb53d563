"""Orders from the fleet: documents are taken into use between two sales, never inside a cart; commands are carried out once.

What counts is the journal: its `document` record says what is in use, or what was done, and goes to the fleet like a sale.
A lock, an unlock and a message are done by that record; the log and old records are sent first, and both may safely come
twice."""

from firmware import config, overlay
from firmware.sync import order as orders
from firmware.sync import tills
from firmware.sync.document import COMMAND, Declined, Judge, judge
from firmware.sync.downlink import Downlink
from hal.ports.faults import ConfigFault, StoreBroken, StoreFull

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from firmware.config import Settings
    from firmware.flows.counter import Counter
    from firmware.sync.archive import Archive
    from firmware.sync.document import Label
    from firmware.sync.growth import Ask
    from firmware.till import Till

LOG_BYTES = 3000  # of lines in one piece, so that it is one message
LOG_LINE = 200  # characters of a line
ANSWER_MS = 20_000
PAUSE_MS = 60_000  # before what could not be read or journaled is tried again


class Orders:
    """used: kind -> label of the document in use."""

    def __init__(self, till: "Till", archive: "Archive", ask: "Ask"):
        self.used: dict[str, Label] = {}
        self._till = till
        self._archive = archive
        self._ask = ask
        self._pause_until_ms = 0
        self.downlink = Downlink(till.board, archive, till.rollup, ask, self.obey, till.wake)

    # ---- at boot

    async def lay(self) -> None:
        """Lay what is in use over the profile. A document that is damaged on every disk gives way to the one before it,
        and then to the profile's file, aloud; the fleet is asked for it again."""
        found = await self._archive.labels() if self._till.rollup.documents else []
        for kind in sorted(self._till.rollup.documents):
            if kind == COMMAND:
                continue
            record = self._till.rollup.documents[kind]
            label = await self._newest([each for each in found if each.kind == kind], record["version"])
            if label is not None:
                self.used[kind] = label
            if label is None or label.version != record["version"]:
                stands = f"{label.name} is used" if label is not None else "the profile's own is used"
                self._say(f"{kind} {record['version']}: damaged, or not there: {stands} until it comes again")
                self.downlink.lost.append(kind)
                self._till.tell("screen.notice.old_document")
        try:
            self._till.settings = await self._settle(None)
        except (Declined, ConfigFault, StoreBroken, MemoryError) as fault:
            self._say(f"the fleet's documents are left aside: {fault}")
            self.used = {}
            self._till.tell("screen.notice.old_document")

    async def _newest(self, labels: "list[Label]", most: int) -> "Label | None":
        """The newest one that is whole, and the fleet's, up to a version."""
        board = self._till.board
        for label in labels:
            try:
                judge(label, Judge(board.keystore, board.terminal, 0, 0))
                if label.version <= most and await self._archive.whole(label):
                    return label
            except (Declined, StoreBroken) as fault:
                self._say(f"{label.name}: {fault}")
        return None

    async def keys_of(self, terminal: str) -> "list[tills.Key]":
        """By which keys the receipts of a till are checked, as the fleet's list in use says; none of one that is not in it."""
        label = self.used.get(tills.KIND)
        found = await self._archive.scan(label, lambda: tills.Search(terminal)) if label is not None else None
        return found.keys() if found is not None else []

    # ---- between two sales

    def due(self) -> bool:
        """Is there something to take into use now, where nothing lies on the counter?"""
        return bool(self._next())

    async def apply(self, counter: "Counter") -> None:
        """Take into use what waits. The counter is idle, and stays so; keys wait."""
        for label in self._next():
            try:
                settings = await self._fit(label)
            except (Declined, MemoryError) as why:
                self.downlink.decline(label, why if isinstance(why, Declined) else Declined("content", "no memory for it"))
                continue
            except (ConfigFault, StoreBroken) as fault:
                self._say(f"{label.name}: not now: {fault}")
                self._pause_until_ms = self._till.board.clock.now_ms() + PAUSE_MS
                return
            if not await self._note(label, {}):
                self._pause_until_ms = self._till.board.clock.now_ms() + PAUSE_MS
                return
            self.used[label.kind] = label
            self.downlink.done(label)
            self._till.settings = settings
            counter.cart = self._till.cart(None)
            self._say(f"{label.name}: is in use")

    def _next(self) -> "list[Label]":
        """Money and taxes reach into a parked cart, so new settings wait until none is; prices stand in its lines."""
        if self._till.board.clock.now_ms() < self._pause_until_ms:
            return []
        held = bool(self._till.desk.held)
        return [label for label in self.downlink.due() if label.kind != "settings" or not held]

    async def _fit(self, label: "Label") -> "Settings":
        """The shop with this document in it. Raises Declined."""
        if label.until and self._till.board.clock.utc_s() > label.until:
            raise Declined("expired", "its time was over before it could be used")
        if label.kind == tills.KIND:
            await self._check_tills(label)
            return self._till.settings
        if label.kind in overlay.KEPT:
            overlay.check_kept(await self._body(label))
            return self._till.settings
        return await self._settle(label)

    async def _check_tills(self, label: "Label") -> None:
        check = await self._archive.scan(label, tills.Check)
        if check is None:
            raise StoreBroken(f"{label.name}: no sound copy")
        if check.wrong():
            raise Declined("content", check.wrong())

    async def _settle(self, new: "Label | None") -> "Settings":
        """The profile's files, and over them what is in use, and what is new. All is read again: it is rarely wanted, and
        a till has no memory to spare. Raises Declined, ConfigFault, StoreBroken."""
        profile = await config.read(self._till.board.files)
        for kind in overlay.SHOWN:
            label = new if new is not None and new.kind == kind else self.used.get(kind)
            if label is not None:
                profile = self._over(profile, kind, await self._body(label), label is new)
        return overlay.settle(profile, new.kind if new is not None else "", len(self._till.settings.bad_rows))

    def _over(self, profile: "config.Profile", kind: str, body: bytes, new: bool) -> "config.Profile":
        try:
            return overlay.over(profile, kind, body)
        except ConfigFault as fault:
            if new:
                raise Declined("content", str(fault)) from None
            raise

    async def _body(self, label: "Label") -> bytes:
        body = await self._archive.body(label)
        if body is None:
            raise StoreBroken(f"{label.name}: no sound copy")
        return body

    # ---- commands

    async def obey(self, label: "Label", body: bytes) -> None:
        """Carry out a command. Raises Declined, or a Fault: then it is tried again."""
        order = orders.read(body)
        done = {"done": True, "order": order}
        if order["do"] == orders.LOGS:
            done["lines"] = await self._send_log(label, order["lines"])
        elif order["do"] == orders.RESEND:
            done["to"] = await self._till.courier.resend(order["from"])
        if await self._note(label, done):
            self._say(f"{label.name}: {order['do']}: done")
            self._till.wake()

    async def _send_log(self, label: "Label", most: int) -> int:
        """The last lines of the log, in pieces, each answered before the next. How many."""
        lines = [_plain(line) for line in self._till.board.log.recent(most)]
        at = 0
        while at < len(lines):
            piece: list[str] = []
            while at + len(piece) < len(lines) and sum([len(line) + 3 for line in piece]) < LOG_BYTES - LOG_LINE:
                piece.append(lines[at + len(piece)])
            await self._ask("log", {"version": label.version, "at": at, "lines": piece}, ANSWER_MS)
            at += len(piece)
        return len(lines)

    async def _note(self, label: "Label", more: "dict[str, Any]") -> bool:
        """The record by which it is so. False when it could not be made durable; it is tried again."""
        record: dict[str, Any] = {"doc": label.kind, "version": label.version, "sha256": label.sha256.hex()}
        record["id"], record["at"] = label.id, self._till.board.clock.utc_s()
        now = self._till.rollup.documents.get(label.kind, {"version": 0, "sha256": ""})
        if (now["version"], now["sha256"]) != (record["version"], record["sha256"]) or label.kind in self.downlink.lost:
            try:
                await self._till.journal.append("document", 0, record | more)
            except (StoreFull, StoreBroken) as fault:
                self._say(f"{label.name}: not journaled, not done: {fault}")
                if label.kind == COMMAND:
                    raise
                return False
        if label.kind in self.downlink.lost:
            self.downlink.lost.remove(label.kind)
        self._till.courier.wake()
        return True

    def _say(self, text: str) -> None:
        self._till.board.log.say("net", text)


def _plain(line: str) -> str:
    return "".join([c if " " <= c <= "~" else "?" for c in line])[:LOG_LINE]
