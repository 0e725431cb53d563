"""claim: the code by which the fleet tells this till from another, to be typed or scanned there; and what became of it."""

from hal.ports.frame import Frame, Status

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.ui.look import Look


def waiting(look: "Look", code: "list[str]", picture: str, reached: bool) -> Frame:
    """code: in groups. picture: the text of the QR. reached: does the fleet know that this till waits?"""
    state, bar = "waiting" if reached else "asking", look.status
    return Frame(
        "claim",
        look.fields({"state": state, "code": "-".join(code)}),
        lang=look.lang,
        # beside a code the bar has half its room, and training is no matter here
        status=Status(bar.clock, bar.queued, bar.link, bar.bars, bar.battery, bar.offline),
        qr=picture,
        label=look.say(f"screen.claim.{state}"),
        notes=[look.name(" ".join(code[:2])), look.name(" ".join(code[2:]))],
    )


def enrolled(look: "Look", terminal: str) -> Frame:
    """The fleet has certified it."""
    return Frame(
        "claim",
        look.fields({"state": "enrolled"}),
        lang=look.lang,
        status=look.status,
        title=look.caption("screen.claim.title"),
        icon="tick",
        heading=look.say("screen.claim.enrolled"),
        notes=[look.name(terminal), look.say("screen.claim.enrolled.then")],
    )


def refused(look: "Look", why: str) -> Frame:
    """why: "refused", the fleet has taken the certificate back; "strange", what came is not from this till's fleet."""
    return Frame(
        "claim",
        look.fields({"state": why}),
        lang=look.lang,
        status=look.status,
        title=look.caption("screen.claim.title"),
        icon="warn",
        heading=look.say(f"screen.claim.{why}"),
        notes=[look.say(f"screen.claim.{why}.then"), look.say("screen.claim.sells_on")],
    )
