"""What a document of the fleet says of itself, and what must hold before a till believes it."""

import json

from firmware.journal.codec import canonical
from firmware.sync import document, order
from firmware.sync.document import Declined, Judge
from hal.ports.faults import WireFault
from tests.core.devices import Keys

TILL = "STALL-0001"
FLEET = Keys(b"FLEET")
BODY = b'{"items":[]}'


def label(kind="catalogue", version=6, terminal="*", start=0, until=0, body=BODY, keys=FLEET):
    return document.label(kind, version, terminal, start, until, "d1", body, keys.sign)


def why(text, applied=5, now=1000, fleet=True):
    """The check that fails, "" when the label is believed."""
    keys = Keys(TILL.encode(), FLEET.public() if fleet else b"")
    try:
        document.judge(document.read(text), Judge(keys, TILL, applied, now))
    except Declined as declined:
        return declined.check
    return ""


def form(text):
    """Whether a text is a label at all."""
    try:
        document.read(text)
    except WireFault:
        return False
    return True


def with_field(key, value):
    """A sound label in which one field was changed, canonical again."""
    said = json.loads(label())
    if value is None:
        del said[key]
    else:
        said[key] = value
    return canonical(said)


def test_a_label_says_what_its_body_is():
    found = document.read(label(terminal=TILL, start=7, until=9))
    assert (found.kind, found.version, found.terminal, found.start, found.until) == ("catalogue", 6, TILL, 7, 9)
    assert found.length == len(BODY) and found.name == "catalogue 6"
    assert document.read(found.text).text == found.text


def test_it_is_believed():
    assert why(label()) == "" and why(label(terminal=TILL)) == "" and why(label(until=1000)) == ""


def test_each_reason_not_to_believe_it():
    assert why(label(keys=Keys(b"STRANGER"))) == "key"
    assert why(label(), fleet=False) == "key"
    assert why(label(kind="weather")) == "kind"
    assert why(label(terminal="STALL-0002")) == "terminal"
    assert why(label(version=5)) == "version" and why(label(version=4)) == "version"
    assert why(label(until=999)) == "expired"
    assert why(with_field("length", (2 << 20) + 1)) == "key"


def test_every_field_is_signed():
    other = {"kind": "texts", "version": 7, "terminal": TILL, "start": 1, "until": 1, "id": "d2", "length": 9}
    other["sha256"] = "00" * 32
    for key in other:
        assert why(with_field(key, other[key]), applied=0) == "key", key


def test_a_field_that_is_new_passes_when_the_fleet_signed_it():
    said = json.loads(label())
    del said["s"]
    said["colour"] = "red"
    said["s"] = FLEET.sign(document.SAID + canonical(said)).hex()
    assert why(canonical(said)) == ""


def test_no_other_signature_of_the_fleet_is_one_of_a_document():
    said = json.loads(label())
    del said["s"]
    said["s"] = FLEET.sign(b"barrow/v1/STALL-0001/dn/welcome\n" + canonical(said)).hex()
    assert why(canonical(said)) == "key"


def test_what_is_no_label():
    assert form(label())
    for text in (b"", b"[]", b"null", b"{}", b"\xff", label()[:-1], label() + b" ", label().replace(b":", b": ", 1)):
        assert not form(text), text
    assert not form(with_field("id", "x" * 1000))
    for key in ("kind", "version", "terminal", "start", "until", "id", "length", "sha256", "s"):
        assert not form(with_field(key, None)), key
        assert not form(with_field(key, True)), key
        assert not form(with_field(key, [])), key
    for key, value in (
        ("version", 0),
        ("version", 100_000_000),
        ("length", 0),
        ("kind", ""),
        ("kind", "a/b\n"),
        ("sha256", "zz"),
    ):
        assert not form(with_field(key, value)), key


def test_a_piece_comes_as_it_went():
    data = bytes(range(256))
    first, later = document.chunk(label(), 0, data), document.chunk(label(), 512, data)
    assert "label" not in later
    found = document.read_chunk(json.loads(canonical(first)))
    assert (found.at, found.data, found.label.text) == (0, data, label())
    found = document.read_chunk(json.loads(canonical(later)))
    assert (found.at, found.data, found.label) == (512, data, None)
    assert document.read_chunk({"none": True}) is None


def test_a_piece_that_is_none():
    good = document.chunk(label(), 0, b"abc")
    for key, value in (
        ("at", -1),
        ("at", "0"),
        ("data", 7),
        ("data", "x" * 20_000),
        ("label", None),
        ("label", []),
        ("label", {}),
    ):
        wrong = dict(good)
        wrong[key] = value
        try:
            document.read_chunk(wrong)
        except WireFault:
            continue
        raise AssertionError(key)


def test_hints():
    assert document.read_hint({}, "welcome") == {}
    assert document.read_hint({"docs": {"catalogue": 4, "weather": 9}}, "welcome") == {"catalogue": 4}
    for docs in ([], {"texts": 0}, {"texts": "1"}, {"texts": True}):
        try:
            document.read_hint({"docs": docs}, "welcome")
        except WireFault:
            continue
        raise AssertionError(docs)


ORDERS = [
    '{"do":"lock","words":{"en":"Closed"}}',
    '{"do":"unlock"}',
    '{"do":"message","words":{"en":"Hello","zh":"你好"}}',
    '{"do":"logs","lines":20}',
    '{"do":"resend","from":1}',
]
NO_ORDERS = [
    "", "[]", "{}", '{"do":"dance"}', '{"do":["lock"]}', '{"do":"lock"}', '{"do":"unlock","words":{}}',
    '{"do":"lock","words":{}}', '{"do":"lock","words":{"en":""}}', '{"do":"lock","words":{"English":"x"}}',
    '{"do":"lock","words":{"en":"a\\u0007b"}}', '{"do":"message","words":{"en":"' + "x" * 61 + '"}}',
    '{"do":"logs","lines":0}', '{"do":"logs","lines":201}', '{"do":"logs","lines":true}', '{"do":"resend","from":0}',
    '{"do":"resend","from":"1"}', '{"do":"lock","words":["Closed"]}', '{"do":"unlock","now":1}', "[" * 500,
]  # fmt: skip


def test_orders_are_read_strictly():
    for text in ORDERS:
        assert order.read(text.encode())["do"] in text
    for text in NO_ORDERS:
        try:
            order.read(text.encode())
        except Declined as declined:
            assert declined.check == "content"
            continue
        raise AssertionError(text)
