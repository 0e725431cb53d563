"""What an operator's hands can do: the 28 keys by name, and the acts that arrive in the input queue.

A driver names, debounces and stamps at the source; firmware decides what is a press and what is a hold."""

DIGITS = ("0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "00")
SOFT = ("F1", "F2", "F3")
TENDERS = ("CASH", "CARD", "QR")
KEYS = DIGITS + (".", "OK", "CANCEL", "BACK", "TIMES", "MENU", "UP", "DOWN", "PLU") + SOFT + TENDERS + ("PRINT", "SCAN")

SCAN_MAX = 256  # characters of one scan; longer ones are cut off by the driver


class Key:
    """One edge of one key. name: one of KEYS, down: pressed (True) or let go, ms: clock.now_ms() at the edge."""

    def __init__(self, name: str, down: bool, ms: int):
        self.name = name
        self.down = down
        self.ms = ms


class Scan:
    """What the scanner read: 1 to SCAN_MAX printable characters, never a control code. ms: clock.now_ms()."""

    def __init__(self, text: str, ms: int):
        self.text = text
        self.ms = ms


class LinkMoved:
    """The link's state (see board.Link.state) is not what it was."""
