"""What is said at the door, as a file for whoever writes another end: the claim code, the request, the fleet's answers."""

import json
from pathlib import Path

import pytest

from firmware.sync import wire
from tests.sync import reader

VECTORS = json.loads((Path(__file__).parent / "vectors" / "door.json").read_text(encoding="utf-8"))
TERMINAL, CODE = VECTORS["terminal"], VECTORS["code"]
KEY, SPKI = bytes.fromhex(VECTORS["key"]), bytes.fromhex(VECTORS["spki"])


def named(rows):
    return pytest.mark.parametrize("row", rows, ids=lambda row: row["name"])


def test_the_claim_code():
    assert wire.door.code(TERMINAL, SPKI, KEY) == CODE == reader.claim(TERMINAL, KEY, SPKI)
    assert reader.claim("BARROW-0002", KEY, SPKI) != CODE
    for text in VECTORS["typed"]:
        assert wire.door.typed(text) == CODE


def test_the_request():
    topic, payload = VECTORS["up"]["topic"], VECTORS["up"]["payload"].encode()
    assert topic == f"barrow/v1/claim/{CODE}/up" and wire.door.claimed(topic) == CODE
    said = reader.signed(KEY, topic, payload)
    assert said.pop("k") == VECTORS["key"] and said == VECTORS["up"]["says"]
    assert wire.door.read_ask(payload)["t"] == TERMINAL


@named(VECTORS["dn"])
def test_the_answers(row):
    assert row["topic"] == wire.door.down(CODE)
    says = row["says"]
    assert reader.envelope(row["payload"].encode(), 4096) == says
    read = wire.door.read_answer(row["payload"].encode())
    assert (read["state"], read.get("why"), read.get("first")) == (says["state"], says.get("why"), says.get("first"))
    written = wire.door.answer(
        read["state"], read.get("crt", b""), read.get("doc", b""), read.get("first", 0), read.get("why", "")
    )
    assert written.decode() == row["payload"]


@named(VECTORS["refused"])
def test_what_no_till_takes(row):
    with pytest.raises(wire.WireFault, match=row["says"]):
        wire.door.read_answer(row["payload"].encode())
