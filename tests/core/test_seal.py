"""What a till signs, the same bytes on both interpreters."""

import json

from firmware.journal.codec import GENESIS, canonical
from firmware.sync import seal, wire
from hal.ports.faults import WireFault
from tests.core.devices import Keys

TILL = "BARROW-0001"
TOPIC = wire.topic(TILL, wire.UP_HELLO)
HELLO = wire.hello(7, 40, 42, bytes(range(32)), 1795271520, True, "0.1.0")
LINES = [canonical({"kind": "sale", "no": 1, "seq": 1, "name": "包子"})]


def refusal(read, *args):
    try:
        read(*args)
    except WireFault as fault:
        return str(fault)
    raise AssertionError("not refused")


def test_a_head_is_signed_with_its_topic():
    batch = wire.read_batch(wire.pack_batch(TILL, 1, GENESIS, LINES, Keys().sign))
    assert batch.said == b'barrow/v1/BARROW-0001/up/batch\n{"h":"' + wire.hex_of(batch.head).encode() + b'","to":1}'
    assert batch.signature == Keys().sign(batch.said)
    assert wire.read_batch(wire.pack_batch(TILL, 1, GENESIS, LINES)).signature == b""


def test_another_till_or_place_or_chain_is_another_statement():
    said = [
        seal.head(wire.topic(name, wire.UP_BATCH), to, h) for name in (TILL, "BARROW-0002") for to in (1, 2) for h in (b"a", b"b")
    ]
    assert len(set(said)) == 8


def test_a_hello_is_signed_whole():
    signed = wire.signed(TOPIC, HELLO, Keys())
    found = wire.seal_of(TOPIC, signed)
    assert found.key == Keys().public() and found.signature == Keys().sign(found.said)
    plain, read = wire.read_hello(HELLO), wire.read_hello(signed)
    assert all(read[key] == plain[key] for key in plain), "an end that knows no signatures reads it all the same"
    for key in ("head", "h", "utc", "acked", "k"):
        changed = json.loads(signed)
        changed[key] = 9 if type(changed[key]) is int else "f" * len(changed[key])
        assert wire.seal_of(TOPIC, canonical(changed)).said != found.said, key
    assert wire.seal_of(wire.topic("BARROW-0002", wire.UP_HELLO), signed).said != found.said
    assert wire.seal_of(TOPIC, HELLO) is None


def test_half_a_signature_is_refused_by_name():
    whole = json.loads(wire.signed(TOPIC, HELLO, Keys()))
    for key, value in (("k", None), ("s", None), ("k", "00"), ("s", "F" * 128), ("s", 7), ("k", "g" * 64), ("x", 1.5)):
        changed = dict(whole)
        if value is None:
            del changed[key]
        else:
            changed[key] = value
        told = refusal(wire.seal_of, TOPIC, json.dumps(changed).encode())
        assert told == "signed message: not canonical" or told.startswith(key + ": not "), told
    assert "s: not 128 hex digits" in refusal(wire.read_batch, header(s="00"))
    assert "parts" in refusal(wire.read_hello, canonical(json.loads(HELLO) | {"parts": "1"}))
    assert "ph" in refusal(wire.read_hello, canonical(json.loads(HELLO) | {"ph": "1"}))
    assert "err" in refusal(wire.read_welcome, canonical({"ack": 1, "h": "0" * 64, "utc": 1, "err": 1}))


def header(**changed):
    top, line = wire.pack_batch(TILL, 1, GENESIS, LINES).split(b"\n")[:2]
    return canonical(json.loads(top) | changed) + b"\n" + line + b"\n"


def test_a_fork_is_told_both_ways():
    read = wire.read_hello(wire.hello(1, 2, 3, GENESIS, 4, True, "0", 9, bytes(range(32))))
    assert (read["parts"], read["ph"]) == (9, bytes(range(32)))
    read = wire.read_welcome(wire.welcome(9, GENESIS, 4, "fork", 7))
    assert (read["err"], read["at"]) == ("fork", 7)
