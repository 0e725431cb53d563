"""Every parser that reads bytes from outside, each with what it may be fed. A parser takes it, or raises its own error, and
what it lets through is fit to be shown. Anything else is a finding, and so are a hang and 64 MiB (fuzz.py)."""

import asyncio
import json
import socket
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from hypothesis import strategies as st

from firmware import config
from firmware.sync import wire
from fleet.collector import Collector
from fleet.ledger import Ledger
from hal.keymap import Keymap
from hal.keypad import Keypad
from hal.ports.board import Printer
from hal.ports.faults import ConfigFault, Fault, PrinterGone
from hal.ports.keys import SCAN_MAX
from hal.ports.slip import Feed, Line
from hal.printer import EscposPrinter
from hal.scanner import HidScanner
from hal.serial_port import Port
from hal.worker import Inline
from sim.chips.keyboard import EV_KEY
from tests.contract.wires import Notes, clock, run
from tests.core.shop import Log, Memory
from tests.core.test_config import files, merchant
from tests.crash.disk_states import Till
from tests.crash.fuzz_modem import shouted, shouts
from tests.crash.harness import drive
from tests.crash.medium import Medium
from tests.crash.stand import SEGMENT
from tests.crash.tamper import left
from tests.fleet.till import TILL, published, sales

Check = Callable[[Any], None]
SHORT = 400  # bytes, as a rule

leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30)
values = st.recursive(leaves, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4))


def altered(sample: bytes) -> "st.SearchStrategy[bytes]":
    """The sample with a few bytes changed, cut, or put in."""
    at = st.integers(0, len(sample))
    cuts = st.tuples(at, st.integers(0, 9), st.binary(max_size=9))

    def apply(edits: "list[tuple[int, int, bytes]]") -> bytes:
        data = sample
        for start, gone, fresh in edits:
            data = data[:start] + fresh + data[start + gone :]
        return data

    return st.lists(cuts, min_size=1, max_size=4).map(apply)


def message(sample: bytes) -> "st.SearchStrategy[bytes]":
    """A message of the wire: noise, the sample altered, or the sample's object with a value or two replaced."""
    top = json.loads(sample.split(b"\n")[0])
    rest = sample[len(sample.split(b"\n")[0]) :]
    swapped = st.dictionaries(st.sampled_from(sorted(top)), values, max_size=2)
    return st.binary(max_size=SHORT) | altered(sample) | swapped.map(lambda some: json.dumps(top | some).encode() + rest)


def only(error: "type[Exception]", parse: Callable[[bytes], object]) -> Check:
    """parse may raise this and nothing else, and says where and why in printable words."""

    def check(data: bytes) -> None:
        try:
            parse(data)
        except error as fault:
            assert str(fault).isprintable(), repr(str(fault))

    return check


def journal(edits: "list[tuple[int, bytes]]") -> None:
    """A boot over three damaged segments."""
    whole = b"".join(left(22)[name] for name in sorted(left(22)))
    for at, data in edits:
        whole = whole[:at] + data + whole[at + len(data) :]
    names = sorted(left(22))
    disk = Medium({name: whole[n * SEGMENT : (n + 1) * SEGMENT] for n, name in enumerate(names)})
    till = Till("main", [disk])
    try:
        till.boot()
        drive(till.journal.payloads(1, 100, 1 << 30))
        till.note()
    except Fault as fault:
        assert str(fault).isprintable()


def printer(answers: "list[bytes]") -> None:
    """Whatever comes back, the driver has a word for it."""

    async def main() -> None:
        near, far = socket.socketpair()
        near.setblocking(False)
        far.setblocking(False)
        driver = EscposPrinter(Port(near), Notes(), Inline())
        loop = asyncio.get_running_loop()

        async def noise() -> None:
            for answer in answers:
                await asyncio.sleep(0.02)
                far.send(answer or b"\0")
                far.setblocking(False)

        noisy = asyncio.create_task(noise())
        words = {Printer.OK, Printer.OUT, Printer.NEAR_END, Printer.COVER, Printer.ERROR, Printer.UNKNOWN}
        before = loop.time()
        for _ in range(3):
            assert await driver.status() in words
            try:
                await driver.print([Line("TOTAL", "1.00"), Feed(1)])
            except PrinterGone:
                await asyncio.sleep(0.01)
        assert loop.time() - before < 120
        await noisy
        near.close()
        far.close()

    run(main())


class Wire:
    """An input device that gives out these events, some at a time."""

    name = "fuzz"

    def __init__(self, events: "list[tuple[int, int, int, int, int]]") -> None:
        self.events = [SimpleNamespace(type=a, code=b, value=c, sec=d, usec=e) for a, b, c, d, e in events]
        self.near, self.far = socket.socketpair()
        self.near.setblocking(False)

    def open(self) -> None:
        self.far.send(b"x" * max(1, len(self.events)))

    def fileno(self) -> int:
        return self.near.fileno()

    def read(self) -> "list[Any]":
        self.near.recv(3)
        some, self.events = self.events[:3], self.events[3:]
        return some

    def close(self) -> None:
        self.near.close()
        self.far.close()


def heard(events: "list[tuple[int, int, int, int, int]]", make: Callable[[Any, list[Any]], Any]) -> list[Any]:
    """What a driver makes of these events."""
    posted: list[Any] = []

    async def main() -> None:
        driver = make(Wire(events), posted)
        await asyncio.sleep(5)
        driver.stop()

    run(main())
    return posted


def keys(events: "list[tuple[int, int, int, int, int]]") -> None:
    def make(source: Any, posted: "list[Any]") -> Keypad:
        keypad = Keypad(source, Keymap({2: "1", 3: "2", 28: "OK"}, 5), clock(), Notes())
        keypad.start(posted.append)
        return keypad

    down = set()
    for key in heard(events, make):
        assert key.name in ("1", "2", "OK") and key.down != (key.name in down), "a key goes down once, and up once"
        (down.add if key.down else down.discard)(key.name)


def scans(events: "list[tuple[int, int, int, int, int]]") -> None:
    def make(source: Any, posted: "list[Any]") -> HidScanner:
        scanner = HidScanner(source, clock(), Notes())
        scanner.start(posted.append)
        return scanner

    for scan in heard(events, make):
        assert 0 < len(scan.text) <= SCAN_MAX and scan.text.isprintable()


def profile(read: "dict[str, Any]") -> None:
    try:
        asyncio.run(config.load(Memory({**files(), **read}), Log()))
    except ConfigFault as fault:
        assert all(" " <= c <= "~" for c in fault.file + fault.key + fault.reason)


def fleet(message: "tuple[str, bytes]") -> None:
    ledger = Ledger(":memory:")
    try:
        for topic, answer in Collector(ledger, lambda: 1795271526).handle(*message):
            assert topic.isprintable() and len(answer) <= wire.MAX_MESSAGE
    finally:
        ledger.close()


H = bytes(32)
BATCH = wire.pack_batch(TILL, 1, H, sales(3))
edges = st.integers(-1, 1 << 31) | st.sampled_from((EV_KEY, 0, 1, 2, 3, 28, 42, 30))
event = st.tuples(
    st.sampled_from((EV_KEY, 0, 4)) | edges, edges, st.sampled_from((0, 1, 2)) | edges, st.just(5), st.integers(0, 999999)
)
tails = st.sampled_from((wire.UP_BATCH, wire.UP_HELLO, wire.STATE)).map(lambda tail: wire.topic(TILL, tail))
HELLO = wire.hello(1, 0, 5, H, 1795271526, True, "0.1.0")
sent = st.binary(max_size=SHORT) | altered(published(sales(3))) | message(HELLO) | message(wire.state(True, 1))
row = st.dictionaries(st.sampled_from(("code", "name", "price", "rate", "x")), values, max_size=5)
patched = st.dictionaries(st.sampled_from(sorted(merchant())), values, min_size=1, max_size=2).map(lambda some: merchant() | some)
any_file = st.binary(max_size=SHORT) | altered(json.dumps(merchant()).encode()) | patched

TARGETS: "dict[str, tuple[st.SearchStrategy[Any], Check]]" = {
    "journal": (st.lists(st.tuples(st.integers(0, 3 * SEGMENT - 1), st.binary(max_size=40)), max_size=5), journal),
    "printer status": (st.lists(st.binary(max_size=6), max_size=30), printer),
    "keypad events": (st.lists(event, max_size=40), keys),
    "scanner events": (st.lists(event, max_size=60), scans),
    "merchant": (any_file.map(lambda data: {"profile/merchant.json": data}), profile),
    "catalogue": (
        (st.binary(max_size=SHORT) | st.lists(row, max_size=4).map(lambda rows: {"items": rows}) | values).map(
            lambda data: {"profile/catalogue.json": data}
        ),
        profile,
    ),
    "words": (
        (st.binary(max_size=SHORT) | st.dictionaries(st.sampled_from("ab"), values)).map(lambda data: {"text/en.json": data}),
        profile,
    ),
    "batch": (message(BATCH), only(wire.WireFault, wire.read_batch)),
    "hello": (message(HELLO), only(wire.WireFault, wire.read_hello)),
    "welcome": (message(wire.welcome(3, H, 1795271526)), only(wire.WireFault, wire.read_welcome)),
    "ack": (message(wire.ack(3, H)), only(wire.WireFault, wire.read_ack)),
    "request": (message(wire.request("a1", 3, "sale", {"no": 1})), only(wire.WireFault, wire.read_request)),
    "answer": (message(wire.answer("a1", "sale", 3, {"state": "unknown"})), only(wire.WireFault, wire.read_answer)),
    "state": (message(wire.state(True, 1)), only(wire.WireFault, wire.read_state)),
    "topic": (st.text(max_size=60), only(wire.WireFault, wire.terminal_of)),  # type: ignore[arg-type]
    "modem": (shouts, shouted),
    "collector": (st.tuples(tails | st.text(max_size=40), sent), fleet),
}
