"""fault: the till cannot start, or a part of it has died. Built-in English, because the word lists may be what is broken."""

from hal.ports.frame import ELIDE, Frame, Text


def frame(file: str, key: str, reason: str) -> Frame:
    """file, key, reason: as in hal.ports.faults.ConfigFault."""
    notes = [Text(part, ELIDE) for part in (file, key, reason) if part]
    return Frame("fault", {"file": file, "key": key}, icon="warn", heading=Text("Cannot start"), notes=notes)


def died(task: str, reason: str) -> Frame:
    """task: as firmware/main.py names it; reason: English, for a laptop. The till starts again by itself."""
    notes = [Text("All sales are kept."), Text(task, ELIDE), Text(reason, ELIDE)]
    return Frame("fault", {"task": task}, icon="warn", heading=Text("Starting again"), notes=notes)
