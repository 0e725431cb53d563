"""The fleet's list of keys as a file, on a laptop: off a till's disk (doc-tills-00000041.seg), or as the fleet has saved it."""

from firmware.sync import archive, tills
from hal.ports.faults import WireFault

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from firmware.sale.proof import Proof

    Holds = Callable[[bytes, bytes, bytes], bool]


class TillsFile:
    """count: of tills. name: like "tills 41"."""

    def __init__(self, raw: bytes, fleet: bytes, holds: "Holds"):
        """fleet: its public key, which must have signed it. holds(public, message, signature). Raises WireFault."""
        label, self._body = archive.unpacked(raw)
        self.name = label.name
        if not holds(fleet, label.said, label.signature):
            raise WireFault(f"{label.name}: is not signed by this fleet")
        if label.kind != tills.KIND:
            raise WireFault(f"{label.name}: is no list of tills")
        check = tills.Check()
        check.take(self._body)
        if check.wrong():
            raise WireFault(f"{label.name}: {check.wrong()}")
        self.count = check.tills
        self._holds = holds

    def verdict(self, told: "Proof") -> "tuple[str, int]":
        """As tills.verdict, of what a receipt's code says."""
        search = tills.Search(told.terminal)
        search.take(self._body)
        return tills.verdict(told, search.keys(), self._holds)
