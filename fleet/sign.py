"""The fleet's document key: who has it can tell every till what to do. Ed25519, in a file of mode 0600 beside the ledger.

Tills are given the public half when they enrol, and the ledger keeps it: of several machines that work for one ledger, each
has a copy of that one file. `push` signs documents with it, and the collector its welcomes and answers. On the bench it comes
from the seed, and is secret to nobody."""

import hashlib
import os
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from fleet.commands import state_dir
from fleet.connect import is_url
from fleet.db import Db
from fleet.put import SECRET, put_once

PUBLIC = "document key"  # of the ledger's table fleet
NAME = "documents.key"  # beside the ledger: 32 bytes, the private half, in 64 hex digits and a line feed
OTHERS = 0o077  # of a file's mode: any right of group or world


class WrongKey(OSError):
    """The file is not one that holds the key, or others may read it."""


class DocumentKey:
    """seed: 32 bytes, the private half."""

    def __init__(self, seed: bytes) -> None:
        self._pair = Ed25519PrivateKey.from_private_bytes(seed)
        self.public = self._pair.public_key().public_bytes_raw()

    def sign(self, message: bytes) -> bytes:
        """64 bytes (RFC 8032)."""
        return self._pair.sign(message)


def beside(db: "Path | str") -> Path:
    """Where the key of a ledger is; of one on a server, where `make run` keeps its state."""
    return (state_dir() / "market" if is_url(db) else Path(db).parent) / NAME


def seeded(seed: int) -> DocumentKey:
    """A bench's: the same for the same seed."""
    return DocumentKey(_of(seed))


def of(db: Db, path: Path) -> DocumentKey:
    """The one that this ledger's tills obey, from its file; made there where the ledger knows of none. Raises OSError,
    WrongKey, DbFault."""
    if _public(db) and not path.exists():
        raise WrongKey(f"{path} is missing, and this ledger has its document key already: copy the file from where it is")
    key = kept(path)
    db.execute("INSERT INTO fleet(name, value) VALUES (?, ?) ON CONFLICT(name) DO NOTHING", (PUBLIC, key.public))
    if _public(db) != key.public:
        raise WrongKey(f"{path}: not this ledger's document key: copy the file from where it is")
    return key


def _public(db: Db) -> bytes:
    """b"" where the ledger knows none yet."""
    found = db.execute("SELECT value FROM fleet WHERE name = ?", (PUBLIC,)).fetchone()
    return bytes(found[0]) if found else b""


def kept(path: Path, seed: int | None = None) -> DocumentKey:
    """The one in a file, or made there when there is none: by chance, or from a bench's seed. Raises OSError, WrongKey."""
    if not path.exists():
        fresh = _of(seed) if seed is not None else os.urandom(32)
        put_once(path, fresh.hex().encode() + b"\n", SECRET)
    return read(path)


def read(path: Path) -> DocumentKey:
    """The one in a file. Raises OSError, WrongKey."""
    with path.open("rb") as file:
        if os.fstat(file.fileno()).st_mode & OTHERS:
            raise WrongKey(f"{path}: others may read it: chmod 600 {path}")
        text = file.read(66).strip()
    try:
        seed = bytes.fromhex(text.decode("ascii"))
        return DocumentKey(seed)
    except ValueError:
        raise WrongKey(f"{path}: does not hold a document key") from None


def _of(seed: int) -> bytes:
    return hashlib.sha256(f"barrow bench fleet {seed}".encode()).digest()
