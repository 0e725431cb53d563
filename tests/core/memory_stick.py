"""A USB stick in memory, for both interpreters. Nothing is encrypted here: hal/backup.py is tested on its own."""

import json

from hal.ports.board import Stick
from hal.ports.faults import StickBroken, StickFull, StickGone


class MemoryStick(Stick):
    """files: name -> bytes. state: "in", "out" or "dying". room: bytes that it still takes. after: {count of writes: what
    happens then}."""

    def __init__(self, state="in"):
        self.files = {}
        self.state = state
        self.room = 1 << 24
        self.writes = 0
        self.after = {}

    def _there(self):
        if self.state == "out":
            raise StickGone("no stick is plugged in")

    async def free(self):
        self._there()
        return self.room

    async def names(self):
        self._there()
        return sorted(self.files)

    async def write(self, name, offset, data):
        self.writes += 1
        if self.writes in self.after:
            self.after[self.writes]()
        self._there()
        if len(data) > self.room:
            raise StickFull("no room")
        self.room -= len(data)
        if not offset:
            self.files[name] = bytearray()
        file = self._file(name)
        assert offset == len(file), (name, offset, len(file))
        file.extend(data)

    async def sync(self, name):
        self._there()

    async def read(self, name, offset, size):
        self._there()
        data = bytearray(self._file(name)[offset : offset + size])
        if self.state == "dying" and data:
            data[0] ^= 1
        return bytes(data)

    async def rename(self, name, to):
        self._there()
        self.files[to] = self._file(name)
        del self.files[name]

    async def remove(self, name):
        self._there()
        self._file(name)
        del self.files[name]

    async def sealed(self, member, data, key):
        self._there()
        return json.dumps([member, len(data)]).encode() + b"\n" + data

    def _file(self, name):
        if name not in self.files:
            raise StickBroken("there is no " + name)
        return self.files[name]

    def members(self, name):
        """What `sealed` made, back: member -> bytes."""
        data, found, at = bytes(self.files[name]), {}, 0
        while not data.startswith(b"\0", at):
            end = data.find(b"\n", at)
            member, size = json.loads(data[at:end])
            found[member] = data[end + 1 : end + 1 + size]
            at = end + 1 + size
        return found
