"""What the printer driver puts on paper, read back by a virtual printer that knows ESC/POS by the book and nothing else:
words, where they stand, and what a hostile name can do, which is nothing."""

import random

import pytest

from hal.ports.slip import CENTRE, Cut, Feed, Line, Qr, Rule
from sim.chips.escpos import Decoder
from tests.contract.printing import driven, lines, printed, sent
from tests.contract.wires import wait_ms

# -- words on paper

RULE = "─" * 32


def test_a_receipt_reads_as_it_was_written():
    assert lines(
        Line("Market stall", bold=True, align=CENTRE),
        Feed(1),
        Line("2026-11-21 14:32", "No 0001"),
        Rule(),
        Line("Coffee", "7.00"),
        Line("  2 x 3.50"),
        Line("TOTAL", "15.80", bold=True, big=True),
        Qr("HTTPS://BRW.IO/P/7K3F9Q2M"),
        Cut(),
    ) == [
        "          Market stall",
        "2026-11-21 14:32         No 0001",
        RULE,
        "Coffee                      7.00",
        "  2 x 3.50",
        "TOTAL      15.80",
        "[QR HTTPS://BRW.IO/P/7K3F9Q2M]",
    ]


def test_a_chinese_receipt_reads_as_it_was_written():
    assert lines(
        Line("集市小摊", bold=True, align=CENTRE),
        Line("乌龙茶（大）", "3.80"),
        Line("合计", "￥15.80", bold=True, big=True),
        Line("谢谢光临！欢迎再来。", align=CENTRE),
    ) == ["            集市小摊", "乌龙茶（大）                3.80", "合计     ￥15.80", "      谢谢光临！欢迎再来。"]


def test_languages_mix_on_one_line():
    assert lines(Line("Café 咖啡 Crème €", "￡5 £5")) == ["Café 咖啡 Crème €" + " " * 9 + "￡5 £5"]


def test_the_yen_sign_comes_out_as_the_chinese_printer_has_it():
    assert lines(Line("合计", "¥3.80")) == ["合计                      ￥3.80"]


def test_every_chinese_character_of_gb2312_comes_out_as_itself():
    pairs = (bytes([high, low]) for high in range(0xA1, 0xF8) for low in range(0xA1, 0xFF))
    known = [pair.decode("gb2312", "ignore") for pair in pairs]
    alike = {"¤", "§", "¨", "°", "±", "·", "×", "÷", "‘", "’"}  # these have narrower letters, or plainer ones
    signs = [c for c in known if c and c not in alike and c.strip() and c != "・"]
    text = "".join(c for c in signs if c >= "\u3000")
    assert len(text) > 7000
    rows = [text[i : i + 16] for i in range(0, len(text), 16)]
    assert "".join(printed([Line(row) for row in rows]).text()) == text


@pytest.mark.parametrize("page", ["latin-1", "cp437", "cp852", "cp737", "cp866"])
def test_western_letters_come_out_as_themselves(page):
    letters = [c for c in bytes(range(0x80, 0x100)).decode(page) if c.isalpha() and c not in "ªº"]
    text = "".join(letters)
    rows = [text[i : i + 16] for i in range(0, len(text), 16)]
    assert "".join(printed([Line(row) for row in rows]).text()) == text


def test_control_characters_are_spaces_and_joiners_are_nothing():
    assert lines(Line("a\tb\nc\x1bd\u2028e", "1\r.\x005")) == ["a b c d e" + " " * 18 + "1 . 5"]
    assert lines(Line("a\u200bb\u202ec\ufeffd\u00ade")) == ["abcde"]


def test_a_word_stays_on_one_code_page():
    """Nine letters of which some are on page 437 too: one ESC t, not one a letter."""
    assert sent([Line("Ελληνικός καφές")]).count(b"\x1bt") == 1


def test_what_the_printer_lacks_is_a_question_mark_and_an_accent_apart_is_put_on_its_letter():
    assert lines(Line("tea 🍵 \U0001f468\u200d\U0001f469 ☃ e\u0301")) == ["tea ? ?? ? é"]


# -- where they stand


def test_a_long_name_is_folded_and_its_amount_stands_on_the_last_row():
    assert lines(Line("Oolong tea, large, with a very long name indeed", "3.80")) == [
        "Oolong tea, large, with a",
        "very long name indeed       3.80",
    ]
    assert lines(Line("乌龙茶大杯带走不加糖多冰少奶去珍珠", "3.80")) == [
        "乌龙茶大杯带走不加糖多冰少",
        "奶去珍珠                    3.80",
    ]
    assert lines(Line("Donaudampfschifffahrtsgesellschaft", "3.80")) == [
        "Donaudampfschifffahrtsgesel",
        "lschaft                     3.80",
    ]


def test_an_amount_is_never_cut_whatever_stands_beside_it():
    chance = random.Random(3)
    for _ in range(200):
        name = "".join(chance.choice("abc 茶龙é-") for _ in range(chance.choice((0, 1, 5, 30, 100, 10_000))))
        amount = "1" * chance.randrange(1, 30) + ".00"
        big = len(amount) < 14 and chance.random() < 0.3
        rows = lines(Line(name, amount, big=big))
        assert rows[-1].endswith(amount), (name, amount)
        assert len(rows) <= 9
        for row in rows:
            assert sum(1 if c in "abc é-.01" else 2 for c in row) <= (16 if big else 32)


def test_a_monstrous_amount_takes_rows_of_its_own():
    assert lines(Line("Gold", "9" * 40)) == ["Gold", "9" * 32, " " * 24 + "9" * 8]


def test_a_centred_line_is_centred_when_folded_too():
    rows = lines(Line("a stall of such a name that it must be folded", align=CENTRE))
    assert rows == [" " + "a stall of such a name that it", " " * 9 + "must be folded"]


def test_a_block_looks_the_same_whatever_came_before_it():
    alone = printed([Line("plain")]).image()

    async def story(driver, chip):
        await driver.print([Line("BIG", big=True, bold=True, align=CENTRE)])
        before = len(chip.image())
        await driver.print([Line("plain")])
        assert chip.image()[before:] == alone

    driven(story)


@pytest.mark.parametrize(("size", "dots"), [(10, 8), (40, 8), (100, 6), (200, 5), (400, 4), (900, 3)])
def test_a_code_is_as_big_as_fits(size, dots):
    chip = printed([Qr("x" * size)])
    row = max((chip.image()[i : i + 48] for i in range(0, len(chip.image()), 48)), key=lambda r: sum(map(int.bit_count, r)))
    assert sum(map(int.bit_count, row)) % dots == 0
    assert chip.text() == [f"[QR {'x' * size}]"]


def test_a_code_too_long_for_the_paper_is_left_out():
    assert lines(Line("a"), Qr("x" * 1001), Line("b")) == ["a", "b"]


def test_where_there_is_a_cutter_it_cuts():
    async def story(driver, chip):
        for no in (1, 2):
            await driver.print([Line(f"slip {no}"), Cut()])
        await wait_ms(2000)
        assert [slip.lines for slip in chip.slips] == [["slip 1"], ["slip 2"]]
        assert b"\x1dVB\x00" in seen

    seen = b""

    async def cutting(driver, chip):
        nonlocal seen
        take = chip.uart.take

        def tapped(data):
            nonlocal seen
            seen += data
            take(data)

        chip.uart.take = tapped
        await story(driver, chip)

    driven(cutting, cutter=True)


# -- what comes from outside

HOSTILE = [
    "\x1b@\x1bp\x00\x32\x32",
    "\x10\x14\x01\x00\x01",
    "\x1dV\x00cut",
    "a\nb\rc\td\x00e\x7ff\x85g",
    "\x1c&\x1c.",
    "".join(map(chr, range(256))),
    "\u202eright to left\u202c \u200b\ufeff",
    "\ud800 half a pair",
    "🍵" * 50,
    "x" * 10_000,
    "茶" * 10_000,
    " " * 10_000,
    "a" + "\u0301" * 1000,
    "",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_in_a_name_steers_the_printer(text):
    for block in ([Line(text, "1.00")], [Line(text, align=CENTRE)], [Line("x", text)], [Line(text, big=True)], [Qr(text)]):
        chip = printed([*block, Line("after")])
        assert chip.text()[-1] == "after"
        assert len(chip.slips) == 1, "nothing was cut"
        assert chip.metres < 1.1


def test_no_byte_of_any_text_is_a_control_byte():
    """Beside the decoder: take the commands that we know out of the stream by hand, and look at what is left."""
    chance = random.Random(4)
    commands = {b"\x1b@": 0, b"\x1c.": 0, b"\x1c&": 0, b"\x1bt": 1, b"\x1bE": 1, b"\x1d!": 1, b"\x1ba": 1, b"\x1bJ": 1}
    for _ in range(100):
        text = "".join(
            chr(chance.choice((chance.randrange(32), chance.randrange(0xD7FF), chance.randrange(256)))) for _ in range(60)
        )
        data = bytearray(sent([Line(text, "1.00", big=True, bold=True)]))
        while data:
            head = bytes(data[:2])
            if head in commands:
                del data[: 2 + commands[head]]
            else:
                assert data[0] >= 0x20 or data[0] == 0x0A, data[:10]
                del data[: 2 if data[0] >= 0x81 and chinese(data) else 1]


def chinese(data):
    """A pair of GBK: its second byte is no control byte either."""
    return len(data) > 1 and data[1] >= 0x40


def test_every_command_we_send_is_in_the_book():
    """The control: the decoder refuses a driver's byte that is changed."""
    data = bytearray(sent([Line("x", "1.00", big=True), Qr("x"), Cut()]))
    data[data.index(b"\x1d!") + 1] = ord("B")
    decoder, names = Decoder(), []
    while command := decoder.next(data):
        names.append(command.name)
    assert "unknown" in names
