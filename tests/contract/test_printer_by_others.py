"""Slips on a printer that Barrow has no part in (emulator.py), by the real driver at the other end of its wire: every word, where
it stands, how heavy and how big, the codes, the cuts, and what the printer answers. What was meant is the slip itself."""

import itertools
import json
import random
from importlib.resources import files

import pytest
import zxingcpp
from PIL import ImageChops

from firmware.sale import legs, receipt, record
from firmware.sale.cart import Cart
from hal.escpos_encoder import Encoder
from hal.ports.board import Printer
from hal.ports.slip import CENTRE, Cut, Feed, Line, Qr, Rule, columns
from hal.printer_model import PROFILES, Model
from tests.contract.emulator import Fault, below, played, seen_as
from tests.core.shop import PROFILES as SHOPS
from tests.core.shop import Clock, shop

KINDS = [
    Model(width_mm=width, letters=letters, cutter=cutter)
    for width, letters, cutter in itertools.product((58, 80), ("gbk", "latin"), (False, True))
]
SLIPS = [(model, lang) for model in KINDS for lang in ("en", "zh") if model.chinese or lang == "en"]
PROOF = "BW1/BARROW-0001/42/1580/GBP/1795271526/ZDE4VS6MZXHM7UGR/" + "A7" * 52
BLOCK = [Line("Tea 茶", "1.00", bold=True, big=True), Line("é", align=CENTRE), Qr("A"), Cut()]
WORDS = ("Café crème", "Žurek", "Кофе", "3.80 €", "Smørrebrød", "Ægir ½", "¿Qué? ñ")


def kind(model):
    return f"{model.width_mm}-{model.letters}{'-cutter' * model.cutter}"


def sold(profile, lang, wide, copy):
    """The blocks of a slip of one shop, with its proof as a code."""
    settings = shop(profile)
    cart = Cart(settings.taxes, settings.open_rate)
    for n, item in enumerate(list(settings.catalogue.items.values())[:8]):
        cart.add_item(item, 1000 + 500 * n)
    cart.legs.append(legs.cash(cart.due(), settings.cash_step, 2 * cart.due()))
    sale = record.sale(cart, settings, 1, Clock())
    return receipt.slip(sale, settings, settings.words[lang], copy, proved=PROOF, width=wide).blocks


def meant(block, model):
    """The rows of a block: text, dots of white before it, bold, big. The driver's own layout has no part in this."""
    rows = [row for element in block for row in rows_of(element, model.columns, columns if model.chinese else len)]
    return [(seen_as(text), *look) for text, *look in rows] if model.chinese else rows


def rows_of(element, wide, width):
    if isinstance(element, Line):
        spare = wide // (2 if element.big else 1) - width(element.left) - width(element.right)
        assert spare >= 0, "nothing here is folded"
        text = element.left + (" " * spare + element.right if element.right else "")
        return [(text, spare * (12 if element.big else 6) if element.align == CENTRE else 0, element.bold, element.big)]
    if isinstance(element, Rule):
        return [("─" * wide, 0, False, False)]
    return [("", 0, False, False)] * element.lines if isinstance(element, Feed) else []


def printed(blocks, model, pages=None):
    """The emulator that has printed these."""

    async def story(driver, _):
        for block in blocks:
            await driver.print(block)

    return played(story, model, pages)


def codes(picture):
    return [(found.text, found.ec_level) for found in zxingcpp.read_barcodes(picture.convert("L"))]


# -- slips


@pytest.mark.parametrize(("model", "lang"), SLIPS, ids=[f"{kind(model)}-{lang}" for model, lang in SLIPS])
@pytest.mark.parametrize("profile", SHOPS)
def test_a_slip_says_what_the_till_meant(model, lang, profile):
    """Text, place, weight and size of each row to the dot, and nothing else but the code, which a phone reads."""
    blocks = sold(profile, lang, model.columns, copy=SHOPS.index(profile) % 3)
    paper = printed(blocks, model)
    (slip,) = paper.slips
    rows = meant([element for block in blocks for element in block], model)
    assert paper.events == []
    assert slip.rows == [text.rstrip() for text, *_ in rows] + [f"[qr {PROOF}]"]
    code = below(slip.picture, rows)
    left, top, right, _ = ImageChops.invert(code.convert("L")).getbbox()
    assert codes(code) == [(PROOF, "M")]
    assert left == model.columns * 12 - right and top >= 4 * 4, "in the middle, with white above it"


@pytest.mark.parametrize("model", [model for model in KINDS if model.cutter], ids=kind)
def test_each_slip_is_cut_off(model):
    blocks = [[Line(f"Slip {n}"), Feed(n), Cut()] for n in range(3)]
    assert [slip.rows for slip in printed(blocks, model).slips] == [["Slip 0"], ["Slip 1"], ["Slip 2"]]


# -- letters


@pytest.mark.parametrize("model", [model for model in KINDS if not model.chinese], ids=kind)
def test_letters_of_several_code_pages_are_drawn_as_they_were_meant(model):
    looks = itertools.product(WORDS, (False, True), (False, True), ("left", CENTRE))
    block = [Line(words, "" if align == CENTRE else "5", bold=bold, big=big, align=align) for words, bold, big, align in looks]
    random.Random(5).shuffle(block)
    paper = printed([block], model)
    (slip,) = paper.slips
    rows = meant(block, model)
    assert paper.events == [] and slip.rows == [text for text, *_ in rows]
    assert not below(slip.picture, rows).height


@pytest.mark.parametrize("profile", PROFILES)
def test_every_kind_of_printer_is_told_its_own_numbers_of_code_pages(profile):
    """ESC t, by the table of printers that others keep; what a printer's pages do not have is a "?"."""
    table = json.loads(files("escpos").joinpath("capabilities.json").read_text())["profiles"][profile]["codePages"]
    model, words = Model(profile=profile, letters="latin"), (*WORDS, "Ελληνικός καφές")
    clean = Encoder(model).clean
    paper = printed([[Line(each) for each in words * 2]], model, {int(n): page for n, page in table.items()})
    assert paper.slips[0].rows == [clean(each) for each in words * 2]
    assert {name for name, _ in paper.events} <= {"printer.codepage.unsupported"}, "emupos has no picture of Greek letters"


def test_a_name_of_chinese_letters_takes_two_columns_each():
    block = [Line("乌龙茶（大）Oolong", "￥3.80"), Line("茶", big=True, align=CENTRE), Line("Café 茶 é", "5")]
    paper = printed([block], Model())
    rows = meant(block, Model())
    assert paper.events == [] and paper.slips[0].rows == [text for text, *_ in rows]
    assert not below(paper.slips[0].picture, rows).height


# -- what it answers


def test_what_the_printer_answers_is_understood():
    """DLE EOT."""
    words = []

    async def story(driver, paper):
        words.append(await driver.status())
        for fault in (Fault.PAPER_NEAR_END, Fault.PAPER_OUT, Fault.COVER_OPEN, Fault.OFFLINE):
            paper.fault(fault, True)
            words.append(await driver.status())
            paper.fault(fault, False)
        words.append(await driver.status())

    assert all(name == "printer.status.changed" for name, _ in played(story, Model()).events)
    assert words == [Printer.OK, Printer.NEAR_END, Printer.OUT, Printer.COVER, Printer.ERROR, Printer.OK]


# -- a cable that was pulled


@pytest.mark.parametrize("model", [model for model in KINDS if model.chinese == model.cutter], ids=kind)
def test_after_a_slip_that_was_cut_off_anywhere_and_nuls_the_next_is_whole(model):
    """As hal/printer.py fills up what a pulled cable cut in two: after each byte, and between two slips. emupos passes over a
    NUL, and says of each that it is no command. Without them it takes the next slip for the rest of a command."""
    pieces = [said for said, _ in Encoder(model).block(BLOCK)]
    data, nuls = b"".join(pieces), bytes(max(map(len, pieces)))
    after = b"".join(said for said, _ in Encoder(model).block([Line("Coffee", "2.00"), Qr("B"), Cut()]))
    (whole,) = seen(after, model)[0]

    def last(said):
        rows, picture = seen(said, model)[0][-1]
        return rows[-len(whole[0]) :], picture[-len(whole[1]) :]

    cuts = [data[:at] for at in range(1, len(data) + 1)]
    assert [cut[-4:] for cut in cuts if last(cut + nuls + after) != whole] == []
    assert any(last(cut + after) != whole for cut in cuts)


# -- the control


def test_a_mangled_slip_is_found_out():
    """A byte changed anywhere is other paper, or is said aloud; but for three of which emupos has no use: the model of a code,
    and how far the paper is fed before it is cut."""
    model = Model(cutter=True)
    data = b"".join(said for said, _ in Encoder(model).block(BLOCK))
    whole, hidden = seen(data, model), b""
    for at in range(len(data)):
        if seen(data[:at] + bytes([data[at] ^ 0x15]) + data[at + 1 :], model) == whole:
            hidden += data[at : at + 1]
    assert hidden == b"2\0" + b"\0"


def seen(data, model):
    """What a printer makes of these bytes."""

    async def story(_, paper):
        paper.take(data)

    paper = played(story, model)
    return [(slip.rows, slip.picture.tobytes()) for slip in paper.slips], paper.events


def test_a_row_that_looks_otherwise_is_found_out():
    """Bold, small, two dots to the right, another letter: none of them is on the paper."""
    (slip,) = printed([[Line("Tea", "1.00", big=True)]], Model()).slips
    text = "Tea         1.00"
    assert not below(slip.picture, [(text, 0, False, True)]).height
    for row in ((text, 0, True, True), (text, 0, False, False), (text, 2, False, True), (text.replace("a", "e"), 0, False, True)):
        with pytest.raises(AssertionError, match="not on the paper"):
            below(slip.picture, [row])
