"""boot: the first light, before any word list is read; so its words are built in."""

from hal.ports.frame import ELIDE, Frame, Text


def frame(version: str) -> Frame:
    """version: of the software."""
    return Frame("boot", {"version": version}, icon="plug", heading=Text("Barrow"), notes=[Text(version, ELIDE)])
