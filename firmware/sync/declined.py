"""What a till did not take from its fleet: said once to the log, and once to the fleet when there is a line."""

from firmware.sync.growth import ANSWER_MS
from hal.ports.faults import Fault

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from firmware.sync.document import Declined
    from firmware.sync.growth import Ask
    from hal.ports.board import Log

KNOWN_MAX = 32


class Refusals:
    """due: those that the fleet is still to be told of."""

    def __init__(self, log: "Log", ask: "Ask"):
        self.due: list[dict[str, Any]] = []
        self._log = log
        self._ask = ask
        self._known: list[tuple[str, int, str]] = []  # of this boot

    def note(self, kind: str, version: int, why: "Declined") -> bool:
        """False when it was noted before."""
        self._log.say("net", f"{kind} {version}: declined: {why}")
        refusal = (kind, version, why.check)
        if refusal in self._known:
            return False
        self._known = self._known[1 - KNOWN_MAX :] + [refusal]
        self.due.append({"kind": kind, "version": version, "check": why.check, "why": _plain(why.words)})
        return True

    async def tell(self) -> None:
        """The fleet, of the oldest; it is no harm when it does not hear."""
        refusal = self.due.pop(0)
        try:
            await self._ask("declined", refusal, ANSWER_MS)
        except Fault as fault:
            self._log.say("net", f"the fleet was not told: {fault}")


def _plain(text: str) -> str:
    """What the wire takes as a short text, whatever a document held."""
    return "".join([c if " " <= c <= "~" else "?" for c in text])[:200]
