"""Orders from the fleet: documents are taken into use between two sales, never inside a cart; commands are carried out once.

What counts is the journal: its `document` record says what is in use, or what was done, and goes to the fleet like a sale.
A lock, an unlock and a message are done by that record; the log and old records are sent first, and both may safely come
twice."""

from firmware.flows.commands import Commands
from firmware.sync.document import COMMAND, Declined
from firmware.sync.downlink import Downlink
from hal.ports.faults import ConfigFault, StoreBroken, StoreFull

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from firmware.in_use import InUse
    from firmware.journal.desk import Desk
    from firmware.journal.journal import Journal
    from firmware.journal.rollup import Rollup
    from firmware.sync.archive import Archive
    from firmware.sync.courier import Courier
    from firmware.sync.document import Label
    from hal.ports.board import Board

PAUSE_MS = 60_000  # before what could not be read or journaled is tried again


class Orders:
    """downlink: brings them. wake(): the counter may want to take one, or a screen to say what one did."""

    def __init__(
        self,
        board: "Board",
        journal: "Journal",
        rollup: "Rollup",
        desk: "Desk",
        in_use: "InUse",
        archive: "Archive",
        courier: "Courier",
        wake: "Callable[[], None]",
    ):
        self._board = board
        self._journal = journal
        self._rollup = rollup
        self._desk = desk
        self._in_use = in_use
        self._courier = courier
        self._wake = wake
        self._pause_until_ms = 0
        self._commands = Commands(board.log, courier)
        self.downlink = Downlink(board, archive, rollup, courier.requests.ask, self.obey, wake)

    # ---- between two sales

    def due(self) -> bool:
        """Is there something to take into use now, where nothing lies on the counter?"""
        return bool(self._next())

    async def apply(self) -> bool:
        """Take into use what waits. The counter is idle, and stays so; keys wait. True when the shop is not what it was."""
        used = False
        for label in self._next():
            try:
                settings = await self._in_use.fit(label)
            except (Declined, MemoryError) as why:
                self.downlink.decline(label, why if isinstance(why, Declined) else Declined("content", "no memory for it"))
                continue
            except (ConfigFault, StoreBroken) as fault:
                self._say(f"{label.name}: not now: {fault}")
                self._pause_until_ms = self._board.clock.now_ms() + PAUSE_MS
                break
            if not await self._note(label, {}):
                self._pause_until_ms = self._board.clock.now_ms() + PAUSE_MS
                break
            self._in_use.put(label, settings)
            self.downlink.done(label)
            used = True
            self._say(f"{label.name}: is in use")
        return used

    def _next(self) -> "list[Label]":
        """Money and taxes reach into a parked cart, so new settings wait until none is; prices stand in its lines."""
        if self._board.clock.now_ms() < self._pause_until_ms:
            return []
        held = bool(self._desk.held)
        return [label for label in self.downlink.due() if label.kind != "settings" or not held]

    # ---- commands

    async def obey(self, label: "Label", body: bytes) -> None:
        """Carry out a command. Raises Declined, or a Fault: then it is tried again."""
        done = await self._commands.carry_out(label.version, body)
        if await self._note(label, done):
            self._say(f"{label.name}: {done['order']['do']}: done")
            self._wake()

    async def _note(self, label: "Label", more: "dict[str, Any]") -> bool:
        """The record by which it is so. False when it could not be made durable; it is tried again."""
        record: dict[str, Any] = {"doc": label.kind, "version": label.version, "sha256": label.sha256.hex()}
        record["id"], record["at"] = label.id, self._board.clock.utc_s()
        now = self._rollup.documents.get(label.kind, {"version": 0, "sha256": ""})
        if (now["version"], now["sha256"]) != (record["version"], record["sha256"]) or label.kind in self.downlink.lost:
            try:
                await self._journal.append("document", 0, record | more)
            except (StoreFull, StoreBroken) as fault:
                self._say(f"{label.name}: not journaled, not done: {fault}")
                if label.kind == COMMAND:
                    raise
                return False
        if label.kind in self.downlink.lost:
            self.downlink.lost.remove(label.kind)
        self._courier.wake()
        return True

    def _say(self, text: str) -> None:
        self._board.log.say("net", text)
