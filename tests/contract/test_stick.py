"""One suite for every USB stick: a folder of a real disk behind a thread, the bench's in memory and over a folder, and the
double of tests/core. Then what only one of them can do."""

import asyncio
import errno
import os
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pyrage
import pytest

from hal import backup
from hal.ports.board import Stick
from hal.ports.faults import StickBroken, StickFull, StickGone
from hal.stick import OsMedium, UsbStick, plugged
from hal.worker import Inline, Thread
from sim.chips.disk import BenchWorker
from sim.chips.stick import DYING, FULL, IN, OUT, StickChip
from sim.clock import run
from sim.power import Power
from tests.contract.wires import Notes
from tests.core.memory_stick import MemoryStick

NAME, HALF = "STALL-0001-000001.tar", "STALL-0001-000001.tar.NEW"
PIPE = "STALL-0001-000002.tar.NEW"
Hand = Callable[[], None]  # pulls the stick out
Body = Callable[[Stick, Hand], Coroutine[Any, Any, None]]


def on_real(body: Body, folder: Path) -> None:
    async def main() -> None:
        worker, there = Thread(), [True]
        try:
            await body(UsbStick(OsMedium(folder, lambda path: there[0]), worker, Notes()), lambda: there.__setitem__(0, False))
        finally:
            worker.close()

    asyncio.run(main())


def on_bench(body: Body, folder: Path | None) -> None:
    async def main() -> None:
        chip = StickChip(folder)
        chip.put(IN)
        await body(UsbStick(chip, BenchWorker(chip, Power().check), Notes()), lambda: chip.put(OUT))

    run(main())


def on_double(body: Body) -> None:
    stick = MemoryStick()
    asyncio.run(body(stick, lambda: setattr(stick, "state", "out")))


HARNESS: dict[str, Callable[[Body, Path], None]] = {
    "real": on_real,
    "bench": lambda body, folder: on_bench(body, None),
    "bench folder": on_bench,
    "core double": lambda body, folder: on_double(body),
}


@pytest.fixture(params=list(HARNESS))
def play(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[Body], None]:
    return lambda body: HARNESS[request.param](body, tmp_path)


def test_what_is_written_in_pieces_is_read_back(play):
    async def body(stick: Stick, pull: Hand) -> None:
        assert await stick.names() == []
        await stick.write(HALF, 0, b"first ")
        await stick.write(HALF, 6, b"second")
        await stick.sync(HALF)
        assert await stick.read(HALF, 0, 100) == b"first second"
        assert await stick.read(HALF, 6, 3) == b"sec" and await stick.read(HALF, 12, 5) == b""
        assert await stick.free() > 1_000_000

    play(body)


def test_a_file_is_begun_anew_renamed_and_removed(play):
    async def body(stick: Stick, pull: Hand) -> None:
        await stick.write(HALF, 0, b"something longer")
        await stick.write(HALF, 0, b"short")
        await stick.sync(HALF)
        await stick.rename(HALF, NAME)
        assert await stick.names() == [NAME] and await stick.read(NAME, 0, 100) == b"short"
        await stick.remove(NAME)
        assert await stick.names() == []

    play(body)


def test_a_stick_that_is_out_is_gone_for_every_act(play):
    async def body(stick: Stick, pull: Hand) -> None:
        await stick.write(HALF, 0, b"half")
        pull()
        for act in (stick.free(), stick.names(), stick.write(HALF, 4, b"x"), stick.sync(HALF), stick.read(HALF, 0, 4)):
            with pytest.raises(StickGone):
                await act
        for act in (stick.rename(HALF, NAME), stick.remove(HALF)):
            with pytest.raises(StickGone):
                await act

    play(body)


def test_a_file_that_is_not_there_is_a_broken_stick(play):
    async def body(stick: Stick, pull: Hand) -> None:
        for act in (stick.read(NAME, 0, 4), stick.rename(HALF, NAME), stick.remove(NAME)):
            with pytest.raises(StickBroken):
                await act

    play(body)


# -- the bench's own


def bench_stick(chip: StickChip) -> UsbStick:
    return UsbStick(chip, BenchWorker(chip, Power().check), Notes())


def test_a_full_stick_says_so_and_a_dying_one_gives_back_something_else():
    async def body() -> None:
        chip = StickChip()
        chip.put(FULL)
        stick = bench_stick(chip)
        assert await stick.free() == 0
        with pytest.raises(StickFull):
            await stick.write(HALF, 0, b"x")
        chip.put(DYING)
        await stick.write(HALF, 0, b"precious")
        await stick.sync(HALF)
        assert await stick.read(HALF, 0, 8) != b"precious"
        assert chip.held()[HALF] == b"precious"

    run(body())


def test_what_was_not_synced_is_torn_when_the_stick_is_pulled_and_the_synced_stays():
    async def body(seed: int) -> bytes:
        chip = StickChip(seed=seed)
        chip.put(IN)
        stick = bench_stick(chip)
        await stick.write(NAME, 0, b"synced")
        await stick.sync(NAME)
        await stick.write(HALF, 0, bytes(1000))
        chip.put(OUT)
        chip.put(IN)
        assert chip.held()[NAME] == b"synced"
        return chip.held()[HALF]

    lengths = {len(run(body(seed))) for seed in range(20)}
    assert len(lengths) > 10 and max(lengths) <= 1000


def test_a_stick_over_a_folder_is_the_same_stick_next_time(tmp_path):
    async def body() -> None:
        chip = StickChip(tmp_path)
        chip.put(IN)
        await bench_stick(chip).write(NAME, 0, b"kept")
        await bench_stick(chip).sync(NAME)

    run(body())
    assert StickChip(tmp_path).held() == {NAME: b"kept"}


# -- the real one's own


def test_a_folder_where_nothing_is_mounted_is_no_stick(tmp_path):
    assert not plugged(tmp_path) and not plugged(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("number", "fault"),
    [(errno.ENOSPC, StickFull), (errno.EFBIG, StickFull), (errno.EIO, StickBroken), (errno.EROFS, StickBroken)],
)
def test_errno_becomes_the_ports_own_words(tmp_path, number, fault):
    class Failing(OsMedium):
        def fsync(self, name: str) -> None:
            raise OSError(number, os.strerror(number))

    async def body() -> None:
        notes = Notes()
        stick = UsbStick(Failing(tmp_path, lambda path: True), Inline(), notes)
        await stick.write(HALF, 0, b"x")
        with pytest.raises(fault):
            await stick.sync(HALF)

    asyncio.run(body())


def test_a_read_asks_the_medium_and_not_the_cache(tmp_path, monkeypatch):
    """The kernel is told to forget the pages before every read."""
    calls: list[str] = []
    real = os.posix_fadvise, os.pread
    monkeypatch.setattr(os, "posix_fadvise", lambda *args: (calls.append(f"advise {args[3]}"), real[0](*args))[1])
    monkeypatch.setattr(os, "pread", lambda *args: (calls.append("read"), real[1](*args))[1])

    async def body() -> None:
        stick = UsbStick(OsMedium(tmp_path, lambda path: True), Inline(), Notes())
        await stick.write(HALF, 0, b"x")
        await stick.sync(HALF)
        assert await stick.read(HALF, 0, 1) == b"x"

    asyncio.run(body())
    assert calls == [f"advise {os.POSIX_FADV_DONTNEED}", "read"]


def test_no_other_name_reaches_a_stick(tmp_path):
    stick = UsbStick(OsMedium(tmp_path, lambda path: True), Inline(), Notes())
    for name in ("../etc/passwd", "a.tar", "A/B.tar", "", "STALL-0001-000001.tar.new"):
        with pytest.raises(ValueError, match="is no name of ours"):
            asyncio.run(stick.write(name, 0, b"x"))


def test_a_log_has_a_name_that_a_stick_takes(tmp_path):
    """As flows/log_out.py calls it."""
    stick = UsbStick(OsMedium(tmp_path, lambda path: True), Inline(), Notes())
    asyncio.run(stick.write("STALL-0001-LOG.TXT", 0, b"14:32 a line"))
    assert (tmp_path / "STALL-0001-LOG.TXT").read_bytes() == b"14:32 a line"


def test_a_link_or_a_pipe_on_a_stick_leads_nowhere(tmp_path):
    """A stick that somebody prepared: what it points to on the till's own disk is neither written nor read."""
    own = tmp_path / "own.seg"
    own.write_bytes(b"the journal")
    (tmp_path / "stick").mkdir()
    (tmp_path / "stick" / HALF).symlink_to(own)
    (tmp_path / "stick" / NAME).symlink_to(tmp_path / "not there yet")
    os.mkfifo(tmp_path / "stick" / PIPE)
    stick = UsbStick(OsMedium(tmp_path / "stick", lambda path: True), Inline(), Notes())
    for act in (
        stick.write(PIPE, 0, b"x"),
        stick.write(HALF, 0, b"x"),
        stick.write(NAME, 0, b"x"),
        stick.read(HALF, 0, 4),
        stick.sync(HALF),
    ):
        with pytest.raises(StickBroken):
            asyncio.run(act)
    assert own.read_bytes() == b"the journal" and not (tmp_path / "not there yet").exists()


# -- what goes on it


def sealed(*members: tuple[str, bytes]) -> tuple[bytes, pyrage.x25519.Identity]:
    key = pyrage.x25519.Identity.generate()
    return b"".join(backup.member(name, data, str(key.to_public())) for name, data in members) + Stick.TAR_END, key


def test_a_backup_opens_with_the_shops_key_and_with_no_other(tmp_path):
    data, key = sealed(("main-00000001.seg@00000000", b"sales"), ("manifest.json", b"{}"))
    path = tmp_path / NAME
    path.write_bytes(data)
    assert b"sales" not in data
    assert list(backup.members(path, key)) == [("main-00000001.seg@00000000", b"sales"), ("manifest.json", b"{}")]
    with pytest.raises(backup.BackupDamaged):
        list(backup.members(path, pyrage.x25519.Identity.generate()))


def test_any_tar_and_any_age_can_read_a_backup(tmp_path):
    import tarfile

    data, key = sealed(("main-00000001.seg@00000000", b"sales" * 300))
    (tmp_path / NAME).write_bytes(data)
    with tarfile.open(tmp_path / NAME) as tar:
        assert tar.getnames() == ["main-00000001.seg@00000000.age"]
        inside = tar.extractfile(tar.getmembers()[0])
        assert inside is not None and pyrage.decrypt(inside.read(), [key]) == b"sales" * 300


def test_every_cut_and_every_flipped_byte_of_a_backup_is_found(tmp_path):
    data, key = sealed(("a@0", b"x" * 40), ("manifest.json", b"{}"))
    path = tmp_path / NAME
    whole = [("a@0", b"x" * 40), ("manifest.json", b"{}")]
    for size in range(0, len(data) - len(Stick.TAR_END), 37):
        path.write_bytes(data[:size])
        with pytest.raises(backup.BackupDamaged):
            list(backup.members(path, key))
    for at in range(0, len(data) - len(Stick.TAR_END), 5):
        path.write_bytes(data[:at] + bytes([data[at] ^ 0x10]) + data[at + 1 :])
        try:
            assert list(backup.members(path, key)) == whole, at  # in the padding between two members, or a file's date
        except backup.BackupDamaged:
            continue


def test_a_wrong_key_is_refused_without_repeating_a_secret():
    with pytest.raises(ValueError, match="no public key of age"):
        backup.member("a", b"", "age1nonsense")
    with pytest.raises(ValueError, match="no secret key of age") as told:
        backup.identity("# mine\nAGE-SECRET-KEY-1WRONG\n")
    assert "WRONG" not in str(told.value)
