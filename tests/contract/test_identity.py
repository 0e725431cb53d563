"""A till's certificate: made for its own key, by its own fleet, durable, and never in the way of selling."""

import asyncio
import os
import ssl
import stat

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key

from fleet import certificates
from fleet.authority import Authority
from fleet.sign import seeded
from hal.identity import AUTHORITY, CERTIFICATE, KEY, AtTheDoor, Identity

TILL = "BARROW-0001"
DOCUMENTS = seeded(1).public


@pytest.fixture
def ca(tmp_path):
    return Authority.init(tmp_path / "ca", "Market fleet")


class Setup:
    """A till's folder, and the authority that it was set up with."""

    def __init__(self, folder, ca):
        self.folder, self.learned = folder, []
        folder.mkdir()
        (folder / AUTHORITY).write_bytes(ca.root())

    def boot(self):
        return Identity(self.folder, self.folder / AUTHORITY, TILL, self.learned.append)


@pytest.fixture
def setup(tmp_path, ca):
    return Setup(tmp_path / "till", ca)


def given(ca, own, terminal=TILL, documents=DOCUMENTS):
    """(certificate, documents) in DER, as the fleet gives them for this identity's key."""
    made = ca.till(terminal, load_der_public_key(own.public()))
    return made.public_bytes(Encoding.DER), ca.documents(documents).public_bytes(Encoding.DER)


def take(own, papers):
    asyncio.run(own.take(*papers))


def test_a_new_till_has_a_key_and_no_certificate(setup):
    own = setup.boot()
    assert not own.held() and own.context() is None and own.fleet() == b""
    asked, public = certificates.asked(own.request())
    assert asked == TILL
    assert public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo) == own.public() == setup.boot().public()
    assert stat.S_IMODE((setup.folder / KEY).stat().st_mode) == 0o600


def test_what_the_fleet_gave_is_in_use_at_once_and_after_the_next_boot(setup, ca):
    own = setup.boot()
    take(own, given(ca, own))
    again = setup.boot()
    for each in (own, again):
        assert each.held() and each.context() is each.context() is not None and each.fleet() == DOCUMENTS
    assert setup.learned == [DOCUMENTS, DOCUMENTS]


def test_it_speaks_tls_1_2_or_later_with_the_fleet_alone(setup, ca):
    own = setup.boot()
    take(own, given(ca, own))
    for context in (own.context(), AtTheDoor(setup.folder / AUTHORITY).context()):
        assert context.minimum_version == ssl.TLSVersion.TLSv1_2
        assert context.check_hostname and context.verify_mode == ssl.CERT_REQUIRED
        assert len(context.get_ca_certs()) == 1
        assert all("ECDHE" in cipher["name"] or cipher["protocol"] == "TLSv1.3" for cipher in context.get_ciphers())


def test_only_the_till_s_own_certificate_goes_out_with_a_handshake(setup, ca):
    own = setup.boot()
    take(own, given(ca, own))
    assert (setup.folder / CERTIFICATE).read_bytes().count(b"BEGIN CERTIFICATE") == 1


def wrong(what, ca, own, folder):
    """Papers that must not be taken."""
    right = given(ca, own)
    if what == "another key":
        return ca.till(TILL, certificates.new_key().public_key()).public_bytes(Encoding.DER), right[1]
    if what == "another name":
        return given(ca, own, "BARROW-0002")
    if what == "another fleet":
        return given(Authority.init(folder / "rogue", "Market fleet"), own)
    if what == "documents of another fleet":
        return right[0], given(Authority.init(folder / "rogue", "Market fleet"), own)[1]
    if what == "for a server":
        key = load_der_public_key(own.public())
        made = certificates.server(ca.certificate, ca.key, [TILL.lower()], key, ca.now())
        return made.public_bytes(Encoding.DER), right[1]
    if what == "documents that are the till's own":
        return right[0], right[0]
    return {"nothing": (b"", b""), "no DER": (b"0" * 400, right[1]), "cut short": (right[0][:-1], right[1])}[what]


@pytest.mark.parametrize(
    "what",
    ["another key", "another name", "another fleet", "documents of another fleet", "for a server",
     "documents that are the till's own", "nothing", "no DER", "cut short"],
)  # fmt: skip
def test_papers_that_are_not_ours_or_not_the_fleet_s_are_refused_and_change_nothing(setup, ca, tmp_path, what):
    own = setup.boot()
    take(own, given(ca, own))
    before = (setup.folder / CERTIFICATE).read_bytes()
    papers = wrong(what, ca, own, tmp_path)
    with pytest.raises(ValueError):
        own.check(*papers)
    with pytest.raises(ValueError):
        take(own, papers)
    assert (setup.folder / CERTIFICATE).read_bytes() == before and own.held()


def test_a_till_that_was_set_up_with_no_fleet_believes_nobody(tmp_path, ca):
    own = Identity(tmp_path / "till", None, TILL)
    with pytest.raises(ValueError, match="no fleet-ca"):
        take(own, given(ca, own))
    (tmp_path / "spoilt").write_bytes(b"-----BEGIN CERTIFICATE-----")
    assert AtTheDoor(tmp_path / "nowhere").context() is AtTheDoor(tmp_path / "spoilt").context() is None


@pytest.mark.parametrize("call", ["open", "fsync", "replace"])
def test_a_cut_at_any_call_leaves_the_old_or_the_new(setup, ca, monkeypatch, call):
    own = setup.boot()
    take(own, given(ca, own))
    old, fresh = (setup.folder / CERTIFICATE).read_bytes(), given(ca, own)

    def gone(*args, **kwargs):
        raise OSError("the power went")

    with monkeypatch.context() as broken:
        if call == "replace":
            broken.setattr(type(setup.folder), "replace", gone)
        else:
            broken.setattr(os, call, gone)
        with pytest.raises(OSError, match="the power went"):
            take(own, fresh)
    assert (setup.folder / CERTIFICATE).read_bytes() == old
    assert setup.boot().held()
    take(own, fresh)
    assert (setup.folder / CERTIFICATE).read_bytes() != old and setup.boot().held()


@pytest.mark.parametrize("name", [KEY, CERTIFICATE, AUTHORITY])
def test_a_file_that_is_damaged_counts_for_none_and_is_claimed_anew(setup, ca, name):
    own = setup.boot()
    take(own, given(ca, own))
    whole = (setup.folder / name).read_bytes()
    for data in (b"", whole[: len(whole) // 2], b"\xff" * 300, whole.replace(b"A", b"B"), b"x" * 99999):
        (setup.folder / name).write_bytes(data)
        assert not setup.boot().held(), data[:40]
    if name != AUTHORITY:
        again = setup.boot()
        take(again, given(ca, again))
        assert setup.boot().held()


def test_a_key_that_others_may_read_is_not_used_any_more(setup, ca):
    own = setup.boot()
    take(own, given(ca, own))
    public = own.public()
    (setup.folder / KEY).chmod(0o644)
    again = setup.boot()
    assert not again.held() and again.public() != public
    assert stat.S_IMODE((setup.folder / KEY).stat().st_mode) == 0o600


def test_a_certificate_of_the_past_is_still_held(setup, ca):
    """Whether it is out of date is the broker's to say: a till whose clock went wrong must not throw it away."""
    own = setup.boot()
    public = load_der_public_key(own.public())
    made = certificates.till(ca.certificate, ca.key, TILL, public, ca.now() - 4000 * certificates.DAY)
    take(own, (made.public_bytes(Encoding.DER), given(ca, own)[1]))
    assert setup.boot().held()
