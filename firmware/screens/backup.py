"""backup: is a stick in, how far is the backup, and what it holds when it is done."""

from hal.ports.frame import Frame

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.ui.look import Look


def none(look: "Look") -> Frame:
    """There is no stick."""
    return Frame(
        "backup",
        look.fields({"state": "none"}),
        lang=look.lang,
        status=look.status,
        title=look.caption("screen.backup.title"),
        icon="plug",
        heading=look.say("screen.backup.none"),
        notes=[look.say("screen.backup.none.then")],
    )


def ready(look: "Look", backups: int, free_mb: int) -> Frame:
    """backups: of this till, on the stick."""
    return Frame(
        "backup",
        look.fields({"state": "ready", "backups": str(backups)}),
        lang=look.lang,
        status=look.status,
        title=look.caption("screen.backup.title"),
        icon="info",
        heading=look.say("screen.backup.ready"),
        notes=[look.say("screen.backup.holds", n=backups), look.say("screen.backup.free", n=free_mb)],
    )


def work(look: "Look", phase: str, percent: int) -> Frame:
    """phase: "writing" or "checking"."""
    return Frame(
        "backup",
        look.fields({"state": phase, "percent": str(percent)}),
        lang=look.lang,
        status=look.status,
        title=look.caption("screen.backup.title"),
        label=look.say(f"screen.backup.{phase}"),
        big=look.name(f"{percent}%"),
        notes=[look.say("screen.backup.leave_in")],
    )


def done(look: "Look", sales: int, head: str) -> Frame:
    """sales: that are in it. head: of the chain, in hex."""
    proof = f"{head[:4]} {head[4:8]}".upper()
    return Frame(
        "backup",
        look.fields({"state": "done", "sales": str(sales), "head": proof}),
        lang=look.lang,
        status=look.status,
        title=look.caption("screen.backup.title"),
        icon="tick",
        heading=look.say("screen.backup.done"),
        notes=[look.say("screen.backup.sales", n=sales), look.say("screen.backup.proof", head=proof)],
    )
