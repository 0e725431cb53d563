"""Printers of every kind: paper of 58 and 80 mm, with and without cutter, with Chinese or with code pages alone, fast, slow,
silent, and such as drop bytes. What they were sent is read twice: by the virtual printer and by second_reader.py."""

import asyncio
import itertools
import random

import pytest

from hal.escpos_encoder import Encoder
from hal.ports.board import Printer
from hal.ports.slip import CENTRE, Cut, Feed, Line, Qr, Rule
from hal.printer import EscposPrinter
from hal.printer_model import PROFILES, Model
from hal.serial_port import Port
from hal.worker import Inline
from sim.chips.thermal import Thermal
from tests.contract import second_reader
from tests.contract.cables import PRINTER, cable
from tests.contract.printing import driven, lines, printed, receipt
from tests.contract.wires import Notes, run, wait_ms

KINDS = [
    Model(width_mm=width, letters=letters, cutter=cutter)
    for width, letters, cutter in itertools.product((58, 80), ("gbk", "latin"), (False, True))
]
WORDS = ("Café crème", "乌龙茶（大）", "Ελληνικός", "Кофе", "Żurek", "3.80 €", "￥15", "x" * 40, "🍵", "")


def kind(model):
    return f"{model.width_mm}-{model.letters}{'-cutter' * model.cutter}"


# -- read twice


@pytest.mark.parametrize("model", KINDS, ids=kind)
def test_two_readers_agree_on_every_block(model):
    """On words, places, sizes, codes, cuts, and on how long the paper is; and so does what the driver reckons."""
    chance, encoder = random.Random(7), Encoder(model)
    for _ in range(15):
        block = [element(chance) for _ in range(chance.randrange(1, 9))]
        pieces = encoder.block(block)
        page = second_reader.read(b"".join(data for data, _ in pieces), model.columns, model.chinese)
        chip = printed(block, **model._asdict())
        shown = [line for line in chip.text() if not line.startswith("[QR ")]
        assert [" " * row.left + row.text.rstrip() for row in page.rows] == shown
        assert [f"[QR {text}]" for text, _, _ in page.codes] == [line for line in chip.text() if line.startswith("[QR ")]
        reckoned = sum(dots for _, dots in pieces)
        assert page.dots == len(chip.image()) // (chip.dots // 8) <= reckoned
        assert page.codes or page.dots == reckoned, "a code may be smaller than the largest of its table"
        assert page.cuts == (sum(isinstance(e, Cut) for e in block) if model.cutter else 0)


def element(chance):
    words = [chance.choice(WORDS) for _ in range(3)]
    return chance.choice(
        [
            Line(words[0] + " " + words[1], words[2], big=chance.random() < 0.3, bold=chance.random() < 0.5),
            Line(words[0], align=CENTRE, bold=True),
            Rule(),
            Feed(chance.randrange(3)),
            Qr("BW1/" + "A7" * chance.randrange(1, 80)),
            Cut(),
        ]
    )


def test_the_second_reader_bites():
    """The control: a byte changed anywhere in a block is a fault, or other paper."""
    data = b"".join(piece for piece, _ in Encoder(Model()).block([Line("Tea 茶", "1.00", bold=True, big=True), Qr("A"), Cut()]))
    whole = second_reader.read(data)
    for at in range(len(data)):
        changed = bytearray(data)
        changed[at] ^= 0x15
        try:
            assert second_reader.read(bytes(changed)) != whole or data[at : at + 1] == b"\x00", at
        except (ValueError, KeyError, IndexError):
            continue


# -- paper


def test_80_mm_have_48_columns():
    chip = printed([Line("Coffee", "7.00"), Rule(), Line("Market stall", align=CENTRE), Qr("HTTPS://BRW.IO/1")], width_mm=80)
    assert chip.text()[:3] == ["Coffee" + " " * 38 + "7.00", "─" * 48, " " * 18 + "Market stall"]
    rows = [chip.image()[i : i + 72] for i in range(0, len(chip.image()), 72)]
    ink = [row for row in rows[90:] if any(row)]
    left = min(8 * i + 8 - byte.bit_length() for row in ink for i, byte in enumerate(row) if byte)
    assert left == (576 - 21 * 8) // 2, "a code is centred there too"


# -- letters


def test_a_printer_without_chinese_is_told_nothing_of_it():
    """FS is no command there: it would print as a letter."""
    assert lines(Line("Café ☕ 茶", "¥5"), letters="latin") == ["Café ? ?                      ¥5"]
    assert lines(Line("（Ｔｅａ） ￥3", "￡1"), letters="latin") == ["(Tea) ¥3                      £1"]


@pytest.mark.parametrize("profile", PROFILES)
def test_every_profile_has_the_letters_that_its_pages_have(profile):
    encoder = Encoder(Model(profile=profile, letters="latin"))
    assert encoder.clean("Café Zürich ñ") == "Café Zürich ñ"
    assert b"".join(data for data, _ in encoder.block([Line("é")])).endswith(b"\x82\n"), "CP437 is where all of them begin"


# -- cutter


def test_without_a_cutter_the_paper_is_fed_to_the_tear_bar():
    with_it, without = printed([Line("x"), Cut()], cutter=True), printed([Line("x"), Cut()])
    assert len(with_it.image()) // 48 == 30 + 96
    assert len(without.image()) // 48 == 30 + 120


# -- a buffer that nobody guards


@pytest.mark.parametrize("baud", [9600, 115200])
@pytest.mark.parametrize("size", [512, 4096])
def test_a_printer_that_drops_what_does_not_fit_gets_no_more_than_it_prints(baud, size):
    names = [f"Item {i:04d} with a name of some length 茶" for i in range(300)]

    async def story(driver, chip):
        fullest = []
        chip.on_rows(lambda rows: fullest.append(chip.held))
        await driver.print([Line(name, "1.00") for name in names] + [Qr("K" * 178), Cut()])
        assert sum(line.endswith("1.00") for line in chip.text()) == 300
        assert max(fullest) <= 384

    driven(story, baud=baud, size=size, paced=True)


def test_the_same_without_pacing_loses_lines():
    """The control."""

    async def main():
        chip = Thermal(asyncio.get_running_loop(), flow="paced", size=512)
        line = cable(chip, PRINTER)
        driver = EscposPrinter(Port(line.open()), Notes(), Inline())
        await driver.print([Line(f"Item {i}", "1.00") for i in range(300)])
        assert chip.dropped and len(chip.text()) < 300
        chip.unplug()
        line.close()

    run(main())


def test_pacing_costs_no_time():
    spent = []

    async def story(driver, chip):
        for block in receipt(26):
            await driver.print(block)
            assert await driver.status() == Printer.OK
        spent.append(asyncio.get_running_loop().time())

    for paced in (False, True):
        driven(story, baud=9600, paced=paced)
    assert spent[1] <= spent[0] + 0.2


def test_a_slow_head_is_waited_for_as_board_json_says():
    async def story():
        chip = Thermal(asyncio.get_running_loop(), flow="paced", size=512, mm_per_s=30)
        line = cable(chip, PRINTER)
        driver = EscposPrinter(Port(line.open()), Notes(), Inline(), Model(paced=True, mm_per_s=30))
        await driver.print([Line(f"Item {i}", "1.00") for i in range(100)])
        assert chip.dropped == 0 and len(chip.text()) == 100 and not chip.head.busy
        chip.unplug()
        line.close()

    run(story())


# -- silence


@pytest.mark.parametrize("paced", [False, True])
def test_a_printer_that_never_answers_prints_all_the_same(paced):
    async def story(driver, chip):
        chip.silent = True
        for block in receipt(26):
            await driver.print(block)
            assert await driver.status() == Printer.UNKNOWN
        await wait_ms(100)
        assert len(chip.text()) == 26
        assert asyncio.get_running_loop().time() < 6

    driven(story, baud=9600, paced=paced)
