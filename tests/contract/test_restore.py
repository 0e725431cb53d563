"""Backups brought back: a drill that compares heads, and a restore that never goes backwards, on real folders."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import pyrage
import pytest

from firmware.journal.backup import Backup, Stand
from firmware.journal.desk import Desk
from firmware.journal.journal import Journal
from firmware.journal.mirror import Mirror
from firmware.journal.rollup import Rollup
from hal import backup, keystore
from hal.__main__ import Recovered
from hal.backup import BackupDamaged
from hal.ports.board import Stick
from hal.restore import ASIDE, BEFORE, NEW, SAID, Refused, drill, restore
from hal.stick import OsMedium, UsbStick
from hal.store import FileStore, OsDisk
from hal.worker import Inline
from tests.contract.wires import Notes

ROOT = Path(__file__).parents[2]
AT_S = 1795271520
TILL = keystore.seeded(1, "STALL-0001")


class Shop:
    """A till's store and a stick as folders, and the shop's key."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store, self.stick = folder / "store", folder / "stick"
        self.stick.mkdir()
        self.key = pyrage.x25519.Identity.generate()
        self.key_file = folder / "shop.key"
        self.key_file.write_text(f"# made for a test\n{self.key}\n")
        self.path = self.stick / "STALL-0001-000001.tar"

    def day(self, sales: int, back_up: bool = False, said: str = "x") -> None:
        """So many frames more; and a backup of what is there then."""

        async def work() -> None:
            disk = OsDisk(self.store)
            store = FileStore(disk, Inline(), Notes())
            journal = Journal(store, "main", Rollup(1), Notes(), 1 << 16)
            desk = Journal(store, "desk", Desk(), Notes(), 1 << 16)
            await journal.recover()
            await desk.recover()
            for _ in range(sales):
                await journal.append("no_sale", 0, {"reason": said, "at": AT_S})
            await desk.append("lang", 0, {"lang": "zh"})
            if back_up:
                stick = UsbStick(OsMedium(self.stick, lambda path: True), Inline(), Notes())
                public = str(self.key.to_public())
                stores = [("main", store), ("desk", store)]
                await Backup(stores, stick, "STALL-0001", public, told, TILL).run(Stand(journal, desk, sales, AT_S))
            disk.close()

        asyncio.run(work())

    def restore(self) -> None:
        restore(self.path, self.key, self.store, Recovered)

    def content(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in sorted(self.store.iterdir())}


async def told(phase: str, done: int, whole: int) -> None:
    """Nobody looks on."""


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)


def test_a_drill_compares_heads_and_touches_nothing(shop, tmp_path):
    shop.day(300, back_up=True)  # three segments of the journal
    before = shop.content()
    manifest, chain = drill(shop.path, shop.key, tmp_path / "scratch", Recovered)
    own = Recovered(shop.store, "main")
    assert (chain.seq, chain.head) == (own.seq, own.head) == (300, bytes.fromhex(manifest.stands["main"][1]))
    assert manifest.terminal == "STALL-0001" and shop.content() == before


def test_a_restore_gives_a_new_till_the_same_journal_and_zeros_that_take_room(shop):
    shop.day(300, back_up=True)
    before = shop.content()
    shop.store.rename(shop.folder / "lost")
    shop.restore()
    assert shop.content() == before
    for path in shop.store.iterdir():
        assert path.stat().st_blocks * 512 >= path.stat().st_size  # no holes: a full disk never strikes inside a sale
    shop.day(5)
    assert Recovered(shop.store, "main").seq == 305


def test_a_restore_brings_an_older_store_forward_and_keeps_it_beside(shop):
    shop.day(100)
    older = shop.content()
    shop.day(50, back_up=True)
    for name, data in older.items():
        (shop.store / name).write_bytes(data)
    for name in set(shop.content()) - set(older):
        (shop.store / name).unlink()
    keys = shop.store / "till.keys"
    keys.write_bytes(b"secret")
    keys.chmod(0o600)
    shop.restore()
    assert Recovered(shop.store, "main").seq == 150
    assert (shop.store / "till.keys").read_bytes() == b"secret" and keys.stat().st_mode & 0o077 == 0
    beside = shop.folder / ("store" + BEFORE)
    assert {path.name: path.read_bytes() for path in beside.iterdir() if path.suffix == ".seg"} == older
    with pytest.raises(Refused, match="from an earlier restore"):
        shop.restore()


@pytest.mark.parametrize("more", [0, 1, 200])
def test_a_restore_that_would_go_backwards_is_refused(shop, more):
    shop.day(100, back_up=True)
    shop.day(more)
    before = shop.content()
    with pytest.raises(Refused, match="never goes backwards"):
        shop.restore()
    assert shop.content() == before and not (shop.folder / ("store" + NEW)).exists()


def test_another_past_is_refused_however_short(shop):
    shop.day(100, back_up=True)
    shop.store.rename(shop.folder / "lost")
    shop.day(3, said="another")
    before = shop.content()
    with pytest.raises(Refused, match="another past"):
        shop.restore()
    assert shop.content() == before


def test_a_store_that_cannot_be_read_is_not_overwritten(shop):
    shop.day(100, back_up=True)
    with (shop.store / "main-00000001.seg").open("r+b") as file:
        file.seek(40)
        file.write(b"\xff" * 8)
    with pytest.raises(Refused, match="move it away first"):
        shop.restore()


def test_an_altered_backup_is_refused_and_changes_nothing(shop, tmp_path):
    shop.day(20, back_up=True)
    data = shop.path.read_bytes()
    shop.store.rename(shop.folder / "lost")
    for at in range(512, len(data), len(data) // 23):
        shop.path.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
        try:
            drill(shop.path, shop.key, tmp_path / f"scratch{at}", Recovered)
        except BackupDamaged:
            with pytest.raises(BackupDamaged):
                shop.restore()
            assert not shop.store.exists() and not (shop.folder / ("store" + NEW)).exists()
        else:  # padding between two members: what is restored is what was sealed
            assert data[at] == 0
    shop.path.write_bytes(data[: len(data) // 2])
    with pytest.raises(BackupDamaged):
        shop.restore()


def forged(shop: Shop, change: "object") -> None:
    """The backup again, sealed to the same key by somebody else, its members changed by change(list)."""
    held = list(backup.members(shop.path, shop.key))
    change(held)  # type: ignore[operator]
    public = str(shop.key.to_public())
    shop.path.write_bytes(b"".join(backup.member(name, data, public) for name, data in held) + Stick.TAR_END)


def manifest_with(**changed: object) -> "object":
    def change(held: "list[tuple[str, bytes]]") -> None:
        manifest = json.dumps(json.loads(held[-2][1]) | changed).encode()
        held[-2:] = [("manifest.json", manifest), ("manifest.sig", TILL.public() + TILL.sign(SAID + manifest))]

    return change


@pytest.mark.parametrize(
    "change",
    [
        lambda held: held.pop(0),
        lambda held: held.append(held[0]),
        lambda held: held.insert(0, ("extra", b"x")),
        lambda held: held.insert(0, (held[0][0], held[0][1][:-1] + b"!")),
        lambda held: held.pop(),
        lambda held: held.append(held[-1]),
        lambda held: held.__setitem__(-2, ("manifest.json", b"not JSON")),
        lambda held: held.__setitem__(-2, ("manifest.json", b"[]")),
        lambda held: held.__setitem__(-2, ("manifest.json", held[-2][1].replace(b'"sales":20', b'"sales":21'))),
        lambda held: held.__setitem__(-1, ("manifest.sig", bytes(96))),
        lambda held: held.__setitem__(-1, ("manifest.sig", b"")),
        manifest_with(format=3),
        manifest_with(terminal="\x1b[2J"),
        manifest_with(at=10**30),
        manifest_with(sales=[]),
        manifest_with(segments=[{"name": "../../etc/x.seg", "size": 4096, "parts": []}]),
        manifest_with(segments=[{"name": "main-00000001.seg", "size": 1 << 60, "parts": []}]),
        manifest_with(journals={"main": {"seq": 20, "head": "0" * 64}, "desk": {"seq": 0, "head": "0" * 64}}),
        manifest_with(journals={"main": {"seq": 999, "head": "0" * 64}, "desk": {"seq": 0, "head": "0" * 64}}),
    ],
)
def test_whoever_seals_another_backup_to_the_shops_key_is_believed_in_nothing(shop, tmp_path, change):
    shop.day(20, back_up=True)
    forged(shop, change)
    with pytest.raises(BackupDamaged):
        drill(shop.path, shop.key, tmp_path / "scratch", Recovered)
    assert not (tmp_path / "etc").exists()


def test_a_backup_without_a_signature_is_read_and_said_to_have_none(shop, tmp_path):
    shop.day(20, back_up=True)
    manifest, _ = drill(shop.path, shop.key, tmp_path / "one", Recovered)
    assert manifest.signer == TILL.public()

    def before_there_were_any(held):
        held[-2:] = [("manifest.json", held[-2][1].replace(b'"format":2', b'"format":1'))]

    forged(shop, before_there_were_any)
    manifest, _ = drill(shop.path, shop.key, tmp_path / "two", Recovered)
    assert manifest.signer == b"" and manifest.stands["main"][0] == 20
    shop.store.rename(shop.folder / "lost")
    with pytest.raises(Refused, match="nobody signed it"):
        restore(shop.path, shop.key, shop.store, Recovered, signer=TILL.public())


# -- with a second copy


def mirrored(shop, sales=0):
    """Boot the till with both copies and sell; the seq, and what each copy has."""
    mirror = shop.folder / "mirror"
    mirror.mkdir(exist_ok=True)
    shop.store.mkdir(exist_ok=True)

    async def work() -> int:
        stores = [FileStore(OsDisk(each), Inline(), Notes()) for each in (shop.store, mirror)]
        journal = Journal(Mirror(stores[0], stores[1], Notes()), "main", Rollup(1), Notes(), 1 << 16)
        await journal.recover()
        for _ in range(sales):
            await journal.append("no_sale", 0, {"reason": "x", "at": AT_S})
        return journal.seq

    seq = asyncio.run(work())
    both = [{path.name: path.read_bytes() for path in each.glob("main-*.seg")} for each in (shop.store, mirror)]
    return seq, both


def test_a_till_with_a_mirror_is_restored_whole(shop):
    mirror = shop.folder / "mirror"
    shop.day(100)
    mirrored(shop)
    shop.day(200, back_up=True)  # on the first copy alone
    for path in shop.store.glob("*.seg"):
        path.unlink()  # it died, and was changed for a new one
    restore(shop.path, shop.key, shop.store, Recovered, mirror)
    assert len(list((mirror / ASIDE).glob("main-*.seg"))) >= 1 and not list(mirror.glob("*.seg"))
    seq, (one, two) = mirrored(shop, sales=5)
    assert seq == 305 and one == two
    with pytest.raises(Refused):
        restore(shop.path, shop.key, shop.store, Recovered, mirror)


def test_a_mirror_that_has_more_than_the_backup_is_not_thrown_away(shop):
    shop.day(100, back_up=True)
    mirrored(shop, sales=20)
    for path in shop.store.glob("*.seg"):
        path.unlink()
    with pytest.raises(Refused, match="never goes backwards"):
        restore(shop.path, shop.key, shop.store, Recovered, shop.folder / "mirror")
    assert mirrored(shop)[0] == 120, "it is all on the mirror, and a boot brings it back"


# -- as people type it


def hal(*args: object) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "hal", "journal", "restore", *map(str, args)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, env=dict(os.environ))


def test_the_command_drills_restores_and_says_why_not(shop):
    shop.day(100, back_up=True)
    done = hal("--stick", shop.stick, "--key", shop.key_file)
    assert done.returncode == 0, done.stderr
    assert "STALL-0001, 2026-11-21 14:32 UTC, 100 sales, seq 100" in done.stdout and "drill" in done.stdout
    done = hal("--stick", shop.stick, "--key", shop.key_file, "--store", shop.folder / "new")
    assert done.returncode == 0, done.stderr
    assert Recovered(shop.folder / "new", "main").seq == 100
    done = hal("--stick", shop.stick, "--key", shop.key_file, "--store", shop.store)
    assert done.returncode == 1 and "never goes backwards" in done.stderr
    wrong = shop.folder / "wrong.key"
    wrong.write_text(str(pyrage.x25519.Identity.generate()))
    done = hal("--stick", shop.stick, "--key", wrong)
    assert done.returncode == 1 and "not restored" in done.stderr
    done = hal("--stick", shop.folder, "--key", shop.key_file)
    assert done.returncode == 5 and "there is no backup" in done.stderr
    assert hal("--stick", shop.stick).returncode == 2
