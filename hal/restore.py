"""A backup, back into a store: first all of it into a scratch folder, where its chain is followed; then, if wanted, for good.

A restore never goes backwards: a store that has more than the backup, or another past, stays as it is. What was there before
is put aside and never overwritten."""

import hashlib
import json
import re
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import pyrage

from hal.backup import BackupDamaged, members
from hal.durable import sync_folder
from hal.keystore import KEY_BYTES, verify
from hal.store import NAME, OsDisk

PLAIN, SIGNED = 1, 2  # formats
MANIFEST, SIGNATURE = "manifest.json", "manifest.sig"
SAID = b"barrow backup 2\n"
LATEST_S = 1 << 36  # the year 4147; datetime ends at 9999
SEGMENT_MAX = 64 << 20  # bytes; ours have 4 MiB
NEW, BEFORE = ".restored", ".before-restore"
ASIDE = "before-restore"  # in a mirror


class Refused(Exception):
    """It would go backwards, or overwrite; str() says what is where. Nothing was changed."""


class Chain(Protocol):
    """A journal that has been recovered."""

    seq: int
    head: bytes

    def hash_at(self, seq: int) -> bytes:
        """The link after frame seq."""


OpenChain = Callable[[Path, str], Chain]  # (folder, prefix)


class Segment(NamedTuple):
    """parts: offset -> SHA-256 in hex of what stands there; the rest is zeros."""

    name: str
    size: int
    parts: dict[int, str]


class Manifest(NamedTuple):
    """What a backup says of itself. at: UTC seconds. stands: prefix -> (seq, head in hex). signer: the public key of the till
    that signed it, b"" for one of format 1, which nobody did."""

    terminal: str
    at: int
    sales: int
    stands: dict[str, tuple[int, str]]
    segments: list[Segment]
    signer: bytes


def read_manifest(path: Path, key: pyrage.x25519.Identity) -> Manifest:
    """Raises BackupDamaged. Whoever has the shop's public key can write one, so it is believed in nothing."""
    found = [data for _, data in members(path, key, MANIFEST)]
    if len(found) != 1:
        raise BackupDamaged(f"{path.name}: {len(found)} manifests, not one")
    try:
        told = json.loads(found[0])
        if told["format"] not in (PLAIN, SIGNED):
            raise ValueError(f"format {told['format']}, this restore reads {PLAIN} and {SIGNED}")
        signer = signer_of(path, key, found[0]) if told["format"] == SIGNED else b""
        terminal, at, sales = told["terminal"], int(told["at"]), int(told["sales"])
        if not re.fullmatch("[A-Z0-9-]{4,16}", terminal) or not 0 <= at < LATEST_S or sales < 0:
            raise ValueError("no terminal, time or count of sales")
        segments = [segment(each) for each in told["segments"]]
        if len({each.name for each in segments}) < len(segments):
            raise ValueError("a segment stands there twice")
        stands = {prefix: stand(told["journals"][prefix]) for prefix in ("main", "desk")}
        return Manifest(terminal, at, sales, stands, segments, signer)
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError) as fault:
        raise BackupDamaged(f"{path.name}: {MANIFEST}: {fault!r}") from None


def signer_of(path: Path, key: pyrage.x25519.Identity, said: bytes) -> bytes:
    """The till's key under which this manifest is signed. Raises BackupDamaged."""
    found = [data for _, data in members(path, key, SIGNATURE)]
    public, signature = (found[0][:KEY_BYTES], found[0][KEY_BYTES:]) if len(found) == 1 else (b"", b"")
    if not verify(public, SAID + said, signature):
        raise BackupDamaged(f"{path.name}: {SIGNATURE}: no till signed this manifest")
    return public


def stand(told: dict[str, Any]) -> tuple[int, str]:
    if not re.fullmatch("[0-9a-f]{64}", told["head"]):
        raise ValueError("a head is 64 hex digits")
    return int(told["seq"]), told["head"]


def segment(told: dict[str, Any]) -> Segment:
    name, size = str(told["name"]), int(told["size"])
    if not NAME.fullmatch(name) or not 0 < size <= SEGMENT_MAX:
        raise ValueError(f"no segment: {name[:60]!r} of {size} bytes")
    parts = {int(offset): str(digest) for offset, digest in told["parts"]}
    if any(not 0 <= offset < size for offset in parts):
        raise ValueError(f"{name}: a part beyond its {size} bytes")
    return Segment(name, size, parts)


def unpack(path: Path, key: pyrage.x25519.Identity, folder: Path) -> Manifest:
    """Every segment into a folder, zeros where it has none, synced. Raises BackupDamaged for a part that is missing, altered
    or not in the manifest, and OSError."""
    manifest = read_manifest(path, key)
    disk = OsDisk(folder)
    try:
        missing = set()
        for each in manifest.segments:
            disk.create(each.name, each.size)
            missing |= {f"{each.name}@{offset:08d}" for offset in each.parts}
        by_name = {each.name: each for each in manifest.segments}
        for member, data in members(path, key):
            if member in (MANIFEST, SIGNATURE):
                continue
            if member not in missing:
                raise BackupDamaged(f"{path.name}: {member[:60]!r} is not in its manifest, or stands there twice")
            missing.remove(member)
            name, _, offset = member.partition("@")
            if hashlib.sha256(data).hexdigest() != by_name[name].parts[int(offset)]:
                raise BackupDamaged(f"{path.name}: {member}: not what its manifest says")
            if int(offset) + len(data) > by_name[name].size:
                raise BackupDamaged(f"{path.name}: {member}: longer than its segment")
            disk.pwrite(name, int(offset), data)
        if missing:
            raise BackupDamaged(f"{path.name}: {len(missing)} parts are missing, the first is {min(missing)}")
        for each in manifest.segments:
            disk.fdatasync(each.name)
        disk.sync_dir()
    finally:
        disk.close()
    return manifest


def drill(path: Path, key: pyrage.x25519.Identity, scratch: Path, open_chain: OpenChain) -> tuple[Manifest, Chain]:
    """All of it into scratch, both journals recovered there, and their heads compared with the manifest. Raises
    BackupDamaged, and what open_chain raises."""
    manifest = unpack(path, key, scratch)
    for prefix, (seq, head) in manifest.stands.items():
        chain = open_chain(scratch, prefix)
        if chain.seq < seq or chain.hash_at(seq).hex() != head:
            raise BackupDamaged(f"{path.name}: {prefix}: its manifest says seq {seq}, head {head}; its chain has another")
    return manifest, open_chain(scratch, "main")


def restore(
    path: Path, key: pyrage.x25519.Identity, store: Path, open_chain: OpenChain, mirror: Path | None = None, signer: bytes = b""
) -> Manifest:
    """A drill, and then this store is the backup; its former self is beside it. mirror: the till's second copy: it may not
    have more either; its segments are put aside in it, and the next boot fills it. signer: the key of the till that must
    have signed it, b"" for any. Raises Refused and like drill."""
    new, before = store.with_name(store.name + NEW), store.with_name(store.name + BEFORE)
    for folder in (new, before):
        if folder.exists():
            raise Refused(f"{folder} is there, from an earlier restore: look at it, and move it away")
    with tempfile.TemporaryDirectory(prefix="barrow-restore-") as scratch:
        manifest, chain = drill(path, key, Path(scratch) / "backup", open_chain)
        if signer and manifest.signer != signer:
            raise Refused(f"{path.name} is not signed by this till: {manifest.signer.hex() or 'nobody'} signed it")
        never_backwards(chain, store, Path(scratch) / "store", open_chain)
        if mirror is not None:
            never_backwards(chain, mirror, Path(scratch) / "mirror", open_chain)
            if (mirror / ASIDE).exists():
                raise Refused(f"{mirror / ASIDE} is there, from an earlier restore: look at it, and move it away")
    unpack(path, key, new)
    for other in sorted(store.iterdir()) if store.exists() else ():
        if not other.match("*.seg*"):
            shutil.copy2(other, new / other.name)  # the till's keys: without them it is a new till to the fleet
    sync_folder(new)
    if store.exists():
        store.rename(before)
    new.rename(store)
    sync_folder(store.parent)
    if mirror is not None and mirror.exists():
        put_aside(mirror)
    return manifest


def put_aside(mirror: Path) -> None:
    """Every segment into a folder within, for a mirror is a disk of its own and cannot be renamed. If the power goes half way,
    the boot takes what is left for what it is: an older state of the same past."""
    aside = mirror / ASIDE
    aside.mkdir()
    for each in sorted(mirror.glob("*.seg*"), reverse=True):
        each.rename(aside / each.name)
    sync_folder(aside)
    sync_folder(mirror)


def never_backwards(chain: Chain, store: Path, scratch: Path, open_chain: OpenChain) -> None:
    """Raises Refused unless all that the store has is in the backup too. The store is looked at in a copy: recovering it
    would change it."""
    segments = sorted(store.glob("main-*.seg")) if store.exists() else []
    if not segments:
        return
    scratch.mkdir()
    for each in segments:
        shutil.copyfile(each, scratch / each.name)
    try:
        own = open_chain(scratch, "main")
    except Exception as fault:
        raise Refused(f"{store} cannot be read, so nobody knows what it has: {fault}; move it away first") from fault
    if own.seq >= chain.seq:
        raise Refused(f"{store} has seq {own.seq}, the backup ends at {chain.seq}: a restore never goes backwards")
    if chain.hash_at(own.seq) != own.head:
        raise Refused(f"{store} has another past than the backup: at seq {own.seq} their chains differ")
