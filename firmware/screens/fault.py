"""fault: the till cannot start. Built-in English, because the word lists may be what is broken."""

from hal.ports.frame import ELIDE, Frame, Text


def frame(file: str, key: str, reason: str) -> Frame:
    """file, key, reason: as in hal.ports.faults.ConfigFault."""
    notes = [Text(part, ELIDE) for part in (file, key, reason) if part]
    return Frame("fault", {"file": file, "key": key}, icon="warn", heading=Text("Cannot start"), notes=notes)
