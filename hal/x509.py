"""X.509 on the till, by cryptography: its key, its request for a certificate, and whether what came is what was asked for."""

import re

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID


def new_key() -> bytes:
    """A P-256 key, PKCS #8 in PEM."""
    return ec.generate_private_key(ec.SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def is_key(pem: bytes) -> bool:
    """Is this such a key?"""
    try:
        _private(pem)
    except ValueError:
        return False
    return True


def public(pem: bytes) -> bytes:
    """Its public half, SubjectPublicKeyInfo in DER."""
    return _private(pem).public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def request(pem: bytes, terminal: str) -> bytes:
    """PKCS #10 in DER: this key asks for this name."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, terminal)])
    return x509.CertificateSigningRequestBuilder().subject_name(name).sign(_private(pem), SHA256()).public_bytes(Encoding.DER)


def bundle(certificate: bytes, documents: bytes, label: str) -> bytes:
    """Two certificates, DER, as one PEM file, the second under a label of its own. Raises ValueError."""
    own, other = (x509.load_der_x509_certificate(each).public_bytes(Encoding.PEM) for each in (certificate, documents))
    return own + other.replace(b"CERTIFICATE", label.encode())


def check(bundle: bytes, authority: bytes, pem: bytes, terminal: str, label: str) -> bytes:
    """The fleet's Ed25519 key, when the certificate in the bundle is this authority's, for this key, this terminal and for
    clients, and the one under `label` is the same authority's for documents. Raises ValueError, with the reason.

    Times are not looked at: a till whose clock went wrong would lose what it holds, and the broker has its own clock."""
    ca = x509.load_pem_x509_certificate(authority)
    own = x509.load_pem_x509_certificate(bundle)
    found = re.search(f"-----BEGIN {label}-----.*?-----END {label}-----", bundle.decode("ascii"), re.DOTALL)
    if found is None:
        raise ValueError("no certificate for the fleet's documents")
    documents = x509.load_pem_x509_certificate(found[0].replace(label, "CERTIFICATE").encode())
    for each, what in ((own, "the certificate"), (documents, "the one for documents")):
        try:
            each.verify_directly_issued_by(ca)
        except (InvalidSignature, ValueError, TypeError):
            raise ValueError(f"{what} is not by the fleet that this till was set up with") from None
    if own.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo) != public(pem):
        raise ValueError("the certificate is for another key")
    if [each.value for each in own.subject] != [terminal] or not _is_for(own, ExtendedKeyUsageOID.CLIENT_AUTH):
        raise ValueError("the certificate is for another name or use")
    key = documents.public_key()
    if not isinstance(key, Ed25519PublicKey) or not _is_for(documents, ExtendedKeyUsageOID.CODE_SIGNING):
        raise ValueError("the one for documents is for another use")
    return key.public_bytes_raw()


def _is_for(certificate: x509.Certificate, use: x509.ObjectIdentifier) -> bool:
    try:
        return use in certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return False


def _private(pem: bytes) -> ec.EllipticCurvePrivateKey:
    key = load_pem_private_key(pem, None)
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise ValueError("no P-256 key")
    return key
