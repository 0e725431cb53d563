"""The signed messages as files, for whoever writes another end; read by a library and a reader that know nothing of ours."""

import json
from pathlib import Path

import pytest

from firmware.sync import wire
from fleet.letters import inflate
from hal.keystore import Keys
from tests.sync import reader
from tests.sync.reader import NotOurs

VECTORS = json.loads((Path(__file__).parent / "vectors" / "signed.json").read_text(encoding="utf-8"))
KEYS = Keys(bytes.fromhex(VECTORS["seed"]), bytes(32), bytes.fromhex(VECTORS["fleet"]))
FLEET = Keys(bytes.fromhex(VECTORS["fleet_seed"]), bytes(32))
PUBLIC = bytes.fromhex(VECTORS["key"])


def rows(kind):
    return pytest.mark.parametrize("row", VECTORS[kind], ids=lambda row: row["name"])


@rows("hello")
def test_hellos(row):
    check_signed(row)
    wire.read_hello(row["payload"].encode())


@rows("request")
def test_requests(row):
    check_signed(row)
    wire.read_request(row["payload"].encode())


def check_signed(row):
    assert wire.signed(row["topic"], row["plain"].encode(), KEYS).decode() == row["payload"]
    said = reader.signed(PUBLIC, row["topic"], row["payload"].encode())
    topic, over = row["signed"].split("\n")
    assert topic == row["topic"] and json.loads(over) == said and said["k"] == VECTORS["key"]


@rows("told")
def test_what_the_fleet_says(row):
    payload = row["payload"].encode()
    assert wire.countersigned(row["topic"], row["plain"].encode(), FLEET.sign) == payload
    said = reader.signed(bytes.fromhex(VECTORS["fleet"]), row["topic"], payload)
    assert said == json.loads(row["plain"]) and row["signed"] == f"{row['topic']}\n{row['plain']}"
    assert wire.vouched(row["topic"], payload, KEYS)
    for topic, other in ((row["topic"].replace("0001", "0002"), payload), (row["topic"], row["plain"].encode())):
        assert not wire.vouched(topic, other, KEYS)


@rows("batch")
def test_batches(row):
    terminal, prev, lines = row["terminal"], bytes.fromhex(row["p"]), [line.encode() for line in row["lines"]]
    assert wire.pack_batch(terminal, row["a"], prev, lines, KEYS.sign).decode() == row["text"]
    assert wire.read_batch(row["text"].encode()).signature.hex() == row["signature"]
    published = bytes.fromhex(row["published"])
    first, before, head, read = reader.batch(PUBLIC, terminal, published, wire.DICTIONARY)
    assert (first, before, read) == (row["a"], prev, lines)
    batch = wire.opened(terminal, published, inflate)
    assert (batch.first, batch.prev, batch.head, batch.lines) == (first, before, head, read)
    assert batch.said.decode() == row["signed"] and batch.signature.hex() == row["signature"]
    for at in (6, 7, 50, 102):  # the seq, the chain, the signature
        with pytest.raises(NotOurs):
            reader.batch(PUBLIC, terminal, published[:at] + bytes([published[at] ^ 1]) + published[at + 1 :], wire.DICTIONARY)
