"""A receipt: from PAID to its first byte, its words on a 9600 baud wire and off a head of 50 mm/s, and when all of it is
done: its signed code printed, fed to the tear bar, and put on record.

All in virtual time, by the virtual printer's own clock. The peer is the same slip as one picture of 384 dots a row, as
tills print that know no code page: its bytes are counted, its wire time computed from them."""

import asyncio

from sim.chips.thermal import Thermal
from sim.setup import Setup
from tests.bench.bench_world import Bench, with_till
from tests.bench.figure import Figure

BAUD = 9600
LINES = 26
ITEMS = ("F1", "F2", "F3", "1", "2", "PLU")
PRICES = 11
LAST_WORDS = "     SIM - not a real sale"
DONE_S = 3.5
QUESTIONS = 12  # bytes of the status questions before a slip
CODE = b"\x1d(k"  # the first command of a code: it travels while the last words are printed


async def slip(bench: Bench) -> "dict[str, float]":
    printer, loop = bench.world.printer, asyncio.get_running_loop()
    await bench.keys(*ITEMS)
    for _ in range(PRICES):
        await bench.keys("1", "0", "0", "OK")
    await bench.keys("CASH")
    marks: dict[str, float] = {}
    stop = bench.world.watch(lambda frame: marks.setdefault(frame.id, loop.time()))
    before, wire, heard = printer.received, printer.wire_s, tapped(printer)
    bench.world.press("OK")
    await bench.until(lambda: "paid" in marks and printer.received > before + QUESTIONS)
    marks["first"] = loop.time()
    await bench.until(lambda: LAST_WORDS in printer.text()[-1:])
    marks["words"], lines = loop.time(), len(printer.text())
    wire = (printer.wire_s - wire) * heard.index(CODE) / len(heard)
    await bench.until(lambda: any(record["kind"] == "print" for record in bench.world.books.read().records))
    stop()
    raster = sum(len(torn.rows) for torn in printer.slips)
    return {
        "first_ms": (marks["first"] - marks["paid"]) * 1000,
        "wire_s": wire,
        "off_s": marks["words"] - marks["first"],
        "done_s": loop.time() - marks["first"],
        "lines": lines,
        "raster_s": raster * 10 / BAUD,
    }


def tapped(printer: Thermal) -> bytearray:
    """Every byte that arrives from now on."""
    heard, take = bytearray(), printer.uart.take

    def arrived(data: bytes) -> None:
        heard.extend(data)
        take(data)

    printer.uart.take = arrived
    return heard


def measure() -> "list[Figure]":
    seen = with_till(slip, Setup(printer_baud=BAUD))
    lines = int(seen["lines"])
    raster = f"one picture, {BAUD} baud"
    return [
        Figure("receipt.first_byte_ms", seen["first_ms"], "ms", 300),
        Figure(f"receipt.{lines}_lines_wire_s", seen["wire_s"], "s", 1.0 * lines / LINES, raster, round(seen["raster_s"], 1)),
        Figure(f"receipt.{lines}_lines_s", seen["off_s"], "s", 3.0 * lines / LINES, raster, round(seen["raster_s"], 1)),
        Figure("receipt.with_proof_s", seen["done_s"], "s", DONE_S),
    ]
