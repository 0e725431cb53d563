"""What the fleet may have a till do: send its log, send old records once more; the rest is done by its record in the journal.

Both may safely come twice: the pieces of a log are told apart by their place, and the ledger by a record's seq."""

from firmware.sync import order as orders

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from firmware.sync.courier import Courier
    from hal.ports.board import Log

LOG_BYTES = 3000  # of lines in one piece, so that it is one message
LOG_LINE = 200  # characters of a line
ANSWER_MS = 20_000


class Commands:
    """log: the till's, of which the last lines may be asked for."""

    def __init__(self, log: "Log", courier: "Courier"):
        self._log = log
        self._courier = courier

    async def carry_out(self, version: int, body: bytes) -> "dict[str, Any]":
        """version: of the document that holds it. What its record will say. Raises Declined, or a Fault: then it is tried
        again."""
        order = orders.read(body)
        done = {"done": True, "order": order}
        if order["do"] == orders.LOGS:
            done["lines"] = await self._send_log(version, order["lines"])
        elif order["do"] == orders.RESEND:
            done["to"] = await self._courier.resend(order["from"])
        return done

    async def _send_log(self, version: int, most: int) -> int:
        """The last lines of the log, in pieces, each answered before the next. How many."""
        lines = [_plain(line) for line in self._log.recent(most)]
        at = 0
        while at < len(lines):
            piece: list[str] = []
            while at + len(piece) < len(lines) and sum([len(line) + 3 for line in piece]) < LOG_BYTES - LOG_LINE:
                piece.append(lines[at + len(piece)])
            await self._courier.requests.ask("log", {"version": version, "at": at, "lines": piece}, ANSWER_MS)
            at += len(piece)
        return len(lines)


def _plain(line: str) -> str:
    return "".join([c if " " <= c <= "~" else "?" for c in line])[:LOG_LINE]
