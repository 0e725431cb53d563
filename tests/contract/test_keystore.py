"""The keystore: one till, one key, for ever; and a file that nobody else may read."""

import hashlib
import hmac
import os
import stat

import pytest

from hal import keystore
from hal.ports.faults import ConfigFault

MESSAGE = b"head 7"


def test_it_signs_what_anyone_can_check_and_nobody_can_forge(tmp_path):
    keys = keystore.kept(tmp_path)
    signature = keys.sign(MESSAGE)
    assert (len(keys.public()), len(signature)) == (32, 64)
    assert keystore.verify(keys.public(), MESSAGE, signature)
    assert not keystore.verify(keys.public(), b"head 8", signature)
    assert not keystore.verify(keystore.seeded(1, "BARROW-0001").public(), MESSAGE, signature)
    for i in range(64):
        forged = bytearray(signature)
        forged[i] ^= 1
        assert not keystore.verify(keys.public(), MESSAGE, bytes(forged))


def test_bytes_that_are_no_key_and_no_signature_verify_nothing():
    keys = keystore.seeded(1, "BARROW-0001")
    for public in (b"", bytes(31), bytes(33), bytes(32), b"\xff" * 32):
        assert not keystore.verify(public, MESSAGE, keys.sign(MESSAGE))
    for signature in (b"", bytes(63), bytes(64), b"\xff" * 64, bytes(65)):
        assert not keystore.verify(keys.public(), MESSAGE, signature)


def test_the_signature_is_that_of_rfc_8032():
    """Section 7.1, test 2."""
    seed = bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
    keys = keystore.Keys(seed, bytes(32))
    assert keys.public().hex() == "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
    told = "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"  # noqa: E501
    assert keys.sign(b"\x72").hex() == told


def test_the_mac_is_hmac_sha256_under_a_key_of_its_own():
    keys = keystore.Keys(b"s" * 32, b"d" * 32)
    assert keys.mac(MESSAGE) == hmac.new(b"d" * 32, MESSAGE, hashlib.sha256).digest()
    assert keystore.Keys(b"s" * 32, b"e" * 32).mac(MESSAGE) != keys.mac(MESSAGE)


def test_the_next_boot_has_the_same_keys_and_another_till_has_others(tmp_path):
    first, again = keystore.kept(tmp_path / "a"), keystore.kept(tmp_path / "a")
    other = keystore.kept(tmp_path / "b")
    assert first.public() == again.public() != other.public()
    assert first.mac(MESSAGE) == again.mac(MESSAGE) != other.mac(MESSAGE)


def test_only_the_till_s_user_may_read_them(tmp_path):
    before = os.umask(0)  # the worst one
    try:
        keystore.kept(tmp_path)
    finally:
        os.umask(before)
    path = tmp_path / keystore.NAME
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in tmp_path.iterdir()] == [keystore.NAME], "something was left lying about"
    path.chmod(0o640)
    with pytest.raises(ConfigFault, match="others may read it"):
        keystore.kept(tmp_path)


def test_a_damaged_file_is_refused_and_never_replaced(tmp_path):
    keystore.kept(tmp_path)
    path = tmp_path / keystore.NAME
    whole = path.read_bytes()
    bad = [whole[:i] + bytes([whole[i] ^ 1]) + whole[i + 1 :] for i in range(len(whole))]
    for data in [b"", whole[:-1], whole + b"x", *bad]:
        path.write_bytes(data)
        with pytest.raises(ConfigFault):
            keystore.kept(tmp_path)
        assert path.read_bytes() == data


def test_a_cut_while_they_are_made_leaves_none_or_whole_ones(tmp_path, monkeypatch):
    """At each system call that makes the file: the next boot makes keys, or has the ones that were made."""
    for call in ("open", "fsync", "link"):
        folder = tmp_path / call

        def gone(*args, **kwargs):
            raise OSError("the power went")

        with monkeypatch.context() as broken:
            broken.setattr(os, call, gone)
            with pytest.raises(OSError, match="the power went"):
                keystore.kept(folder)
        assert not (folder / keystore.NAME).exists()
        assert keystore.kept(folder).public() == keystore.kept(folder).public()


def test_two_that_boot_at_once_agree(tmp_path, monkeypatch):
    made = []
    make = keystore._make

    def late(path, seed, device):
        made.append(make(path, b"f" * 32, b"f" * 32))
        make(path, seed, device)

    monkeypatch.setattr(keystore, "_make", late)
    assert keystore.kept(tmp_path).public() == keystore.Keys(b"f" * 32, b"f" * 32).public()
    assert made


def test_the_bench_has_its_keys_from_the_seed():
    one = keystore.seeded(1, "BARROW-0001")
    assert one.public() == keystore.seeded(1, "BARROW-0001").public()
    assert len({keystore.seeded(seed, name).public() for seed in (1, 2) for name in ("BARROW-0001", "BARROW-0002")}) == 4
