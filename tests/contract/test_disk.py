"""The bench's disk: what is not synced may be lost, kept or torn, by the seed; a slow, full or failing one, as real ones are."""

import asyncio
import errno
from pathlib import Path
from typing import Any

import pytest

from hal.ports.faults import StoreBroken, StoreFull
from hal.store import FileStore
from hal.worker import Inline
from sim.chips.disk import BenchWorker, Disk
from sim.clock import run
from sim.power import Power, PowerGone
from tests.contract.test_store import SIZE, read
from tests.contract.wires import Notes


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
