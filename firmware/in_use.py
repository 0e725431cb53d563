"""The fleet's documents in use: which they are, what they say, and the settings of the shop with them over the profile's.

Which those are, the journal says; what is damaged on every disk gives way to the one before it, and then to the profile."""

from firmware import config, overlay
from firmware.sync import tills
from firmware.sync.document import COMMAND, Declined, Judge, judge
from hal.ports.faults import ConfigFault, StoreBroken

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.config import Settings
    from firmware.journal.rollup import Rollup
    from firmware.shop import Shop
    from firmware.sync.archive import Archive
    from firmware.sync.document import Label
    from hal.ports.board import Board


class InUse:
    """used: kind -> label. shop: gets the settings that follow."""

    def __init__(self, board: "Board", shop: "Shop", rollup: "Rollup", archive: "Archive"):
        self.used: dict[str, Label] = {}
        self._board = board
        self._shop = shop
        self._rollup = rollup
        self._archive = archive

    async def lay(self, lost: "list[str]") -> bool:
        """At boot: what is in use over the profile. Puts into lost, kind by kind, what the fleet is to be asked for again.
        False when anything is not as the journal says; that is said aloud."""
        whole = True
        found = await self._archive.labels() if self._rollup.documents else []
        for kind in sorted(self._rollup.documents):
            if kind == COMMAND:
                continue
            record = self._rollup.documents[kind]
            label = await self._newest([each for each in found if each.kind == kind], record["version"])
            if label is not None:
                self.used[kind] = label
            if label is None or label.version != record["version"]:
                stands = f"{label.name} is used" if label is not None else "the profile's own is used"
                self._say(f"{kind} {record['version']}: damaged, or not there: {stands} until it comes again")
                lost.append(kind)
                whole = False
        try:
            self._shop.settings = await self._settle(None)
        except (Declined, ConfigFault, StoreBroken, MemoryError) as fault:
            self._say(f"the fleet's documents are left aside: {fault}")
            self.used = {}
            whole = False
        return whole

    def put(self, label: "Label", settings: "Settings") -> None:
        """This one is in use from now on, and these settings with it."""
        self.used[label.kind] = label
        self._shop.settings = settings

    async def fit(self, label: "Label") -> "Settings":
        """The shop's settings with this document in use. Raises Declined, ConfigFault, StoreBroken."""
        if label.until and self._board.clock.utc_s() > label.until:
            raise Declined("expired", "its time was over before it could be used")
        if label.kind == tills.KIND:
            await self._check_tills(label)
            return self._shop.settings
        if label.kind in overlay.KEPT:
            overlay.check_kept(await self._body(label))
            return self._shop.settings
        return await self._settle(label)

    async def keys_of(self, terminal: str) -> "list[tills.Key]":
        """By which keys the receipts of a till are checked, as the fleet's list in use says; none of one that is not in it."""
        label = self.used.get(tills.KIND)
        found = await self._archive.scan(label, lambda: tills.Search(terminal)) if label is not None else None
        return found.keys() if found is not None else []

    async def _check_tills(self, label: "Label") -> None:
        check = await self._archive.scan(label, tills.Check)
        if check is None:
            raise StoreBroken(f"{label.name}: no sound copy")
        if check.wrong():
            raise Declined("content", check.wrong())

    async def _settle(self, new: "Label | None") -> "Settings":
        """The profile's files, and over them what is in use, and what is new. All is read again: it is rarely wanted, and
        a till has no memory to spare. Raises Declined, ConfigFault, StoreBroken."""
        profile = await config.read(self._board.files)
        for kind in overlay.SHOWN:
            label = new if new is not None and new.kind == kind else self.used.get(kind)
            if label is not None:
                profile = self._over(profile, kind, await self._body(label), label is new)
        return overlay.settle(profile, new.kind if new is not None else "", len(self._shop.settings.bad_rows))

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

    async def _newest(self, labels: "list[Label]", most: int) -> "Label | None":
        """The newest one that is whole, and the fleet's, up to a version."""
        board = self._board
        for label in labels:
            try:
                judge(label, Judge(board.keystore, board.terminal, 0, 0))
                if label.version <= most and await self._archive.whole(label):
                    return label
            except (Declined, StoreBroken) as fault:
                self._say(f"{label.name}: {fault}")
        return None

    def _say(self, text: str) -> None:
        self._board.log.say("net", text)
