"""X.509 (RFC 5280) as the fleet makes it: P-256 throughout, one use a certificate, random serials, short chains.

Pure: keys and times are handed in, nothing is kept. What may be certified is decided here for every caller."""

import ipaddress
import re
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import ExtendedKeyUsageOID as Use
from cryptography.x509.oid import NameOID, ObjectIdentifier

from firmware.sync.wire import terminal_ok
from fleet.collectors import COLLECTORS, DOOR

DAY = timedelta(days=1)
CA_DAYS, SERVER_DAYS, CLIENT_DAYS, CRL_DAYS = 7300, 730, 1095, 3650
EARLY = DAY  # a certificate is good from a day ago: not every clock of a broker is right
HOST = re.compile(r"(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*")

Key = ec.EllipticCurvePrivateKey
Public = ec.EllipticCurvePublicKey


class NotCertified(Exception):
    """What was asked for is not certified; the text says why."""


def name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def new_key() -> Key:
    return ec.generate_private_key(ec.SECP256R1())


def authority(key: Key, common: str, now: datetime) -> x509.Certificate:
    """The fleet's own root. It certifies ends and no other authority."""
    made = _builder(name(common), name(common), key.public_key(), now, CA_DAYS)
    made = made.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    made = made.add_extension(_usage(signs_certificates=True), critical=True)
    own = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    return made.add_extension(own, critical=False).sign(key, SHA256())


def till(
    ca: x509.Certificate, ca_key: Key, terminal: str, public: Public, now: datetime, days: int = CLIENT_DAYS
) -> x509.Certificate:
    """A terminal's, to be shown to brokers. Raises NotCertified for a name that is no terminal's."""
    if not terminal_ok(terminal):
        raise NotCertified("a terminal's name is 4 to 16 of A-Z, 0-9 and -")
    return _end(ca, ca_key, terminal, public, now, days, Use.CLIENT_AUTH, None)


def service(ca: x509.Certificate, ca_key: Key, common: str, public: Public, now: datetime) -> x509.Certificate:
    """A collector's or a door's, to be shown to brokers. Raises NotCertified."""
    if common not in (*COLLECTORS, DOOR):
        raise NotCertified("a collector's name is collector-1 to collector-99")
    return _end(ca, ca_key, common, public, now, SERVER_DAYS, Use.CLIENT_AUTH, None)


def server(ca: x509.Certificate, ca_key: Key, hosts: "list[str]", public: Public, now: datetime) -> x509.Certificate:
    """A broker's, good for each of these names and addresses. Raises NotCertified."""
    return _end(ca, ca_key, hosts[0][:64], public, now, SERVER_DAYS, Use.SERVER_AUTH, [_san(host) for host in hosts])


def documents(ca: x509.Certificate, ca_key: Key, public: Ed25519PublicKey, now: datetime) -> x509.Certificate:
    """Of the key that signs what the fleet tells its tills: by this they know that it is the fleet's."""
    return _end(ca, ca_key, "documents", public, now, CA_DAYS, Use.CODE_SIGNING, None)


def revocations(
    ca: x509.Certificate,
    ca_key: Key,
    revoked: "list[tuple[int, datetime]]",
    before: "x509.CertificateRevocationList | None",
    now: datetime,
) -> x509.CertificateRevocationList:
    """The list of what is revoked, with a number and a time above those of the list before it: OpenSSL, handed both by a
    broker that has just reloaded, believes the later one."""
    at, number = now.replace(microsecond=0) - timedelta(hours=1), 1
    if before is not None:
        at = max(at, before.last_update_utc + timedelta(seconds=1))
        number = before.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number + 1
    made = x509.CertificateRevocationListBuilder().issuer_name(ca.subject).last_update(at)
    # a broker refuses everybody once its list is out of date, so it is good for long; it is made anew at each revocation
    made = made.next_update(now + CRL_DAYS * DAY).add_extension(x509.CRLNumber(number), critical=False)
    made = made.add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key()), critical=False)
    for serial, since in revoked:
        made = made.add_revoked_certificate(x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(since).build())
    return made.sign(ca_key, SHA256())


def asked(request: bytes) -> tuple[str, Public]:
    """Who asks in a PKCS #10 request, DER, and for which key. Raises NotCertified for one that is not exactly a till's."""
    try:
        told = x509.load_der_x509_csr(request)
        names, public, signed = [(each.oid, each.value) for each in told.subject], told.public_key(), told.is_signature_valid
        spare = len(told.extensions)
    except Exception as fault:  # whatever the parser makes of an attacker's bytes
        raise NotCertified("not a request for a certificate") from fault
    if not isinstance(public, ec.EllipticCurvePublicKey) or not isinstance(public.curve, ec.SECP256R1) or not signed:
        raise NotCertified("the request is not signed by the P-256 key that it is for")
    if len(names) != 1 or names[0][0] != NameOID.COMMON_NAME or spare:
        raise NotCertified("the request is for more than a name")
    common = names[0][1]
    if not isinstance(common, str) or not terminal_ok(common):
        raise NotCertified("the request is not for the name of a terminal")
    return common, public


def common_name(certificate: x509.Certificate) -> str:
    return str(certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value)


def _end(
    ca: x509.Certificate,
    ca_key: Key,
    common: str,
    public: "Public | Ed25519PublicKey",
    now: datetime,
    days: int,
    use: ObjectIdentifier,
    hosts: "list[x509.GeneralName] | None",
) -> x509.Certificate:
    made = _builder(name(common), ca.subject, public, now, days)
    made = made.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    made = made.add_extension(_usage(signs_certificates=False), critical=True)
    made = made.add_extension(x509.ExtendedKeyUsage([use]), critical=True)
    made = made.add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key()), critical=False)
    if hosts:
        made = made.add_extension(x509.SubjectAlternativeName(hosts), critical=False)
    return made.sign(ca_key, SHA256())


def _builder(
    subject: x509.Name, issuer: x509.Name, public: "Public | Ed25519PublicKey", now: datetime, days: int
) -> x509.CertificateBuilder:
    made = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(public)
    made = made.serial_number(x509.random_serial_number())
    return made.not_valid_before(now - EARLY).not_valid_after(now + days * DAY)


def _usage(signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _san(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        if not HOST.fullmatch(host):
            raise NotCertified(f"{host!r} is neither the name of a host, in small letters, nor an address") from None
        return x509.DNSName(host)
