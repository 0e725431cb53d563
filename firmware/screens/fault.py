"""fault: the till cannot start, or a part of it has died. Of a wrong configuration in built-in English, because the word lists
may be what is broken; of all else in the shop's language, with the detail for a laptop in English."""

from hal.ports.frame import ELIDE, Frame, Text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.ui.words import Words


def config(file: str, key: str, reason: str) -> Frame:
    """file, key, reason: as in hal.ports.faults.ConfigFault."""
    notes = [Text(part, ELIDE) for part in (file, key, reason) if part]
    return Frame("fault", {"file": file, "key": key}, icon="warn", heading=Text("Cannot start"), notes=notes)


def journal(words: "Words", reason: str) -> Frame:
    """What was sold cannot be read, or has no room. reason: English."""
    notes = [Text(words.t("screen.fault.journal")), Text(words.t("screen.fault.office")), Text(reason, ELIDE)]
    return _frame(words, {"file": "journal", "key": ""}, "screen.fault.start", notes)


def died(words: "Words", task: str, reason: str) -> Frame:
    """task: as firmware/main.py names it; reason: English. The till starts again by itself."""
    return _frame(
        words, {"task": task}, "screen.fault.again", [Text(words.t("screen.fault.kept")), Text(task, ELIDE), Text(reason, ELIDE)]
    )


def _frame(words: "Words", fields: "dict[str, str]", heading: str, notes: "list[Text]") -> Frame:
    return Frame("fault", fields, lang=words.lang, icon="warn", heading=Text(words.t(heading)), notes=notes)
