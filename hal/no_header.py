"""A till without a GPIO header, or without one of its lines: no drawer, no buzzer, no lamps. It sells all the same; the drawer
is opened by its key."""

from hal.ports.board import Drawer, Light, Log, Sound


class NoDrawer(Drawer):
    def __init__(self, log: Log) -> None:
        self._log = log

    def kick(self) -> None:
        self._log.say("sys", "no drawer to kick")


class Mute(Sound):
    def tone(self, name: str) -> None:
        """Nothing is heard."""


class Unlit(Light):
    def set(self, lamp: str, on: bool) -> None:
        """Nothing is seen."""
