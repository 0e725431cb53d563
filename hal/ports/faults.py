"""The few faults that anyone catches, in the field's words.

A driver turns errno, a library's exception or a bad byte into one of these at its edge; firmware knows no other."""


class Fault(Exception):
    """Something that firmware handles by name. `str()` is one English line for the log, never for the screen."""


class StoreFull(Fault):
    """No new block can be had (ENOSPC). Blocks that exist can still be overwritten, except where a medium copies on write."""

    full = True


class StoreBroken(Fault):
    """A read, write or sync failed. What was being written is IN DOUBT until it is read again. full: for want of room."""

    def __init__(self, text: str, full: bool = False):
        super().__init__(text)
        self.full = full


class JournalDamaged(Fault):
    """A frame that must be there is not sound, and it is no torn tail: never cut, never skipped in silence."""


class StickGone(Fault):
    """No USB stick is plugged in, or it was pulled out just now, perhaps in the middle of a write."""


class StickFull(Fault):
    """The USB stick takes no more."""


class StickBroken(Fault):
    """The USB stick fails, or gives back something else than was written to it."""


class LinkDown(Fault):
    """The line or the session is gone, or never came; nothing is known of what was being sent."""


class PrinterGone(Fault):
    """The printer's port is gone, or takes no bytes. Bytes already sent may have been printed."""


class WireFault(Fault):
    """A message from the other end breaks the wire format; the text says where, and never what it held.

    reason: one word of few, for who counts: size, utf-8, json, depth, number, control, canonical, version, topic, seal, form."""

    def __init__(self, text: str, reason: str = "form"):
        super().__init__(text)
        self.reason = reason


class PowerEnds(Fault):
    """The till has stopped because its power is about to go, or its key was pressed; str() is why, a word of ports Power.
    The machine is to be switched off."""


class ConfigFault(Fault):
    """A configuration file that does not parse or breaks a rule: the boot stops and says so.

    file: path below config/, key: dotted path inside it ("" for the whole file), reason: English. ASCII, whatever the file
    holds: the screen `fault` shows them."""

    def __init__(self, file: str, key: str, reason: str):
        self.file = _ascii(file)
        self.key = _ascii(key)
        self.reason = _ascii(reason)
        super().__init__(": ".join([part for part in (self.file, self.key, self.reason) if part]))


def _ascii(text: str) -> str:
    return "".join([c if " " <= c <= "~" else "?" for c in text])
