"""network: the ways out, which of them carries, and what the metered one may still carry."""

from hal.ports.frame import Frame, Row, Text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.ui.look import Look
    from hal.ports.board import Way, Ways


def frame(look: "Look", ways: "Ways") -> Frame:
    """OK allows more data where it is used up, and the last line says so."""
    percent = ways.data()[0]
    found = [(way, state(way, ways)) for way in ways.ways()]
    fields = {way.name: word for way, word in found} | {"data": str(percent)}
    spent = any(word == ways.SPENT for _, word in found)
    rows = [Row(look.say(f"screen.network.{way.name}"), look.say(f"screen.network.{word}")) for way, word in found]
    rows.append(Row(look.say("screen.network.data"), Text(f"{percent}%")))
    return Frame(
        "network",
        look.fields(fields),
        lang=look.lang,
        status=look.status,
        title=look.caption("screen.network.title"),
        rows=rows,
        foot=Row(look.say("screen.network.allow")) if spent else None,
    )


def state(way: "Way", ways: "Ways") -> str:
    """What there is to say of it: its trouble, else used, ready or down."""
    if way.trouble == ways.SPENT:
        return way.trouble
    if not way.up:
        return "down"
    return way.trouble or ("used" if way.used else "ready")
