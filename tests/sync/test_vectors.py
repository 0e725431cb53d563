"""The wire format as files: whoever writes another end can test it against tests/sync/vectors/, and so do we, beside a
reader (reader.py) that was written from the page and has none of our code."""

import hashlib
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware.sync import wire
from fleet.letters import inflate
from tests.sync import reader
from tests.sync.reader import NotOurs

FOLDER = Path(__file__).parent / "vectors"
READ = {
    "hello": wire.read_hello, "welcome": wire.read_welcome, "ack": wire.read_ack, "state": wire.read_state,
    "notice": wire.read_notice, "request": wire.read_request, "answer": wire.read_answer, "batch": wire.read_batch,
}  # fmt: skip


def rows_of(name):
    return json.loads((FOLDER / name).read_text(encoding="utf-8"))["vectors"]


def vectors(name):
    return [pytest.param(row, id=row["name"]) for row in rows_of(name)]


def packed(message, says):
    """What our end writes to say this."""
    told = says | {key: bytes.fromhex(says[key]) for key in ("h", "ph") if key in says}
    if message == "hello":
        plain = [told[key] for key in ("boot", "acked", "head", "h", "utc", "trusted", "sw")]
        return wire.hello(*plain, told.get("parts", 0), told.get("ph", b""))
    if message == "welcome":
        return wire.welcome(told["ack"], told["h"], told["utc"], told.get("err", ""), told.get("at", 0), told.get("docs"))
    if message == "state":
        return wire.state(bool(told["on"]), told["boot"])
    if message == "notice":
        return wire.notice(told["docs"])
    if message == "request":
        return wire.request(told["id"], told["exp"], told["op"], told["body"])
    if message == "answer":
        return wire.answer(told["id"], told["op"], told["utc"], told.get("body", {}), told.get("err", ""))
    return wire.ack(told["to"], told["h"], told.get("gap", 0), told.get("err", ""), told.get("at", 0))


@pytest.mark.parametrize("row", vectors("small.json"))
def test_small_messages(row):
    assert packed(row["message"], row["says"]).decode() == row["payload"]
    read = READ[row["message"]](row["payload"].encode())
    assert reader.message(row["message"], row["payload"].encode()) == row["says"]
    if row["message"] == "state":
        assert read == bool(row["says"]["on"])
    else:
        assert {key: wire.hex_of(value) if key in ("h", "ph") else value for key, value in read.items() if value} == {
            key: value for key, value in row["says"].items() if value
        }


@pytest.mark.parametrize("row", vectors("batch.json"))
def test_batches(row):
    lines = [line.encode() for line in row["lines"]]
    text = wire.pack_batch(row["terminal"], row["a"], bytes.fromhex(row["p"]), lines)
    assert text.decode() == row["text"]
    published = bytes.fromhex(row["published"])
    assert inflate(published[1:], wire.DICTIONARY) == text
    batch = wire.opened(row["terminal"], published, inflate)
    assert (batch.terminal, batch.first, batch.lines) == (row["terminal"], row["a"], lines)
    link = bytes.fromhex(row["p"])
    for line in lines:
        link = hashlib.sha256(link + line).digest()
    assert link.hex() == row["h"] == wire.hex_of(batch.head)


def test_the_batches_follow_each_other():
    first, second = rows_of("batch.json")
    assert (second["p"], second["a"]) == (first["h"], 2)


@pytest.mark.parametrize("row", vectors("refused.json"))
def test_refusals(row):
    with pytest.raises(wire.WireFault) as told:
        READ[row["message"]](row["payload"].encode())
    assert row["says"] in str(told.value)
    if row["message"] != "batch":
        with pytest.raises(NotOurs):
            reader.message(row["message"], row["payload"].encode())


SMALL = [row for row in rows_of("small.json") if row["message"] != "notice"]
VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 3), st.sampled_from([1 << 53, (1 << 53) - 1, -(1 << 60), 1.5, "0" * 24, "f" * 64]),
    st.text(max_size=8), st.lists(st.integers(0, 1), max_size=2), st.just([[[[[[[]]]]]]]), st.just([[[[[[[[]]]]]]]]),
    st.dictionaries(st.text(max_size=3), st.integers(0, 1), max_size=2),
)  # fmt: skip


WORDS = sorted({key for seldom in reader.SELDOM.values() for key in seldom})  # in a message of another kind they say nothing


def verdict(read, *args):
    """Whether it takes this; whatever else than its own fault it raises fails the test."""
    try:
        read(*args)
    except (wire.WireFault, NotOurs):
        return False
    return True


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.sampled_from(SMALL), st.data())
def test_two_readers_agree_on_every_changed_field(row, data):
    said = json.loads(row["payload"])
    key = data.draw(st.one_of(st.sampled_from(sorted(said)), st.sampled_from(WORDS), st.text(max_size=3)))
    if data.draw(st.booleans()):
        said[key] = data.draw(VALUES)
    else:
        said.pop(key, None)
    payload = reader.written(said) if not has_surrogate(said) else b"{}"
    assert verdict(READ[row["message"]], payload) == verdict(reader.message, row["message"], payload)


def has_surrogate(said):
    return any("\ud800" <= c <= "\uffff" or ord(c) > 0xFFFF for c in json.dumps(said, ensure_ascii=False))


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.sampled_from(SMALL), st.data())
def test_two_readers_agree_on_every_changed_byte(row, data):
    payload = bytearray(row["payload"].encode())
    at = data.draw(st.integers(0, len(payload) - 1))
    payload[at : at + data.draw(st.integers(0, 2))] = data.draw(st.binary(max_size=2))
    assert verdict(READ[row["message"]], bytes(payload)) == verdict(reader.message, row["message"], bytes(payload))


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.binary(max_size=200), st.sampled_from(sorted(READ)), st.booleans())
def test_rubbish_is_a_fault_of_the_wire_and_nothing_else(rubbish, kind, as_batch):
    verdict(READ[kind], rubbish)
    first = rows_of("batch.json")[0]
    assert not verdict(wire.opened, first["terminal"], bytes([1 + as_batch]) + rubbish, inflate)


def test_the_dictionary_of_version_1_is_never_edited():
    """A till in the field deflates with these bytes: a change needs a new version, and the fleet keeps both."""
    assert wire.DICTIONARY_VERSION == 1
    assert hashlib.sha256(wire.DICTIONARY).hexdigest() == "c31453b77216d08c8f51c120e6c395e8c5f5dc355be3b45a09a025873e62cb5b"
