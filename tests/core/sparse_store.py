"""A store in memory for a whole till: files take room only where they are written, and any call can be made to fail."""

from hal.ports.board import Store
from hal.ports.faults import StoreBroken

SECTOR, BLOCK = 512, 16384  # small blocks all over MicroPython's heap would leave no room for a large one


class SparseStore(Store):
    """Files of zeros that take room only where they are written: two 4 MiB segments fit into MicroPython's 2 MiB heap.

    broken: {"write main": fault} is raised each time, before it does a thing, until it is taken out. A broken sync loses
    what it was to write, as Linux does; "synced" is one that did its work and then failed."""

    def __init__(self):
        self.files = {}  # name -> (size, {block number: bytes})
        self.waiting = []  # (name, offset, data)
        self.broken = {}
        self.after_sync = None  # called with the file's name

    def _may(self, word, name):
        fault = self.broken.get(word + " " + name.split("-")[0])
        if fault is not None:
            raise fault
        if word != "create" and name not in self.files:
            raise StoreBroken(name + ": there is no such file")

    async def names(self):
        return sorted(self.files)

    async def size(self, name):
        return self.files[name][0]

    async def create(self, name, size):
        self._may("create", name)
        self.files[name] = (size, {})

    async def read_into(self, name, offset, buf):
        self._may("read", name)
        size, blocks = self.files[name]
        count = min(len(buf), size - offset)
        at = 0
        while at < count:
            block, skip = (offset + at) // BLOCK, (offset + at) % BLOCK
            part = min(BLOCK - skip, count - at)
            data = blocks.get(block)
            buf[at : at + part] = data[skip : skip + part] if data is not None else bytes(part)
            at += part
        return count

    async def write(self, name, offset, data):
        self._may("write", name)
        assert offset + len(data) <= self.files[name][0]
        self.waiting.append((name, offset, bytes(data)))

    async def sync(self, name):
        mine = [write for write in self.waiting if write[0] == name]
        self.waiting = [write for write in self.waiting if write[0] != name]
        self._may("sync", name)
        for _, offset, data in mine:
            at = 0
            while at < len(data):
                skip = (offset + at) % BLOCK
                part = data[at : at + BLOCK - skip]
                self._block(name, offset + at)[skip : skip + len(part)] = part
                at += len(part)
        self._may("synced", name)
        if self.after_sync is not None:
            self.after_sync(name)

    def _block(self, name, offset):
        blocks = self.files[name][1]
        if offset // BLOCK not in blocks:
            blocks[offset // BLOCK] = bytearray(BLOCK)
        return blocks[offset // BLOCK]

    def flip(self, name, offset):
        """One bit of the medium turns over."""
        self._block(name, offset)[offset % BLOCK] ^= 1

    async def remove(self, name):
        self._may("remove", name)
        del self.files[name]

    def cut(self):
        """The power goes: what was not synced is gone."""
        self.waiting = []
        self.broken = {}
        self.after_sync = None
