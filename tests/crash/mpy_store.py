"""The store on MicroPython's own files, in the dialect. flush is fsync(2) there (reliability.md, 1); a folder has no sync."""

import os

from hal.ports.board import Store
from hal.ports.faults import StoreBroken

ZEROS = bytes(4096)


class FolderStore(Store):
    """folder: where the segments are. Each open file is kept: the kill campaign has few."""

    def __init__(self, folder: str):
        self._folder = folder
        self._files: dict = {}

    async def names(self) -> "list[str]":
        return sorted([name for name in os.listdir(self._folder) if name.endswith(".seg")])

    async def size(self, name: str) -> int:
        return self._file(name).seek(0, 2)

    async def create(self, name: str, size: int) -> None:
        path = f"{self._folder}/{name}"
        with open(path + ".new", "wb") as file:  # noqa: ASYNC230 (nothing else runs in the program that is killed)
            for done in range(0, size, len(ZEROS)):
                file.write(ZEROS[: size - done])
            file.flush()
        os.rename(path + ".new", path)

    async def read_into(self, name: str, offset: int, buf: "bytearray | memoryview") -> int:
        file = self._file(name)
        file.seek(offset)
        return file.readinto(buf)

    async def write(self, name: str, offset: int, data: bytes) -> None:
        file = self._file(name)
        file.seek(offset)
        if file.write(data) != len(data):
            raise StoreBroken(f"{name}: a short write")

    async def sync(self, name: str) -> None:
        self._file(name).flush()

    async def remove(self, name: str) -> None:
        self._files.pop(name, None)
        os.remove(f"{self._folder}/{name}")

    def _file(self, name: str):
        if name not in self._files:
            self._files[name] = open(f"{self._folder}/{name}", "r+b")  # noqa: SIM115 (it stays open)
        return self._files[name]
