"""More parsers that read what others wrote: the files that a board is built from, labels by the serial scanner, what a page
says to the bench, who asks at the fleet's door, receipts and documents. As fuzz_targets.py has them."""

import asyncio
import json
import socket
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import strategies as st

from firmware.sale import proof
from firmware.sync import document, door, order, tills
from firmware.sync.document import Declined
from fleet import certificates
from hal import board_file, brokers, keymap, keystore, modem_set
from hal.labels import Style
from hal.ports.faults import ConfigFault, WireFault
from hal.ports.keys import SCAN_MAX
from hal.scanner import SerialScanner
from hal.serial_port import Port
from sim.setup import CONFIG
from sim.web import wire as page
from tests.contract.wires import Notes, clock, run
from tests.crash.fuzz_targets import SHORT, Check, altered, only, values

DEEP = 5000  # brackets: more than any interpreter follows
NAME = "BARROW-0001"

deep = st.sampled_from(("[", '{"a":', '{"brokers":[', '{"keys":{"a":')).map(lambda start: start * DEEP)


def put(told: Any, path: "list[int]", value: Any) -> Any:
    """told with another value somewhere down the path."""
    keys = sorted(told) if isinstance(told, dict) else range(len(told)) if isinstance(told, list) else ()
    if not path or not keys:
        return value
    key = keys[path[0] % len(keys)]
    fresh = told.copy()
    fresh[key] = put(told[key], path[1:], value)
    return fresh


def texts(sample: str) -> "st.SearchStrategy[str]":
    """Noise, the file with some bytes altered, or with one of its values replaced, however deep; and brackets without end."""
    told = json.loads(sample)
    swapped = st.tuples(st.lists(st.integers(0, 40), max_size=4), values).map(lambda where: json.dumps(put(told, *where)))
    bent = altered(sample.encode()).map(lambda data: data.decode("utf-8", "replace"))
    return st.text(max_size=SHORT) | bent | swapped | deep


def in_a_file(parse: Callable[[Path], object]) -> "Callable[[str], object]":
    """Of a parser that wants a folder of config."""

    def read(text: str) -> object:
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / brokers.NAME).write_bytes(text.encode("utf-8", "surrogatepass"))
            return parse(Path(folder))

    return read


def labels(said: "tuple[bool, list[bytes]]") -> None:
    """What a serial scanner says, in pieces with pauses between them: each label is fit to be shown, and no longer than one."""
    pause_ends, pieces = said
    found: list[str] = []

    async def main() -> None:
        near, far = socket.socketpair()
        near.setblocking(False)
        scanner = SerialScanner(Port(near), "scanner", clock(), Notes(), Style(pause_ends=pause_ends))
        scanner.start(lambda scan: found.append(scan.text))
        for piece in pieces:
            far.send(piece or b"\0")
            await asyncio.sleep(0.2)
        scanner.stop()
        far.close()

    run(main())
    assert all(0 < len(text) <= SCAN_MAX and text.isprintable() for text in found), found


def piece(answer: Any) -> object:
    """An answer is an object: that was seen before."""
    return document.read_chunk(answer) if isinstance(answer, dict) else None


def sample(name: str) -> str:
    return (CONFIG / name).read_text(encoding="utf-8")


KEYS = keystore.seeded(1, NAME)
CLAIM = "0123456789ABC"
ASK = door.ask(CLAIM, NAME, b"\x30\x03\x02\x01\x00", KEYS)
ANSWER = door.answer(door.ENROLLED, b"\x30\x00", b"\x30\x00", 5)
LABEL = document.label("catalogue", 3, NAME, 0, 9, "a1", b"{}", Ed25519PrivateKey.generate().sign)
CHUNK: "dict[str, object]" = document.chunk(LABEL, 0, b"{}")
LINE = tills.body([(NAME, [tills.Key(bytes(32), 0), tills.Key(bytes(32), 9)])]).split(b"\n")[1]
SALE = {"no": 1, "total": 350, "cur": "GBP", "at": 1795271520}
PROOF = proof.text(KEYS, NAME, SALE, bytes(32))
SAID = (
    '{"key": "OK", "down": true}',
    '{"scan": "5012345678900"}',
    '{"act": "net wifi latency=80ms"}',
    '{"page": "record", "on": true}',
)

wired = st.binary(max_size=SHORT) | deep.map(str.encode)
chunks = st.tuples(st.lists(st.integers(0, 9), max_size=3), values).map(lambda where: put(CHUNK, *where))


def scanned(good: str) -> "st.SearchStrategy[str]":
    """What comes out of a scanner or off a keyboard."""
    return st.text(max_size=60) | altered(good.encode()).map(lambda data: data.decode("latin-1"))


TARGETS: "dict[str, tuple[st.SearchStrategy[Any], Check]]" = {
    "board.json": (texts(sample("board.json")), only(ConfigFault, board_file.parse)),
    "brokers.json": (texts(sample(brokers.NAME)), only(ConfigFault, in_a_file(brokers.load))),
    "keymap": (texts(sample("keymaps/pad-4x4.json")), only(ConfigFault, lambda text: keymap.parse(text, "keymaps/a.json"))),
    "modem set": (texts(sample("modems/quectel.json")), only(ConfigFault, lambda text: modem_set.parse("modems/a.json", text))),
    "serial scanner": (st.tuples(st.booleans(), st.lists(st.binary(max_size=90), max_size=12)), labels),
    "page": (st.sampled_from(SAID).flatmap(texts), only(page.BadMessage, page.read)),
    "claim": (wired | altered(ASK), only(WireFault, door.read_ask)),
    "claim's answer": (wired | altered(ANSWER), only(WireFault, door.read_answer)),
    "claim code": (scanned(f"{NAME}/{CLAIM}"), only(ValueError, door.scanned)),
    "certificate request": (wired, only(certificates.NotCertified, certificates.asked)),
    "label": (wired | altered(LABEL), only(WireFault, document.read)),
    "chunk": (chunks, only(WireFault, piece)),
    "order": (wired | altered(b'{"do":"message","words":{"en":"Close"}}'), only(Declined, order.read)),
    "line of tills": (wired | altered(LINE), only(ValueError, tills.row)),
    "receipt's code": (scanned(PROOF), only(ValueError, proof.read)),
}
