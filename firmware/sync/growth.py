"""Documents that are on their way: asked for piece by piece, each piece on the disk before the next is asked for."""

from firmware.sync import document
from firmware.sync.document import Declined
from hal.ports.faults import WireFault

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import Any

    from firmware.sync.archive import Archive
    from firmware.sync.document import Chunk, Label

    Ask = Callable[[str, dict[str, Any], int], Awaitable[dict[str, Any]]]

ANSWER_MS = 20_000  # for one piece


class Growth:
    """labels: kind -> the document that grows."""

    def __init__(self, archive: "Archive", ask: "Ask"):
        self.labels: dict[str, Label] = {}
        self._archive = archive
        self._ask = ask
        self._reached: dict[str, int] = {}  # kind -> bytes of it that came in this boot

    async def piece(self, asked: "dict[str, Any]") -> "Chunk | None":
        """What the fleet gives; None when it has nothing there. Raises Declined for what is no piece, and what `ask` raises."""
        answer = await self._ask("doc", asked, ANSWER_MS)
        try:
            return document.read_chunk(answer)
        except WireFault as fault:
            raise Declined("form", str(fault)) from None

    async def begin(self, label: "Label", first: "Chunk") -> None:
        """With its first piece. Raises StoreFull, StoreBroken, Declined."""
        await self._archive.begin(label)
        self.labels[label.kind] = label
        self._reached.pop(label.kind, None)
        await self._keep(label, 0, first)

    async def go_on(self, label: "Label") -> bool:
        """Until all of it is there. False when the fleet gives no more of it, or the disk has lost it: it grows no longer.
        Raises like begin and piece."""
        at = self._reached.get(label.kind) or await self._archive.held(label)
        while 0 <= at < label.length:
            piece = await self.piece({"kind": label.kind, "version": label.version, "at": at})
            at = await self._keep(label, at, piece) if piece is not None else -1
        self.drop(label.kind)
        return at == label.length

    def drop(self, kind: str) -> None:
        """It grows no longer."""
        self.labels.pop(kind, None)
        self._reached.pop(kind, None)

    async def _keep(self, label: "Label", at: int, piece: "Chunk") -> int:
        """Where the next piece begins."""
        if piece.at != at or not piece.data or at + len(piece.data) > label.length:
            raise Declined("form", f"a piece that is not the one from byte {at} on")
        await self._archive.put(label, at, piece.data)
        self._reached[label.kind] = at + len(piece.data)
        return at + len(piece.data)
