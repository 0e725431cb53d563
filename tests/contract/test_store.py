"""One suite for every store: a folder of a real disk behind a thread, the bench's disk in memory and over a folder, and
the double of tests/core. Then what each must do with its own faults."""

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
from hal.worker import Inline, Thread
from sim.chips.disk import BenchWorker, Disk
from sim.clock import run
from sim.power import Power, PowerGone
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


# -- the bench's disk


def bench(**knobs: Any) -> tuple[Disk, FileStore]:
    disk = Disk(**knobs)
    return disk, FileStore(disk, Inline(), Notes())


def test_a_cut_loses_keeps_or_tears_what_was_not_synced_and_nothing_else():
    async def main() -> None:
        kinds = set()
        for seed in range(60):
            disk, store = bench(seed=seed)
            await store.create("a.seg", SIZE)
            await store.write("a.seg", 0, b"s" * 1024)
            await store.sync("a.seg")
            await store.write("a.seg", 512, b"n" * 512)
            assert await read(store, "a.seg", 512, 512) == b"n" * 512
            assert disk.held.pread("a.seg", 512, 512) == b"s" * 512
            disk.cut()
            disk.power_on()
            found = await read(store, "a.seg", 0, SIZE)
            assert found[:512] == b"s" * 512 and found[1024:] == bytes(SIZE - 1024)
            kinds.add({b"s" * 512: "lost", b"n" * 512: "kept"}.get(found[512:1024], "torn"))
        assert kinds == {"lost", "kept", "torn"}

    asyncio.run(main())


def test_the_same_seed_makes_the_same_cut():
    async def after(seed: int) -> bytes:
        disk, store = bench(seed=seed)
        await store.create("a.seg", SIZE)
        for n in range(12):
            await store.write("a.seg", n * 512, bytes([n + 1]) * 512)
        disk.cut()
        return b"".join(disk.held.pread(name, 0, SIZE) for name in disk.held.names())

    assert asyncio.run(after(7)) == asyncio.run(after(7))
    assert len({asyncio.run(after(seed)) for seed in range(8)}) > 1


def test_a_disk_without_power_takes_nothing():
    disk, store = bench()
    asyncio.run(store.create("a.seg", SIZE))
    disk.cut()
    with pytest.raises(StoreBroken):
        asyncio.run(store.write("a.seg", 0, b"x"))
    disk.power_on()
    asyncio.run(store.write("a.seg", 0, b"x"))


def test_a_folder_holds_the_synced_bytes_and_no_others(tmp_path: Path):
    _, store = bench(folder=tmp_path)
    asyncio.run(store.create("a.seg", SIZE))
    asyncio.run(store.write("a.seg", 600, b"sold"))
    assert (tmp_path / "a.seg").read_bytes() == bytes(SIZE)
    asyncio.run(store.sync("a.seg"))
    assert (tmp_path / "a.seg").read_bytes()[600:604] == b"sold"
    again = Disk(tmp_path)
    assert again.names() == ["a.seg"] and again.pread("a.seg", 600, 4) == b"sold"
    asyncio.run(store.remove("a.seg"))
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_has_no_new_block_and_takes_old_ones():
    disk, store = bench()
    asyncio.run(store.create("a.seg", SIZE))
    disk.full = True
    with pytest.raises(StoreFull, match="ENOSPC"):
        asyncio.run(store.create("b.seg", SIZE))
    asyncio.run(store.write("a.seg", 0, b"x"))
    asyncio.run(store.sync("a.seg"))
    assert disk.held.pread("a.seg", 0, 1) == b"x"


def test_a_failed_sync_loses_what_waited_and_the_next_one_says_ok():
    """fsyncgate, as measured on Linux 6.18: who tries again is told that all is well."""

    def fail(name: str) -> None:
        raise OSError(errno.EIO, "medium error")

    async def main() -> None:
        lost = 0
        for seed in range(20):
            disk, store = bench(seed=seed)
            await store.create("a.seg", SIZE)
            await store.write("a.seg", 0, b"n" * 512)
            disk.before_sync = fail
            with pytest.raises(StoreBroken, match="EIO"):
                await store.sync("a.seg")
            disk.before_sync = lambda name: None
            await store.sync("a.seg")
            assert await read(store, "a.seg", 0, 512) == disk.held.pread("a.seg", 0, 512)
            lost += disk.held.pread("a.seg", 0, 512) != b"n" * 512
        assert lost > 5

    asyncio.run(main())


def test_a_slow_disk_takes_its_time_of_the_virtual_clock():
    async def main() -> None:
        loop = asyncio.get_running_loop()
        disk = Disk()
        store = FileStore(disk, BenchWorker(disk, Power().check), Notes())
        await store.create("a.seg", SIZE)
        assert loop.time() == 0
        disk.write_ms, disk.sync_ms = 2, 10
        await store.write("a.seg", 0, b"x")
        assert round(loop.time() * 1000) == 2
        await store.sync("a.seg")
        assert round(loop.time() * 1000) == 12
        await asyncio.gather(store.sync("a.seg"), store.sync("a.seg"))
        assert round(loop.time() * 1000) == 32, "one head, one call at a time"

    run(main())


def test_nobody_is_answered_once_the_power_is_gone():
    async def main() -> None:
        disk, power = Disk(), Power()
        store = FileStore(disk, BenchWorker(disk, power.check), Notes())
        await store.create("a.seg", SIZE)
        disk.sync_ms = 10
        sync = asyncio.ensure_future(store.sync("a.seg"))
        await asyncio.sleep(0.005)
        power.cut()
        with pytest.raises(PowerGone):
            await sync
        with pytest.raises(PowerGone):
            await store.write("a.seg", 0, b"x")
        assert disk.writes == 0

    run(main())


def test_power_can_go_inside_a_call():
    async def main() -> None:
        disk, store = bench()
        await store.create("a.seg", SIZE)

        def cut(*args: Any) -> None:
            disk.cut()
            raise PowerGone

        disk.before_write = cut
        with pytest.raises(PowerGone):
            await store.write("a.seg", 0, b"x")
        assert disk.held.pread("a.seg", 0, 1) == b"\0"
        disk.power_on()
        disk.before_write, disk.after_sync = (lambda *args: None), cut
        await store.write("a.seg", 0, b"x")
        with pytest.raises(PowerGone):
            await store.sync("a.seg")
        assert disk.held.pread("a.seg", 0, 1) == b"x"

    run(main())
