"""The till's keys: an Ed25519 pair that signs what leaves it, and a device key for MACs on its own disk.

On a Pi they lie in one file that only the till's user may read, made at the first boot; a secure element can serve the
same port later. On the bench they come from the seed. Whoever has the file is this till: it is never copied, and a till
that lost it is a new one to the fleet."""

import binascii
import hashlib
import hmac
import os
import secrets
import struct
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from hal.ports.board import Keystore
from hal.ports.faults import ConfigFault
from hal.secret_file import once

NAME = "till.keys"  # beside the store's segments
MAGIC = b"BRWK"
FORM = 1
LAYOUT = ">4sB32s32s"  # magic, form, Ed25519 seed, device key; then CRC32 of all that
SIZE = struct.calcsize(LAYOUT) + 4
KEY_BYTES = 32
SIGNATURE_BYTES = 64
OTHERS = 0o077  # of a file's mode: any right of group or world


class Keys(Keystore):
    """seed: 32 bytes, the private half of the pair. device: 32 bytes, for MACs. fleet: the fleet's public key, b"" for none."""

    def __init__(self, seed: bytes, device: bytes, fleet: bytes = b"") -> None:
        self._pair = Ed25519PrivateKey.from_private_bytes(seed)
        self._public = self._pair.public_key().public_bytes_raw()
        self._device = device
        self._fleet = fleet

    def public(self) -> bytes:
        return self._public

    def sign(self, message: bytes) -> bytes:
        return self._pair.sign(message)

    def mac(self, message: bytes) -> bytes:
        return hmac.digest(self._device, message, "sha256")

    def fleet(self) -> bytes:
        return self._fleet

    def learn(self, fleet: bytes) -> None:
        """The fleet's public key, from the certificate that came with this till's own."""
        self._fleet = fleet

    def holds(self, public: bytes, message: bytes, signature: bytes) -> bool:
        return verify(public, message, signature)


def verify(public: bytes, message: bytes, signature: bytes) -> bool:
    """Did the till with this public key sign message? Bytes that are no key or no signature did not."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def seeded(seed: int, terminal: str, fleet: bytes = b"") -> Keys:
    """A bench's: the same for the same seed and terminal, and secret to nobody. fleet: the public key of its fleet."""
    root = f"barrow bench {seed} {terminal}".encode()
    return Keys(hashlib.sha256(b"pair " + root).digest(), hashlib.sha256(b"device " + root).digest(), fleet)


def kept(folder: Path) -> Keys:
    """A till's: read from folder, or made there when it has none. Raises ConfigFault for a file that is not to be trusted,
    and OSError. A file that was lost is not told from a first boot: the fleet sees the new key and says so."""
    path = folder / NAME
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        _make(path, secrets.token_bytes(KEY_BYTES), secrets.token_bytes(KEY_BYTES))
    return _read(path)


def read(folder: Path) -> Keys:
    """A till's keys where there are some. Raises like kept."""
    return _read(folder / NAME)


def _read(path: Path) -> Keys:
    with path.open("rb") as file:
        if os.fstat(file.fileno()).st_mode & OTHERS:
            raise ConfigFault(NAME, "", f"others may read it: chmod 600 {path}")
        data = file.read(SIZE + 1)
    if len(data) != SIZE or binascii.crc32(data[:-4]) != int.from_bytes(data[-4:], "big"):
        raise ConfigFault(NAME, "", "is damaged; without it this till is a new one to the fleet")
    magic, form, seed, device = struct.unpack_from(LAYOUT, data)
    if magic != MAGIC or form != FORM:
        raise ConfigFault(NAME, "", f"is of another form, and this Barrow reads {FORM}")
    return Keys(seed, device)


def _make(path: Path, seed: bytes, device: bytes) -> None:
    """Never replaces a key: where another process made one in the meantime, that one counts."""
    head = struct.pack(LAYOUT, MAGIC, FORM, seed, device)
    once(path, head + binascii.crc32(head).to_bytes(4, "big"))
