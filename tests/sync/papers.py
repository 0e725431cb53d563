"""Certificates, good and forged, as files: an attacker's wallet."""

from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID as Use
from cryptography.x509.oid import NameOID

from fleet import certificates
from fleet.authority import Authority, pem_of

DAY = timedelta(days=1)
MINE, VICTIM, BYSTANDER = "BARROW-0001", "BARROW-0002", "BARROW-0009"


class Papers:
    """folder: for all of them. `paper[name]` is (certificate file, key file)."""

    def __init__(self, folder):
        self.folder = folder
        self.ca = Authority.init(folder / "ca", "Market fleet")
        self.broker = self.ca.server(["127.0.0.1"])
        self.root = self.ca.folder / "ca.crt"
        self.now = datetime.now(UTC)
        self.paper = {}
        for name in (MINE, VICTIM, BYSTANDER, "BARROW-0666"):
            self.till(name)
        self.ca.revoke("BARROW-0666")
        for name in ("collector-1", "collector-2"):
            self.paper[name] = tuple(self.ca.collector(name) / f"client.{end}" for end in ("crt", "key"))
        self.paper["broker"] = (self.broker / "server.crt", self.broker / "server.key")
        self.forge()

    def till(self, name):
        key = certificates.new_key()
        return self.keep(name, self.ca.till(name, key.public_key()), key)

    def keep(self, name, certificate, key, extra=b""):
        crt, path = self.folder / f"{len(self.paper)}.crt", self.folder / f"{len(self.paper)}.key"
        crt.write_bytes(certificate.public_bytes(Encoding.PEM) + extra)
        path.write_bytes(pem_of(key))
        self.paper[name] = (crt, path)
        return self.paper[name]

    def mint(self, label, names, use=Use.CLIENT_AUTH, start=-1, end=9, by=None):
        """By the fleet's own key, as if it had been talked into it; or by another's, (certificate, key)."""
        issuer, issuer_key = by or (self.ca.certificate, self.ca.key)
        key = certificates.new_key()
        made = x509.CertificateBuilder().issuer_name(issuer.subject).public_key(key.public_key())
        made = made.subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name) for name in names]))
        made = made.serial_number(x509.random_serial_number())
        made = made.not_valid_before(self.now + start * DAY).not_valid_after(self.now + end * DAY)
        if use:
            made = made.add_extension(x509.ExtendedKeyUsage([use]), critical=True)
        made = made.sign(issuer_key, SHA256())
        self.keep(label, made, key, issuer.public_bytes(Encoding.PEM) if by else b"")

    def forge(self):
        rogue = certificates.new_key()
        rogue_root = certificates.authority(rogue, "Market fleet", self.now)
        self.mint("rogue CA", [MINE], by=(rogue_root, rogue))
        alone = certificates.new_key()
        self.keep("self-signed", certificates.authority(alone, MINE, self.now), alone)
        own = x509.load_pem_x509_certificate(self.paper[MINE][0].read_bytes())
        self.mint("certified by a till", [VICTIM], by=(own, self.key_of(MINE)))
        self.mint("expired", [MINE], start=-9, end=-1)
        self.mint("not yet valid", [MINE], start=1)
        self.mint("for servers", [MINE], use=Use.SERVER_AUTH)
        self.mint("for documents", [MINE], use=Use.CODE_SIGNING)
        for name in (
            "+",
            "#",
            f"{VICTIM}/up",
            f"../{VICTIM}",
            "ＢARROW-0002",
            "barrow-0002",
            f"{VICTIM} ",
            f"{VICTIM}\0x",
            "$SYS",
        ):
            self.mint(f"CN {name}", [name])
        self.mint("no CN", [])
        self.mint("two CNs", [MINE, VICTIM])
        self.mint("two CNs, a collector last", [MINE, "collector-2"])

    def key_of(self, name):
        return load_pem_private_key(self.paper[name][1].read_bytes(), None)
