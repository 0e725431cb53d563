"""The bytes of the journal, the same on both interpreters."""

import binascii
import hashlib

from firmware.journal.codec import GENESIS, PAYLOAD_MAX, SECTOR, canonical, chain, pack, read_head, unpack


def refused(act, *args):
    try:
        act(*args)
    except ValueError:
        return True
    return False


def test_canonical_sorts_keys_and_knows_no_blanks():
    value = {"b": [1, True, -5, {}, []], "a": False, "é": 0, "中": "x", "B": {"2": 2, "10": 1}}
    assert canonical(value) == '{"B":{"10":1,"2":2},"a":false,"b":[1,true,-5,{},[]],"é":0,"中":"x"}'.encode()


def test_canonical_escapes_as_rfc_8785_does():
    assert canonical('€$\x0f\nA\'B"\\\\"/') == b'"\xe2\x82\xac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"'  # the text of RFC 8785 3.2.2
    assert canonical("\b\t\n\f\r\x00\x7f") == b'"\\b\\t\\n\\f\\r\\u0000\x7f"'


def test_canonical_keeps_emoji_in_values():
    assert canonical({"name": "茶 😀"}) == '{"name":"茶 😀"}'.encode()


def test_canonical_refuses_what_two_readers_may_read_differently():
    for wrong in (None, 1.5, b"x", (1,), {1: 2}, {"😀": 1}, {"a": None}, [1.0], 1 << 53, -(1 << 53), "\ud800"):
        assert refused(canonical, wrong), repr(wrong)
    assert canonical((1 << 53) - 1) == b"9007199254740991"


def test_canonical_refuses_a_nest_too_deep_for_a_small_stack():
    value = []
    for _ in range(40):
        value = [value]
    assert refused(canonical, value)


def test_the_chain_is_sha256_of_the_link_before_and_the_payload():
    first = chain(GENESIS, b'{"a":1}')
    assert first == hashlib.sha256(bytes(32) + b'{"a":1}').digest()
    assert chain(first, b"x") == hashlib.sha256(first + b"x").digest()


def test_a_frame_is_whole_sectors_and_comes_back():
    for size in (0, 1, 453, 454, 455, 5000):
        payload = b"7" * size
        frame = pack("sale", 7, 3, payload, chain(GENESIS, payload))
        found = unpack(frame)
        assert len(frame) % SECTOR == 0 and len(frame) - size < SECTOR + 58
        assert (found.kind, found.seq, found.no, found.size) == ("sale", 7, 3, len(frame))
        assert found.payload == payload and found.link == chain(GENESIS, payload)


def test_no_changed_byte_passes_for_a_sound_frame():
    payload = b'{"kind":"sale","seq":7}'
    frame = pack("sale", 7, 3, payload, chain(GENESIS, payload))
    for i in range(len(frame)):
        hurt = bytearray(frame)
        hurt[i] ^= 0x10
        assert unpack(hurt) is None, i
    for size in range(0, len(frame), 7):
        assert unpack(frame[:size]) is None


def test_a_kind_that_we_do_not_know_is_still_a_frame():
    frame = bytearray(pack("sale", 7, 3, b"{}", GENESIS))
    frame[5] = 63
    frame[22 + 2 + 32 : 22 + 2 + 36] = binascii.crc32(bytes(frame[: 22 + 2 + 32])).to_bytes(4, "big")
    assert unpack(frame).kind == "" and unpack(frame).seq == 7


def test_a_head_that_promises_too_much_is_none():
    frame = bytearray(pack("sale", 7, 3, b"{}", GENESIS))
    frame[6:10] = b"\xff\xff\xff\xff"
    assert read_head(frame) is None and unpack(frame) is None
    assert refused(pack, "sale", 7, 3, range(PAYLOAD_MAX + 1), GENESIS)  # as long, and no MiB on a small heap


def test_the_form_of_a_frame_never_changes():
    """Journals out there are read for years: if this fails, it is a new format, and the old reader stays."""
    payload = canonical({"kind": "sale", "seq": 1, "no": 1, "total": 850, "names": {"en": "Bun", "zh": "包子"}})
    frame = pack("sale", 1, 1, payload, chain(GENESIS, payload))
    assert frame[:22] == b"\xffBRW\x01\x02\x00\x00\x00M\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x01"
    assert binascii.hexlify(hashlib.sha256(frame).digest()) == b"d7f67740a3527c87cb64ba4137a629f32e75b4fa2f10a8be3763160e6a70c2fb"
