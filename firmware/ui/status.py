"""The bar above every screen, read from the board afresh for each drawing."""

from firmware import wall
from hal.ports.frame import Status

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hal.ports.board import Board, Clock

UNKNOWN_TIME = "--:--"
MINUTE = 60


def local_s(clock: "Clock") -> int:
    """The wall clock of the place, seconds."""
    return clock.utc_s() + clock.offset_s()


def next_minute_ms(clock: "Clock") -> int | None:
    """When (clock.now_ms) the face of the clock changes; None when it does not run."""
    if not clock.trusted():
        return None
    return clock.now_ms() + (MINUTE - local_s(clock) % MINUTE) * 1000


def status(board: "Board", queued: int, near_end: bool) -> Status:
    """queued: sales that the ledger has not acknowledged. near_end: of the printer's roll."""
    link = board.link
    face = wall.clock_text(local_s(board.clock)) if board.clock.trusted() else UNKNOWN_TIME
    if link.state == "off":
        return Status(face, queued, "off", 0, board.power.battery(), True, near_end=near_end)
    return Status(face, queued, link.name, link.bars, board.power.battery(), link.state != "online", near_end=near_end)
