"""The fleet's certificate authority: a folder that only its owner reads, and what may be done with it.

ca.key and ca.crt are the root; issued/ holds every certificate of a till, by its serial; revoked lists those that are taken
back; crl.pem says so to brokers; brokers/HOST and collectors/NAME are what each of them needs."""

import fcntl
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

from fleet import certificates
from fleet.certificates import Key, Public
from fleet.put import OPEN, SECRET, put

PEM, PID = Encoding.PEM, "broker.pid"


def utc_now() -> datetime:
    return datetime.now(UTC)


class Authority:
    """Opens the folder. Raises OSError, FileNotFoundError where there is none yet, and ValueError for keys that are none."""

    def __init__(self, folder: Path, now: Callable[[], datetime] = utc_now) -> None:
        self.folder = folder
        self.now = now
        self.key = private(folder / "ca.key")
        self.certificate = x509.load_pem_x509_certificate((folder / "ca.crt").read_bytes())

    @classmethod
    def init(cls, folder: Path, common: str, now: Callable[[], datetime] = utc_now) -> "Authority":
        """Make one. Raises FileExistsError: an authority is never made over another."""
        if (folder / "ca.key").exists():
            raise FileExistsError(17, "there is a certificate authority already", str(folder))
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        key = certificates.new_key()
        root = certificates.authority(key, common, now())
        put(folder / "ca.crt", root.public_bytes(PEM), OPEN)
        put(folder / "ca.key", pem_of(key), SECRET)  # last: an authority is there when its key is
        made = cls(folder, now)
        made.write_crl()
        return made

    # ---- what it certifies

    def server(self, hosts: "list[str]") -> Path:
        """A folder with all that a broker of these names and the door beside it need; the first names it. The door calls
        its broker by localhost. Raises NotCertified."""
        folder, key = self.folder / "brokers" / hosts[0], certificates.new_key()
        names = hosts + [name for name in ("localhost", "127.0.0.1") if name not in hosts]
        made = certificates.server(self.certificate, self.key, names, key.public_key(), self.now())
        self._end(folder, "server", made, key)
        self._service(folder, "door", "door")
        put(folder / "crl.pem", (self.folder / "crl.pem").read_bytes(), OPEN)
        hang_up(folder / PID)
        return folder

    def collector(self, common: str) -> Path:
        """A folder with all that makes brokers believe that somebody is this collector. Raises NotCertified."""
        folder = self.folder / "collectors" / common
        self._service(folder, "client", common)
        return folder

    def _service(self, folder: Path, file: str, common: str) -> None:
        key = certificates.new_key()
        self._end(folder, file, certificates.service(self.certificate, self.key, common, key.public_key(), self.now()), key)

    def _end(self, folder: Path, file: str, made: x509.Certificate, key: Key) -> None:
        put(folder / f"{file}.key", pem_of(key), SECRET)
        put(folder / f"{file}.crt", made.public_bytes(PEM), OPEN)
        put(folder / "ca.crt", self.root(), OPEN)

    def till(self, terminal: str, public: Public) -> x509.Certificate:
        """A till's certificate, on record before it is given. Raises NotCertified."""
        made = certificates.till(self.certificate, self.key, terminal, public, self.now())
        put(self.folder / "issued" / f"{made.serial_number:x}.crt", made.public_bytes(PEM), OPEN)
        return made

    def guest(self, terminal: str) -> tuple[bytes, bytes]:
        """(certificate, key), PEM, in the name of a terminal, for a day and kept nowhere: with it the fleet takes over the
        session of a till that it has revoked, which is the one way to end it."""
        key = certificates.new_key()
        made = certificates.till(self.certificate, self.key, terminal, key.public_key(), self.now(), days=1)
        return made.public_bytes(PEM), pem_of(key)

    def documents(self, public: bytes) -> x509.Certificate:
        """Of the key (Ed25519, 32 bytes) that signs what tills are told."""
        key = Ed25519PublicKey.from_public_bytes(public)
        return certificates.documents(self.certificate, self.key, key, self.now())

    def root(self) -> bytes:
        """The CA's certificate, PEM: what each till is set up with."""
        return self.certificate.public_bytes(PEM)

    # ---- what it takes back

    def living(self, terminal: str) -> "list[x509.Certificate]":
        """Certificates of this till that brokers accept today."""
        dead = {serial for serial, _ in self.revoked()}
        mine = [each for each in self.all_issued() if certificates.common_name(each) == terminal]
        return [each for each in mine if each.serial_number not in dead and each.not_valid_after_utc > self.now()]

    def all_issued(self) -> "Iterator[x509.Certificate]":
        """Every certificate of a till."""
        for path in sorted((self.folder / "issued").glob("*.crt")):
            yield x509.load_pem_x509_certificate(path.read_bytes())

    def revoked(self) -> "list[tuple[int, datetime]]":
        """(serial, when) of what was taken back."""
        path = self.folder / "revoked"
        lines = path.read_text().splitlines() if path.exists() else []
        return [(int(line.split()[0], 16), datetime.fromtimestamp(int(line.split()[1]), UTC)) for line in lines]

    def revoke(self, terminal: str) -> int:
        """Take back every living certificate of a till, and tell the brokers of this machine; how many there were."""
        dead = self.living(terminal)
        if dead:
            since = int(self.now().timestamp())
            lines = [f"{serial:x} {int(when.timestamp())}" for serial, when in self.revoked()]
            lines += [f"{each.serial_number:x} {since}" for each in dead]
            put(self.folder / "revoked", ("\n".join(lines) + "\n").encode(), SECRET)
        self.write_crl()
        return len(dead)

    def write_crl(self) -> None:
        """crl.pem, and a copy for each broker of this machine, which is told to read it."""
        path = self.folder / "crl.pem"
        before = x509.load_pem_x509_crl(path.read_bytes()) if path.exists() else None
        crl = certificates.revocations(self.certificate, self.key, self.revoked(), before, self.now()).public_bytes(PEM)
        put(path, crl, OPEN)
        for broker in sorted((self.folder / "brokers").glob("*")):
            put(broker / "crl.pem", crl, OPEN)
            hang_up(broker / PID)

    @contextmanager
    def alone(self) -> "Iterator[None]":
        """Nobody else issues or revokes meanwhile, in any process."""
        with (self.folder / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def hang_up(pid_file: Path) -> bool:
    """SIGHUP to the mosquitto of this file: read your certificates anew. False when there is none."""
    try:
        pid = int(pid_file.read_text())
        if Path(f"/proc/{pid}/comm").read_text().strip() != "mosquitto":
            return False  # a number that was given to another since
        os.kill(pid, signal.SIGHUP)
    except (OSError, ValueError):
        return False
    return True


def private(path: Path) -> Key:
    """A P-256 key. Raises OSError, ValueError."""
    key = load_pem_private_key(path.read_bytes(), None)
    if not isinstance(key, Key):
        raise ValueError(f"{path.name}: no P-256 key")
    return key


def pem_of(key: Key) -> bytes:
    return key.private_bytes(PEM, PrivateFormat.PKCS8, NoEncryption())
