"""The signed messages as files, for whoever writes another end; read by a library that knows nothing of ours."""

import json
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from firmware.sync import wire
from hal.keystore import Keys

VECTORS = json.loads((Path(__file__).parent / "vectors" / "signed.json").read_text(encoding="utf-8"))
KEYS = Keys(bytes.fromhex(VECTORS["seed"]), bytes(32))
PUBLIC = Ed25519PublicKey.from_public_bytes(bytes.fromhex(VECTORS["key"]))


@pytest.mark.parametrize("row", VECTORS["hello"], ids=lambda row: row["name"])
def test_hellos(row):
    assert wire.signed(row["topic"], row["plain"].encode(), KEYS).decode() == row["payload"]
    message = json.loads(row["payload"])
    PUBLIC.verify(bytes.fromhex(message["s"]), row["signed"].encode())
    topic, said = row["signed"].split("\n")
    assert topic == row["topic"] and json.loads(said) == {key: value for key, value in message.items() if key != "s"}
    wire.read_hello(row["payload"].encode())


@pytest.mark.parametrize("row", VECTORS["batch"], ids=lambda row: row["name"])
def test_batches(row):
    lines = [line.encode() for line in row["lines"]]
    assert wire.pack_batch(row["terminal"], row["a"], bytes.fromhex(row["p"]), lines, KEYS.sign).decode() == row["text"]
    PUBLIC.verify(bytes.fromhex(row["signature"]), row["signed"].encode())
    assert wire.read_batch(row["text"].encode()).signature.hex() == row["signature"]
    with pytest.raises(InvalidSignature):
        PUBLIC.verify(bytes.fromhex(row["signature"]), row["signed"].replace('"to":1', '"to":2').encode())
