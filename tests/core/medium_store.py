"""A store on a medium beside the heap, as a till has one: files that have no name, and are gone with the program."""

import binascii
import hashlib
import os

from hal.ports.board import Store
from hal.ports.faults import StoreBroken

PIECE = 4096


def nameless():
    """A new file that nobody else can open, and that nobody needs to clear away."""
    path = "/tmp/barrow-" + binascii.hexlify(os.urandom(8)).decode()
    file = open(path, "w+b")  # noqa: SIM115 (it stays open)
    os.remove(path)
    return file


class MediumStore(Store):
    """What was not synced is gone after `cut`. close: the files are gone."""

    def __init__(self):
        self.files = {}
        self.waiting = []  # (name, offset, data)

    async def names(self):
        return sorted(self.files)

    async def size(self, name):
        return self._file(name).seek(0, 2)

    async def create(self, name, size):
        file = self.files[name] = nameless()
        file.seek(size - 1)
        file.write(b"\0")

    async def read_into(self, name, offset, buf):
        file = self._file(name)
        file.seek(offset)
        return file.readinto(buf)

    async def write(self, name, offset, data):
        assert offset + len(data) <= await self.size(name)
        self.waiting.append((name, offset, bytes(data)))

    async def sync(self, name):
        for _, offset, data in [write for write in self.waiting if write[0] == name]:
            file = self._file(name)
            file.seek(offset)
            file.write(data)
        self.waiting = [write for write in self.waiting if write[0] != name]

    async def remove(self, name):
        self._file(name).close()
        del self.files[name]

    def _file(self, name):
        if name not in self.files:
            raise StoreBroken(name + ": there is no such file")
        return self.files[name]

    def cut(self):
        """The power goes."""
        self.waiting = []

    def close(self):
        """Nothing can be read any more."""
        for name in self.files:
            self.files[name].close()

    def print_of(self, prefix):
        """SHA-256 of every byte in the files whose names begin so, names included."""
        hash, buf = hashlib.sha256(), bytearray(PIECE)
        for name in sorted(self.files):
            if name.startswith(prefix):
                hash.update(name.encode())
                file = self.files[name]
                file.seek(0)
                count = file.readinto(buf)
                while count:
                    hash.update(memoryview(buf)[:count])
                    count = file.readinto(buf)
        return hash.digest()
