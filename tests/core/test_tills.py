"""The fleet's list of keys: read line by line, however it is cut; what is in it, and what a receipt is worth by it."""

import binascii

from firmware.journal.codec import canonical
from firmware.sale import proof
from firmware.sync import tills
from firmware.sync.archive import Archive, packed, unpacked
from firmware.sync.document import read
from firmware.sync.tills_file import TillsFile
from hal.ports.faults import WireFault
from tests.core import vtime
from tests.core.devices import Keys
from tests.core.memory_store import MemoryStore, QuietLog
from tests.core.office import FLEET, STRANGER, Document

ONE, TWO, OLD = Keys(b"STALL-0001"), Keys(b"STRANGER"), Keys(b"FLEET")
SALE = {"no": 7, "total": 1580, "cur": "GBP", "at": 1000}
LIST = tills.body(
    [("STALL-0002", [tills.Key(TWO.public(), 0), tills.Key(OLD.public(), 999)]), ("STALL-0001", [tills.Key(ONE.public(), 0)])]
)


def taken(reader, body, piece=7):
    """The reader, after it was handed the body in pieces."""
    for at in range(0, len(body), piece):
        reader.take(body[at : at + piece])
    return reader


def wrong(body, piece=7):
    return taken(tills.Check(), body, piece).wrong()


def test_a_list_is_sound_however_it_is_cut_and_finds_who_is_in_it():
    for piece in (1, 2, 7, 93, 4096):
        assert wrong(LIST, piece) == ""
        found = taken(tills.Search("STALL-0002"), LIST, piece).keys()
        assert [(key.public, key.until) for key in found] == [(TWO.public(), 0), (OLD.public(), 999)]
        assert not taken(tills.Search("STALL-000"), LIST, piece).keys()
        assert not taken(tills.Search("STALL-0003"), LIST, piece).keys()
    assert taken(tills.Check(), LIST).tills == 2
    assert wrong(tills.body([])) == ""


def test_what_is_no_list_is_said_to_be_none():
    lines = LIST.split(b"\n")
    key = binascii.hexlify(ONE.public())
    for body in (
        b"{}",
        b"",
        b"[]",
        LIST[:-1],
        LIST + b"\n",
        LIST[1:],
        b"\n".join([lines[0], lines[2] + b",", lines[1][:-1], lines[3]]),  # out of order
        b"\n".join([lines[0], lines[1], lines[1], lines[2], lines[3]]),  # twice
        b"\n".join([lines[0], lines[1][:-1], lines[2], lines[3]]),  # no comma
        b"\n".join([lines[0], lines[1], lines[3]]),
        LIST.replace(b"999", b"-1"),
        LIST.replace(b"999", b"9.5"),
        LIST.replace(b"999", b"true"),
        LIST.replace(key, key[:-2]),
        LIST.replace(key, key[:-1] + b"g"),
        LIST.replace(b'"STALL-0001":', b'"\\u0053TALL-0001":'),
        LIST.replace(b"STALL-0001", b"stall-0001"),
        LIST.replace(b'[["' + key + b'",0]]', b"[]"),
        LIST.replace(b'[["' + key + b'",0]]', b"7"),
        LIST.replace(b'[["' + key + b'",0]]', b"[" * 900),
        LIST.replace(b'"STALL-0002"', b'"' + b"X" * 5000 + b'"'),
        LIST.replace(b"999", b"\xff\xff"),
        b"{" + b" " * 100_000,
    ):
        assert wrong(body, 4096), body[:200]


def told(keys=TWO, at=1000, terminal="STALL-0002", total=1580):
    text = proof.text(keys, terminal, dict(SALE, at=at), bytes(32))
    return proof.read(text.replace("/1580/", "/" + str(total) + "/"))


def verdict(found, terminal="STALL-0002"):
    return tills.verdict(found, taken(tills.Search(terminal), LIST).keys(), TWO.holds)


def test_each_verdict():
    assert verdict(told()) == (tills.GENUINE, 0)
    assert verdict(told(total=9580)) == (tills.FORGED, 0)
    assert verdict(told(ONE)) == (tills.FORGED, 0), "another till's word is not this one's"
    assert verdict(told(OLD, at=999)) == (tills.GENUINE, 0), "it spoke for this till then"
    assert verdict(told(OLD, at=1000)) == (tills.ENDED, 999)
    assert verdict(told(terminal="STALL-0009"), "STALL-0009") == (tills.UNKNOWN, 0)


def test_rot_on_one_disk_is_no_verdict():
    """A key that rotted on the card would call a good receipt forged: the other disk is asked, and without one nobody."""

    async def story():
        stores = [MemoryStore(), MemoryStore()]
        archive = Archive(stores, QuietLog())
        label = read(canonical(Document("tills", 1, LIST).label))
        await archive.begin(label)
        await archive.put(label, 0, LIST)
        await archive.copy(label)
        at = 2048 + LIST.index(binascii.hexlify(TWO.public()))
        for store in stores:
            found = await archive.scan(label, lambda: tills.Search("STALL-0002"))
            assert found is not None and found.keys()[0].public == TWO.public()
            store.synced["doc-tills-00000001.seg"][at] ^= 1
        assert await archive.scan(label, lambda: tills.Search("STALL-0002")) is None

    vtime.run(story())


def test_a_file_of_it_is_read_back_and_any_change_is_seen():
    made = Document("tills", 1, LIST)
    raw = packed(made.all[: -len(LIST)], LIST)
    label, body = unpacked(raw)
    assert body == LIST and label.name == "tills 1" and unpacked(raw + bytes(300))[1] == LIST
    cuts = [raw[:size] for size in (0, 100, 1500, len(raw) - 1)]
    for broken in cuts + [raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :] for at in (0, 600, 2100)]:
        try:
            unpacked(broken)
        except WireFault:
            continue
        raise AssertionError(len(broken))


def opened(made, keys=FLEET):
    """The file of a document, opened by whoever believes this fleet; why not, where it is not believed."""
    try:
        return TillsFile(packed(made.all[: -len(made.body)], made.body), keys.public(), keys.holds)
    except WireFault as fault:
        return str(fault)


def test_a_laptop_believes_its_own_fleet_and_nobody_else():
    listed = opened(Document("tills", 41, LIST))
    assert (listed.name, listed.count) == ("tills 41", 2)
    assert listed.verdict(told()) == (tills.GENUINE, 0) and listed.verdict(told(OLD)) == (tills.ENDED, 999)
    assert listed.verdict(told(total=1)) == (tills.FORGED, 0)
    assert listed.verdict(told(terminal="STALL-0009")) == (tills.UNKNOWN, 0)
    assert opened(Document("tills", 41, LIST, keys=STRANGER)) == "tills 41: is not signed by this fleet"
    assert opened(Document("tills", 41, LIST), STRANGER) == "tills 41: is not signed by this fleet"
    assert opened(Document("texts", 41, LIST)) == "texts 41: is no list of tills"
    assert opened(Document("tills", 41, b"{}")) == "tills 41: does not end as a list of tills"
