"""The fleet's certificate authority: what it makes, who may read it, and what it never makes."""

import contextlib
import stat
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from fleet import certificates
from fleet.authority import Authority
from fleet.certificates import NotCertified

TODAY = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


class Calendar:
    """A clock that a test turns."""

    def __init__(self):
        self.at = TODAY

    def __call__(self):
        return self.at


@pytest.fixture
def clock():
    return Calendar()


@pytest.fixture
def ca(tmp_path, clock):
    return Authority.init(tmp_path / "ca", "Market fleet", clock)


def uses(certificate):
    return list(certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value)


def load(path):
    return x509.load_pem_x509_certificate(path.read_bytes())


def request(names=("BARROW-0001",), key=None, extension=None):
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name) for name in names])
    made = x509.CertificateSigningRequestBuilder().subject_name(subject)
    if extension:
        made = made.add_extension(extension, critical=False)
    return made.sign(key or certificates.new_key(), SHA256()).public_bytes(Encoding.DER)


def test_the_root_certifies_ends_alone(ca):
    root = ca.certificate
    constraints = root.extensions.get_extension_for_class(x509.BasicConstraints)
    usage = root.extensions.get_extension_for_class(x509.KeyUsage).value
    assert constraints.critical and constraints.value.ca and constraints.value.path_length == 0
    assert usage.key_cert_sign and usage.crl_sign and not usage.digital_signature
    assert isinstance(root.public_key().curve, ec.SECP256R1)


def test_only_its_owner_reads_a_key(ca):
    ca.server(["mq1.example"])
    ca.collector("collector-1")
    keys = list(ca.folder.rglob("*.key"))
    assert len(keys) == 4
    for path in keys:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path


def test_it_is_never_made_over_another(ca, clock):
    before = (ca.folder / "ca.key").read_bytes()
    with pytest.raises(FileExistsError):
        Authority.init(ca.folder, "Another", clock)
    assert (ca.folder / "ca.key").read_bytes() == before


def test_a_certificate_has_one_use_and_an_end(ca, clock):
    till = ca.till("BARROW-0001", certificates.new_key().public_key())
    broker = load(ca.server(["mq1.example", "192.0.2.7"]) / "server.crt")
    collector = load(ca.collector("collector-1") / "client.crt")
    assert uses(till) == uses(collector) == [ExtendedKeyUsageOID.CLIENT_AUTH]
    assert uses(broker) == [ExtendedKeyUsageOID.SERVER_AUTH]
    for each in (till, broker, collector):
        each.verify_directly_issued_by(ca.certificate)
        assert not each.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
        assert clock.at - timedelta(days=2) < each.not_valid_before_utc < clock.at
        assert timedelta(days=700) < each.not_valid_after_utc - clock.at < timedelta(days=1200)
    names = broker.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["mq1.example", "localhost"]
    assert [str(each) for each in names.get_values_for_type(x509.IPAddress)] == ["192.0.2.7", "127.0.0.1"]


def test_serials_are_random(ca):
    public = certificates.new_key().public_key()
    serials = [ca.till("BARROW-0001", public).serial_number for _ in range(8)]
    assert len(set(serials)) == 8 and min(serials) > 1 << 100


@pytest.mark.parametrize(
    "name", ["", "ABC", "A" * 17, "barrow-1", "BARROW+1", "BARROW#", "A/B/C", "BARROW 1", "BARROW\0", "ＢARROW"]
)
def test_no_till_is_certified_under_a_name_that_is_none(ca, name):
    with pytest.raises(NotCertified):
        ca.till(name, certificates.new_key().public_key())
    assert not list(ca.all_issued())


@pytest.mark.parametrize("name", ["collector", "collector-0", "collector-01", "collector-100", "BARROW-0001", "door2", "#"])
def test_no_collector_is_certified_that_the_acl_does_not_know(ca, name):
    with pytest.raises(NotCertified):
        ca.collector(name)


@pytest.mark.parametrize("host", ["", "MQ1", "mq_1", "*.example", "a..b", "mq1.example/x", "-a", "x" * 64])
def test_no_broker_is_certified_under_a_name_that_is_no_host(ca, host):
    with pytest.raises(NotCertified):
        ca.server(["mq1.example", host])


def test_a_request_is_for_one_name_and_by_its_own_key():
    key = certificates.new_key()
    assert certificates.asked(request(key=key))[0] == "BARROW-0001"
    good = request(key=key)
    forged = [good[:i] + bytes([good[i] ^ 1]) + good[i + 1 :] for i in range(len(good))]
    wrong = [b"", b"\x30", bytes(200), request(names=()), request(names=("BARROW-0001", "BARROW-0002")), request(names=("+",))]
    wrong.append(request(key=ec.generate_private_key(ec.SECP384R1())))
    wrong.append(request(key=rsa.generate_private_key(65537, 2048)))
    wrong.append(request(extension=x509.BasicConstraints(ca=True, path_length=None)))
    for each in wrong:
        with pytest.raises(NotCertified):
            certificates.asked(each)
    for each in forged:  # but for a count of unused bits beside the signature, which says nothing, each is found
        with contextlib.suppress(NotCertified):
            assert certificates.asked(each) == ("BARROW-0001", key.public_key())


def test_what_is_revoked_stays_so_and_each_list_is_later(ca, clock):
    for _ in range(2):
        ca.till("BARROW-0001", certificates.new_key().public_key())
    other = ca.till("BARROW-0002", certificates.new_key().public_key())
    broker = ca.server(["mq1.example"])
    before = x509.load_pem_x509_crl((broker / "crl.pem").read_bytes())
    assert len(ca.living("BARROW-0001")) == 2 and ca.revoke("BARROW-0001") == 2
    assert ca.living("BARROW-0001") == [] and ca.revoke("BARROW-0001") == 0
    ca.revoke("BARROW-0002")
    crl = x509.load_pem_x509_crl((broker / "crl.pem").read_bytes())
    assert len(crl) == 3 and crl.get_revoked_certificate_by_serial_number(other.serial_number)
    assert crl.is_signature_valid(ca.certificate.public_key())
    assert before.last_update_utc < crl.last_update_utc < clock.at < crl.next_update_utc - timedelta(days=3000)


def test_a_certificate_that_has_expired_is_not_living(ca, clock):
    ca.till("BARROW-0001", certificates.new_key().public_key())
    clock.at += timedelta(days=1200)
    assert ca.living("BARROW-0001") == []
