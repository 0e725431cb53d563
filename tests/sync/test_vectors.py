"""The wire format as files: whoever writes another end can test it against tests/sync/vectors/, and so do we."""

import hashlib
import json
from pathlib import Path

import pytest

from firmware.sync import wire
from fleet.collector import inflate
from hal import keystore

FOLDER = Path(__file__).parent / "vectors"
READ = {
    "hello": wire.read_hello, "welcome": wire.read_welcome, "ack": wire.read_ack, "state": wire.read_state,
    "batch": wire.read_batch,
}  # fmt: skip


def vectors(name):
    rows = json.loads((FOLDER / name).read_text(encoding="utf-8"))["vectors"]
    return [pytest.param(row, id=row["name"]) for row in rows]


def packed(message, says):
    """What our end writes to say this."""
    told = says | ({"h": bytes.fromhex(says["h"])} if "h" in says else {})
    if message == "hello":
        return wire.hello(told["boot"], told["acked"], told["head"], told["h"], told["utc"], told["trusted"], told["sw"])
    if message == "welcome":
        return wire.welcome(told["ack"], told["h"], told["utc"])
    if message == "state":
        return wire.state(bool(told["on"]), told["boot"])
    return wire.ack(told["to"], told["h"], told.get("gap", 0), told.get("err", ""), told.get("at", 0))


@pytest.mark.parametrize("row", vectors("small.json"))
def test_small_messages(row):
    assert packed(row["message"], row["says"]).decode() == row["payload"]
    read = READ[row["message"]](row["payload"].encode())
    if row["message"] == "state":
        assert read == bool(row["says"]["on"])
    else:
        assert {key: wire.hex_of(value) if key == "h" else value for key, value in read.items() if value} == {
            key: value for key, value in row["says"].items() if value
        }


@pytest.mark.parametrize("row", vectors("batch.json"))
def test_batches(row):
    lines = [line.encode() for line in row["lines"]]
    text = wire.pack_batch(row["terminal"], row["a"], bytes.fromhex(row["p"]), lines)
    assert text.decode() == row["text"]
    assert inflate(bytes.fromhex(row["published"])) == text
    batch = wire.read_batch(text)
    assert (batch.terminal, batch.first, batch.lines) == (row["terminal"], row["a"], lines)
    link = bytes.fromhex(row["p"])
    for line in lines:
        link = hashlib.sha256(link + line).digest()
    assert link.hex() == row["h"] == wire.hex_of(batch.head)


def test_the_batches_follow_each_other():
    first, second = (param.values[0] for param in vectors("batch.json"))
    assert (second["p"], second["a"]) == (first["h"], 2)


@pytest.mark.parametrize("row", vectors("refused.json"))
def test_refusals(row):
    with pytest.raises(wire.WireFault) as told:
        READ[row["message"]](row["payload"].encode())
    assert row["says"] in str(told.value)


def test_the_dictionary_of_version_1_is_never_edited():
    """A till in the field deflates with these bytes: a change needs a new version, and the fleet keeps both."""
    assert wire.DICTIONARY_VERSION == 1
    assert hashlib.sha256(wire.DICTIONARY).hexdigest() == "c31453b77216d08c8f51c120e6c395e8c5f5dc355be3b45a09a025873e62cb5b"


def test_what_a_batch_weighs():
    """Bytes a sale, published: two market lines each, its slip's record beside it, the head signed (70 B a batch)."""
    import zlib

    from firmware.journal.codec import GENESIS, canonical
    from tests.sync.stack import sale

    def weight(sales):
        lines = []
        for no in range(1, sales + 1):
            lines.append(canonical(sale(no, 1795271526 + 97 * no) | {"kind": "sale", "seq": 2 * no - 1, "no": no}))
            lines.append(canonical({"kind": "print", "seq": 2 * no, "no": no, "copy": 0, "done": True}))
        text = wire.pack_batch("BARROW-0001", 1, GENESIS, lines, keystore.seeded(1, "BARROW-0001").sign)
        packer = zlib.compressobj(9, zlib.DEFLATED, -15, 9, zlib.Z_DEFAULT_STRATEGY, wire.DICTIONARY)
        return (1 + len(packer.compress(text) + packer.flush())) / sales

    assert weight(1) <= 190 and weight(10) <= 60 and weight(20) <= 50 and weight(50) <= 44, [weight(n) for n in (1, 10, 20, 50)]
