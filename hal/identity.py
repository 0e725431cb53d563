"""The till's certificate for its brokers: a P-256 key made here that never leaves, and what the fleet gave for it.

The key is `tls.key`, of mode 0600; what the fleet gave is one file, `till.crt`, so that a power cut leaves the old one or
the new one: the certificate, and the fleet's for the key that signs its documents. Whom to believe was set up with the
till: fleet-ca.crt in its configuration. Nothing here keeps a till from selling: a key or a certificate that is damaged
counts for none, and is claimed anew."""

import importlib
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hal import tls
from hal.ports.board import Identity as IdentityPort
from hal.secret_file import replace

KEY, CERTIFICATE, AUTHORITY = "tls.key", "till.crt", "fleet-ca.crt"
OTHERS = 0o077  # of a file's mode: any right of group or world
MAX_PEM = 16384  # bytes of any of the three
DOCUMENTS = "BARROW DOCUMENTS"  # its own label: a CERTIFICATE here would go out with each handshake


class Identity(IdentityPort):
    """folder: where the store is. authority: the file of the fleet's CA; without one no TLS is spoken.
    learn(key): told the fleet's Ed25519 key when it is known, b"" before."""

    def __init__(
        self, folder: Path, authority: Path | None = None, terminal: str = "", learn: Callable[[bytes], None] = lambda key: None
    ) -> None:
        self._folder = folder
        self._authority = read(authority) if authority else b""
        self._terminal = terminal
        self._learn = learn
        self._context: ssl.SSLContext | None = None
        self._fleet = b""
        self._load()

    def held(self) -> bool:
        return self._context is not None

    def context(self) -> ssl.SSLContext | None:
        """To show a broker who we are; None without a certificate. The same object until there is another certificate,
        so that a TLS session can be taken up again."""
        return self._context

    def request(self) -> bytes:
        return self._x509().request(self._key(), self._terminal)  # type: ignore[no-any-return]

    def public(self) -> bytes:
        return self._x509().public(self._key())  # type: ignore[no-any-return]

    def fleet(self) -> bytes:
        """The Ed25519 key that the fleet signs its documents with; b"" before enrolment."""
        return self._fleet

    def check(self, certificate: bytes, documents: bytes) -> None:
        self._check(self._x509().bundle(certificate, documents, DOCUMENTS))

    async def take(self, certificate: bytes, documents: bytes) -> None:
        bundle = self._x509().bundle(certificate, documents, DOCUMENTS)
        self._check(bundle)
        if self._context is not None and read(self._folder / CERTIFICATE) == bundle:
            return  # what we hold: a till that is kept out asks every few minutes, and a card wears
        replace(self._folder / CERTIFICATE, bundle)
        self._load()

    def _load(self) -> None:
        """From what is in the folder, when all of it is sound."""
        bundle = read(self._folder / CERTIFICATE)
        key = self._folder / KEY
        if not (self._authority and bundle and readable(key)):
            return
        try:
            fleet = self._check(bundle)
            context = tls.context(self._authority, self._folder / CERTIFICATE, key)
        except (ValueError, OSError):
            return
        self._context, self._fleet = context, fleet
        self._learn(fleet)

    def _check(self, bundle: bytes) -> bytes:
        """The fleet's key, out of a bundle that is ours and the fleet's. Raises ValueError, with the reason."""
        if not self._authority:
            raise ValueError(f"no {AUTHORITY} was set up")
        return self._x509().check(bundle, self._authority, self._key(), self._terminal, DOCUMENTS)  # type: ignore[no-any-return]

    def _key(self) -> bytes:
        """Our own, in PEM; made, and durable, when there is none that is sound."""
        path = self._folder / KEY
        pem = read(path) if readable(path) else b""
        if not pem or not self._x509().is_key(pem):
            pem = self._x509().new_key()
            self._folder.mkdir(parents=True, exist_ok=True)
            replace(path, pem)
        return pem

    def _x509(self) -> Any:
        return importlib.import_module("hal.x509")  # 60 ms of cryptography, which no boot without TLS should wait for


class AtTheDoor:
    """As the link wants an identity, for the fleet's door, where the broker alone says who it is."""

    def __init__(self, authority: Path) -> None:
        self._authority = authority
        self._context: ssl.SSLContext | None = None

    def context(self) -> ssl.SSLContext | None:
        """None where this till was set up with no fleet, or what it was given is none."""
        if self._context is None:
            try:
                self._context = tls.context(read(self._authority))
            except (OSError, ValueError):
                return None
        return self._context


def read(path: Path) -> bytes:
    """A small file; b"" where it is not there, or cannot be read."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_PEM + 1)
    except OSError:
        return b""
    return data if len(data) <= MAX_PEM else b""


def readable(path: Path) -> bool:
    """By us, and by nobody else."""
    try:
        return path.stat().st_mode & OTHERS == 0
    except OSError:
        return False
