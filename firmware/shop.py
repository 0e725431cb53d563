"""The shop as it is at this moment: its settings, which the fleet may change between two sales, and the language in use."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.config import Settings
    from firmware.journal.desk import Desk
    from firmware.ui.words import Words


class Shop:
    """settings: put here by whoever takes new ones into use; read here by everybody, each time anew. desk: knows the language."""

    def __init__(self, settings: "Settings", desk: "Desk"):
        self.settings = settings
        self._desk = desk

    def words(self) -> "Words":
        """The language in use: the operator's choice, else the profile's."""
        chosen = self._desk.lang
        return self.settings.words[chosen if chosen in self.settings.words else self.settings.lang]
