"""A backup on a stick is a tar whose members are age files: any tar and any age (age-encryption.org/v1) can read it.

    tar -xf STALL-0001-000007.tar && age -d -i shop.key manifest.json.age

Encrypted to the shop's public key, by pyrage. A till can write one and never read it: the other half of the key stays at home."""

import tarfile
from collections.abc import Iterator
from pathlib import Path

import pyrage

SUFFIX = ".age"
MEMBER_MAX = 64 << 20  # bytes; the largest that we write is a manifest, some 250 KB for a million sales


class BackupDamaged(Exception):
    """A backup that was cut short, altered, or is not for this key; str() says which member."""


def member(name: str, data: bytes, key: str) -> bytes:
    """One member, whole tar blocks. key: "age1...". Raises ValueError for a key that is none."""
    try:
        recipient = pyrage.x25519.Recipient.from_str(key)
    except pyrage.RecipientError as fault:
        raise ValueError(f"{key[:70]!r} is no public key of age: {fault}") from None
    sealed: bytes = pyrage.encrypt(data, [recipient])
    head = tarfile.TarInfo(name + SUFFIX)
    head.size = len(sealed)
    return head.tobuf(tarfile.USTAR_FORMAT) + sealed + bytes(-len(sealed) % tarfile.BLOCKSIZE)


def identity(text: str) -> pyrage.x25519.Identity:
    """The shop's secret key from a key file: lines with # are remarks. Raises ValueError; never repeats the key."""
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    try:
        return pyrage.x25519.Identity.from_str(lines[0] if lines else "")
    except pyrage.IdentityError:
        raise ValueError("no secret key of age, a line that starts with AGE-SECRET-KEY-1") from None


def members(path: Path, key: pyrage.x25519.Identity, only: str = "") -> Iterator[tuple[str, bytes]]:
    """Every member, decrypted, in order; or only those of this name. Raises BackupDamaged, also for a file that ends too
    soon."""
    with path.open("rb") as file:
        while head := header(file.read(tarfile.BLOCKSIZE)):
            sealed = file.read(head.size)
            file.read(-head.size % tarfile.BLOCKSIZE)
            if only and head.name != only + SUFFIX:
                continue
            try:
                yield head.name.removesuffix(SUFFIX), pyrage.decrypt(sealed, [key])
            except pyrage.DecryptError as fault:
                raise BackupDamaged(f"{head.name}: {fault}") from None


def header(block: bytes) -> tarfile.TarInfo | None:
    """None for the block of zeros at the end."""
    if block == bytes(tarfile.BLOCKSIZE):
        return None
    try:
        head = tarfile.TarInfo.frombuf(block, "utf-8", "strict")
    except (tarfile.HeaderError, UnicodeDecodeError) as fault:
        raise BackupDamaged(f"no tar, or it ends too soon: {fault}") from None
    if not head.isreg() or not 0 <= head.size <= MEMBER_MAX:
        raise BackupDamaged(f"{head.name[:60]!r}: no member of a backup")
    return head


def newest(folder: Path, terminal: str = "") -> Path:
    """The last backup on a stick. Raises FileNotFoundError, and ValueError where two tills have some and none is named."""
    found = sorted(path for path in folder.glob(f"{terminal or '*'}-[0-9][0-9][0-9][0-9][0-9][0-9].tar") if path.is_file())
    if not found:
        raise FileNotFoundError(f"{folder}: there is no backup" + (f" of {terminal}" if terminal else ""))
    tills = sorted({path.name[:-11] for path in found})
    if len(tills) > 1:
        raise ValueError(f"{folder}: backups of {', '.join(tills)}: say which with --terminal")
    return found[-1]
