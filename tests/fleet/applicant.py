"""A till that asks at the fleet's door: its real keys, its real request, without a wire."""

import asyncio

from firmware.sync import door
from hal import keystore
from hal.identity import AUTHORITY, Identity


class Applicant:
    """folder: of its store. authority: the fleet's Authority that it is set up with."""

    def __init__(self, folder, authority, terminal="BARROW-0001"):
        self.folder, self.terminal = folder, terminal
        folder.mkdir(parents=True, exist_ok=True)
        (folder / AUTHORITY).write_bytes(authority.root())
        self.keys = keystore.kept(folder)
        self.boot()

    def boot(self):
        self.identity = Identity(self.folder, self.folder / AUTHORITY, self.terminal, self.keys.learn)

    @property
    def code(self):
        return door.code(self.terminal, self.identity.public(), self.keys.public())

    def ask(self):
        return door.ask(self.code, self.terminal, self.identity.request(), self.keys)

    def knock(self, collector):
        """Ask, and what comes down, read."""
        ((topic, payload),) = collector.handle(door.up(self.code), self.ask())
        assert topic == door.down(self.code)
        return door.read_answer(payload)

    def take(self, answer):
        asyncio.run(self.identity.take(answer["crt"], answer["doc"]))
