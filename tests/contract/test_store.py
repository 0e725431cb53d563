"""One suite for every store: a folder of a real disk behind a thread, the bench's disk in memory and over a folder, and
the double of tests/core. Then a real disk alone."""

import asyncio
import errno
import os
import threading
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from hal.ports.board import Store
from hal.ports.faults import StoreBroken, StoreFull
from hal.store import FileStore, OsDisk
from hal.worker import Thread
from sim.chips.disk import BenchWorker, Disk
from sim.clock import run
from sim.power import Power
from tests.contract.wires import Notes
from tests.core.memory_store import MemoryStore

SIZE = 8192
Body = Callable[[Store], Coroutine[Any, Any, None]]


def on_real(body: Body, folder: Path) -> None:
    async def main() -> None:
        worker, disk = Thread(), OsDisk(folder)
        try:
            await body(FileStore(disk, worker, Notes()))
        finally:
            worker.close()
            disk.close()

    asyncio.run(main())


def on_bench(body: Body, folder: Path | None) -> None:
    async def main() -> None:
        disk = Disk(folder)
        await body(FileStore(disk, BenchWorker(disk, Power().check), Notes()))

    run(main())


HARNESS: dict[str, Callable[[Body, Path], None]] = {
    "real": on_real,
    "bench": lambda body, folder: on_bench(body, None),
    "bench folder": on_bench,
    "core double": lambda body, folder: asyncio.run(body(MemoryStore())),
}


@pytest.fixture(params=list(HARNESS))
def play(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[Body], None]:
    return lambda body: HARNESS[request.param](body, tmp_path)


async def read(store: Store, name: str, offset: int, size: int) -> bytes:
    buf = bytearray(b"?" * size)
    return bytes(buf[: await store.read_into(name, offset, buf)])


def test_a_new_file_is_full_of_zeros(play):
    async def body(store: Store) -> None:
        assert await store.names() == []
        await store.create("main-2.seg", SIZE)
        await store.create("main-1.seg", SIZE)
        assert await store.names() == ["main-1.seg", "main-2.seg"]
        assert await store.size("main-1.seg") == SIZE
        assert await read(store, "main-1.seg", 0, SIZE) == bytes(SIZE)

    play(body)


def test_what_is_written_is_read_and_only_there(play):
    async def body(store: Store) -> None:
        await store.create("main-1.seg", SIZE)
        await store.write("main-1.seg", 700, b"abc" * 300)
        assert await read(store, "main-1.seg", 699, 902) == b"\0" + b"abc" * 300 + b"\0"
        await store.sync("main-1.seg")
        await store.write("main-1.seg", 1024, b"Z")
        data = bytearray(bytes(700) + b"abc" * 300 + bytes(SIZE - 1600))
        data[1024:1025] = b"Z"
        assert await read(store, "main-1.seg", 0, SIZE) == bytes(data)

    play(body)


def test_a_read_ends_at_the_end_of_the_file(play):
    async def body(store: Store) -> None:
        await store.create("main-1.seg", SIZE)
        assert len(await read(store, "main-1.seg", SIZE - 10, 512)) == 10
        assert await read(store, "main-1.seg", SIZE, 512) == b""
        part = memoryview(bytearray(b"x" * 20))
        assert await store.read_into("main-1.seg", 0, part[5:10]) == 5
        assert bytes(part) == b"x" * 5 + bytes(5) + b"x" * 10

    play(body)


def test_no_write_makes_a_file_longer(play):
    async def body(store: Store) -> None:
        await store.create("main-1.seg", SIZE)
        with pytest.raises(StoreBroken):
            await store.write("main-1.seg", SIZE - 1, b"ab")
        assert await store.size("main-1.seg") == SIZE

    play(body)


def test_a_removed_file_is_gone(play):
    async def body(store: Store) -> None:
        await store.create("main-1.seg", SIZE)
        await store.remove("main-1.seg")
        assert await store.names() == []
        with pytest.raises(StoreBroken):
            await read(store, "main-1.seg", 0, 1)

    play(body)


def test_a_file_is_never_made_twice(play):
    async def body(store: Store) -> None:
        await store.create("main-1.seg", SIZE)
        await store.write("main-1.seg", 0, b"kept")
        with pytest.raises(StoreBroken):
            await store.create("main-1.seg", SIZE)
        assert await read(store, "main-1.seg", 0, 4) == b"kept"

    play(body)


@pytest.mark.parametrize("name", ["../a.seg", "a.txt", "", "A.seg", "a/b.seg", "a.seg\n"])
def test_no_other_name_reaches_the_disk(name: str, tmp_path: Path):
    async def body(store: Store) -> None:
        with pytest.raises(ValueError):
            await store.create(name, SIZE)

    on_real(body, tmp_path / "store")
    assert list(tmp_path.rglob("*")) == [tmp_path / "store"]


# -- a real disk


def test_real_files_outlive_the_process(tmp_path: Path):
    async def write(store: Store) -> None:
        await store.create("main-1.seg", SIZE)
        await store.write("main-1.seg", 512, b"sold")
        await store.sync("main-1.seg")

    async def again(store: Store) -> None:
        assert await read(store, "main-1.seg", 512, 4) == b"sold"

    on_real(write, tmp_path)
    on_real(again, tmp_path)


def test_a_half_made_file_has_no_name_of_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def full(fd: int, data: bytes) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    async def body(store: Store) -> None:
        monkeypatch.setattr("hal.store.write_all", full)
        with pytest.raises(StoreFull, match="ENOSPC"):
            await store.create("main-1.seg", SIZE)
        assert await store.names() == []
        monkeypatch.undo()
        await store.create("main-1.seg", SIZE)

    on_real(body, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["main-1.seg"]


def test_a_thousand_segments_take_few_open_files(tmp_path: Path):
    async def body(store: Store) -> None:
        before = len(os.listdir("/dev/fd"))
        for n in range(40):
            await store.create(f"main-{n}.seg", 512)
            await store.write(f"main-{n}.seg", 0, b"x")
        assert len(os.listdir("/dev/fd")) < before + 12

    on_real(body, tmp_path)


def test_a_blocked_disk_does_not_block_the_loop():
    async def main() -> None:
        worker, gate, order = Thread(), threading.Event(), []
        slow = asyncio.ensure_future(worker.run(gate.wait, 10))
        after = asyncio.ensure_future(worker.run(order.append, "second"))
        await asyncio.sleep(0)
        order.append("the loop ran")
        gate.set()
        assert await slow
        await after
        assert order == ["the loop ran", "second"]
        worker.close()

    asyncio.run(main())
