"""A segment's name is durable before anything is written to it, or the whole segment goes with a power cut."""

import asyncio

import pytest

from hal.ports.faults import StoreBroken
from hal.store import FileStore
from hal.worker import Inline
from tests.crash.harness import drive, fails
from tests.crash.medium import Medium, Plug, PowerCut
from tests.crash.stand import Silent

NAME = "main-00000001.seg"


class Folder(Medium):
    """Its folder's first sync fails."""

    failed = False

    def sync_dir(self) -> None:
        if not self.failed:
            self.failed = True
            fails()
        super().sync_dir()


def test_a_file_whose_name_could_not_be_made_durable_is_not_there():
    disk = Folder()
    store = FileStore(disk, Inline(), Silent())
    with pytest.raises(StoreBroken):
        drive(store.create(NAME, 512))
    assert drive(store.names()) == []
    drive(store.create(NAME, 512))
    assert list(disk.held) == [NAME]


class Dead(Folder):
    """The same, and the file cannot be removed again."""

    def unlink(self, name: str) -> None:
        if not self.mended:
            fails()
        super().unlink(name)

    mended = False


def test_a_file_that_is_neither_durable_nor_removed_is_made_again_when_the_disk_comes_to_itself():
    disk = Dead()
    store = FileStore(disk, Inline(), Silent())
    with pytest.raises(StoreBroken):
        drive(store.create(NAME, 512))
    assert drive(store.names()) == [] and disk.names() == [NAME] and list(disk.held) == []
    disk.mended = True
    drive(store.create(NAME, 512))
    assert drive(store.names()) == [NAME] == list(disk.held)


class Later:
    """A worker that answers at the loop's next turn, as a thread does."""

    async def run(self, fn, *args):
        answer = fn(*args)
        await asyncio.sleep(0)
        return answer


def test_a_caller_who_gives_up_leaves_no_name_that_is_not_durable():
    async def main() -> None:
        disk = Medium()
        making = asyncio.create_task(FileStore(disk, Later(), Silent()).create(NAME, 512))
        await asyncio.sleep(0)
        making.cancel()
        await asyncio.wait((making,))
        assert disk.names() == list(disk.held)

    asyncio.run(main())


def test_a_medium_forgets_what_was_not_synced():
    plug = Plug(3)
    disk = Medium({NAME: bytes(512)}, plug)
    disk.pwrite(NAME, 0, b"a" * 512)
    disk.fdatasync(NAME)
    disk.pwrite(NAME, 0, b"b" * 512)
    with pytest.raises(PowerCut):
        disk.fdatasync(NAME)
    assert disk.held[NAME] == b"a" * 512
