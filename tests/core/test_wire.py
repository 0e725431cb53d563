"""The wire format, the same on both interpreters: what one end packs the other reads, and nothing else."""

import json

from firmware.journal.codec import GENESIS, PAYLOAD_MAX, canonical, chain
from firmware.sync import wire
from hal.ports.faults import WireFault

TILL = "BARROW-0001"
H = bytes(range(32))


def refusal(read, *args):
    """What a WireFault says; fails the test when there is none."""
    try:
        read(*args)
    except WireFault as fault:
        return str(fault)
    raise AssertionError("not refused")


def records(count, first=1):
    return [canonical({"kind": "sale", "no": i, "seq": i, "name": "包子"}) for i in range(first, first + count)]


def header(**changed):
    """A batch of one record whose header says something else."""
    top, line = wire.pack_batch(TILL, 1, GENESIS, records(1)).split(b"\n")[:2]
    return canonical(json.loads(top) | changed) + b"\n" + line + b"\n"


def test_topics_name_the_terminal_and_the_version():
    assert wire.topic(TILL, wire.UP_BATCH) == "barrow/v1/BARROW-0001/up/batch"
    assert wire.terminal_of("barrow/v1/BARROW-0001/up/batch") == (TILL, "up/batch")
    assert wire.terminal_of("barrow/v1/BARROW-0001/st") == (TILL, "st")
    for strange in ("", "x", "barrow/v2/BARROW-0001/st", "barrow/v1/abcd/st", "barrow/v1/ABC/st", "barrow/v1/A+/B/st", "/" * 9):
        assert "none of ours" in refusal(wire.terminal_of, strange)


def test_a_batch_is_a_header_and_the_journals_own_bytes():
    lines = records(3, 7)
    text = wire.pack_batch(TILL, 7, H, lines)
    top = text.split(b"\n")[0]
    head = chain(chain(chain(H, lines[0]), lines[1]), lines[2])
    assert json.loads(top) == {"v": 1, "t": TILL, "a": 7, "n": 3, "p": wire.hex_of(H), "h": wire.hex_of(head)}
    assert text == b"\n".join([top] + lines) + b"\n"


def test_a_batch_comes_back_as_it_went():
    lines = records(100)
    batch = wire.read_batch(wire.pack_batch(TILL, 1, GENESIS, lines))
    assert (batch.terminal, batch.first, batch.last, batch.prev, batch.lines) == (TILL, 1, 100, GENESIS, lines)
    assert batch.head == chain(wire.read_batch(wire.pack_batch(TILL, 1, GENESIS, lines[:-1])).head, lines[-1])


def test_a_batch_says_where_it_is_wrong():
    text = wire.pack_batch(TILL, 1, GENESIS, records(2))
    assert "line feed" in refusal(wire.read_batch, text[:-1])
    assert "line feed" in refusal(wire.read_batch, b"")
    assert "n: 2, and there are 3" in refusal(wire.read_batch, text + b"{}\n")
    assert "n: 2, and there are 1" in refusal(wire.read_batch, b"\n".join(text.split(b"\n")[:2]) + b"\n")
    assert "at most 100" in refusal(wire.read_batch, wire.pack_batch(TILL, 1, GENESIS, records(101)))
    for strange in (b"hello\n", b"[1]\n", b"null\n", b"[" * 4000 + b"\n"):
        assert refusal(wire.read_batch, strange) == "batch header: not a JSON object"
    assert refusal(wire.read_batch, b"\xff\n") == "batch header: not UTF-8"
    assert refusal(wire.read_batch, b"[" * 4097 + b"\n") == "batch header: 4097 bytes, the limit is 4096"


def test_a_header_of_another_version_is_told_so_in_words():
    assert refusal(wire.read_batch, header(v=2)) == "batch header: v: 2, and this end speaks 1"


def test_a_header_names_the_field_that_is_wrong():
    wrong = {"a": [0, -1, "1", True, []], "n": [0, "1", True], "t": ["x", "", 1, "ABC/DEF", "A" * 17]}
    wrong["p"] = wrong["h"] = ["", "0" * 63, "G" * 64, "A" * 64, 1, []]
    for key in wrong:
        for value in wrong[key]:
            assert "batch header: " + key in refusal(wire.read_batch, header(**{key: value})), (key, value)


def test_fields_that_nobody_knows_yet_pass_through():
    assert wire.read_batch(header(later={"deep": [1, 2]})).first == 1
    assert wire.read_ack(canonical({"to": 3, "h": wire.hex_of(H[:12]), "slow": 200}))["slow"] == 200


def test_small_messages_come_back_as_they_went():
    hello = wire.read_hello(wire.hello(7, 40, 42, H, 1795271520, True, "0.1.0"))
    assert (hello["v"], hello["boot"], hello["acked"], hello["head"], hello["h"]) == (1, 7, 40, 42, H)
    assert (hello["utc"], hello["trusted"], hello["sw"]) == (1795271520, True, "0.1.0")
    welcome = wire.read_welcome(wire.welcome(40, H, 1795271521))
    assert (welcome["ack"], welcome["h"], welcome["utc"]) == (40, H, 1795271521)
    assert wire.read_ack(wire.ack(41, H)) == {"to": 41, "h": H[:12], "gap": 0, "err": "", "at": 0, "v": 0}
    assert wire.ack(41, H) == b'{"h":"' + wire.hex_of(H[:12]).encode() + b'","to":41}'
    assert wire.read_ack(wire.ack(41, H, gap=50))["gap"] == 50
    forked = wire.read_ack(wire.ack(41, H, err="fork", at=12))
    assert (forked["err"], forked["at"]) == ("fork", 12)
    assert wire.read_state(wire.state(True, 7)) and not wire.read_state(wire.state(False, 7))


def test_small_messages_refuse_whatever_is_not_theirs():
    hostile = [b"", b"null", b"1", b'"x"', b"[]", b"{", b"\xff\xfe", b"\x00", b"[" * 4000, b'{"a":' * 700, b" " * 5000, b"{}"]
    for payload in hostile:
        for read in (wire.read_ack, wire.read_welcome, wire.read_hello, wire.read_state):
            assert refusal(read, payload)
    good = {"to": 1, "h": "0" * 24}
    for key, value in (
        ("to", -1),
        ("to", True),
        ("to", "1"),
        ("h", "x" * 24),
        ("h", "0" * 64),
        ("gap", "1"),
        ("err", 5),
        ("err", "x" * 201),
    ):
        assert refusal(wire.read_ack, canonical(good | {key: value})).startswith("ack: " + key)
    assert "a fraction" in refusal(wire.read_ack, b'{"h":"' + b"0" * 24 + b'","to":1.0}')


def test_no_sender_makes_what_a_receiver_refuses():
    assert wire.MAX_RAW > PAYLOAD_MAX + 1024 and wire.BATCH_BYTES < wire.MAX_RAW  # the longest record travels alone
    assert len(wire.hello(1 << 30, wire.MAX_SEQ, wire.MAX_SEQ, H, wire.MAX_SEQ, False, "v" * 200)) < wire.MAX_MESSAGE
