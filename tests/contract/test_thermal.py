"""The virtual printer against bytes written by hand from Epson's ESC/POS reference: what it prints, answers and refuses."""

import asyncio
import io
import random

import pytest
import segno
from PIL import Image

from sim.chips.escpos import PAGES
from sim.chips.letters import plain
from sim.chips.paper import HEAD_DOTS, ROW_BYTES
from sim.chips.roll import png
from sim.chips.thermal import BUFFER, Thermal
from tests.contract.wires import run, wait_ms

LATIN = b"\x1c."  # Chinese printers wake up with Chinese on


def printing(story, **how):
    """Run a story at a printer in virtual time: story(printer, say), where say(bytes) puts them on the wire."""

    async def main():
        printer = Thermal(asyncio.get_running_loop(), **how)
        printer.host.setblocking(False)
        await story(printer, printer.host.send)
        printer.unplug()
        printer.host.close()

    run(main())


def printed(data, **how):
    """What comes of some bytes: the lines, the picture, the refusals."""
    found = []

    async def story(printer, say):
        for i in range(0, len(data), 1000):
            say(data[i : i + 1000])
            await wait_ms(10)
        await wait_ms(60_000)
        found.append((printer.text(), printer.image(), printer.errors))

    printing(story, **how)
    return found[0]


def ink(image, first=0, last=None):
    """Rows and columns of the black dots, as a set."""
    rows = [image[i : i + ROW_BYTES] for i in range(0, len(image), ROW_BYTES)][first:last]
    return {(x, y) for y, row in enumerate(rows) for x in range(HEAD_DOTS) if row[x // 8] >> (7 - x % 8) & 1}


def box(dots):
    """Left, right, top, bottom of the ink."""
    xs, ys = [x for x, _ in dots], [y for _, y in dots]
    return min(xs), max(xs), min(ys), max(ys)


def test_text_comes_out_line_by_line():
    lines, image, errors = printed(b"Coffee 3.50\nBun\n\nTea\n")
    assert lines == ["Coffee 3.50", "Bun", "", "Tea"]
    assert len(image) == 4 * 30 * ROW_BYTES and errors == []


def test_a_line_that_was_never_ended_is_not_printed():
    assert printed(b"half a line")[0] == []


@pytest.mark.parametrize("code", [b"\x1b*", b"\x1bG\x01", b"\x1dv0", b"\x1c!\x00", b"\x1b\x1b", b"\x1dB\x01"])
def test_an_unknown_command_is_refused_aloud_and_the_rest_prints(code):
    lines, _, errors = printed(b"a\n" + code[:2] + b"b\n")
    assert len(errors) == 1 and code[:2].hex(" ") in errors[0]
    assert lines == ["a", "b"]


@pytest.mark.parametrize("byte", [*range(0x0A), *range(0x0B, 0x10), *range(0x11, 0x1B), 0x1E, 0x1F, 0x7F])
def test_a_control_byte_is_refused_aloud(byte):
    assert printed(bytes([byte]) + b"\n")[2] != []


@pytest.mark.parametrize("data", [b"\x1ba\x03", b"\x1bt\x63", b"\x1dV\x07", b"\x1d!\x88", b"\x10\x04\x09"])
def test_a_value_out_of_range_is_refused_aloud(data):
    assert len(printed(data + b"\n")[2]) == 1


def test_letters_stand_where_they_are_told_to():
    line = b"ab\n"
    left, centre, right = (box(ink(printed(b"\x1ba" + bytes([n]) + line)[1])) for n in (0, 1, 2))
    assert centre[0] - left[0] == (HEAD_DOTS - 24) // 2
    assert right[0] - left[0] == HEAD_DOTS - 24


def test_the_rom_has_every_letter_of_its_pages_and_of_gb2312():
    letters = {c for page in PAGES.values() for c in bytes(range(0x20, 0x100)).decode(page) if c.isalnum() or c in "£€¥¢§°±½"}
    hanzi = {bytes([a, b]).decode("gb2312", "ignore") for a in range(0xB0, 0xF8) for b in range(0xA1, 0xFF)} - {""}
    assert len(letters) > 300 and len(hanzi) == 6763
    lacking = [c for c in letters if plain(c, 12) == plain("\ue000", 12)]
    lacking += [c for c in hanzi | set("，。！？；：、（）《》“”—…￥") if plain(c, 24) == plain("\ue000", 24)]
    assert lacking == []
    assert plain("é", 12) != plain("e", 12) != plain("\ue000", 12)


def test_bold_is_the_same_letter_with_more_ink():
    plain, bold = ink(printed(b"TOTAL\n")[1]), ink(printed(b"\x1bE\x01TOTAL\n")[1])
    assert plain < bold and len(bold) < 2 * len(plain)


def test_big_is_every_dot_four_times():
    plain = ink(printed(b"Tea\n")[1])
    big = ink(printed(b"\x1d!\x11Tea\n")[1])
    assert big == {(2 * x + i, 2 * y + j) for x, y in plain for i in (0, 1) for j in (0, 1)}


def test_esc_exclamation_mark_enlarges_latin_letters_only():
    def size(command, text):
        left, right, top, bottom = box(ink(printed(command + text + b"\n")[1]))
        return right - left > 24 or bottom - top > 24

    tea = "茶".encode("gbk")
    assert size(b"\x1b!\x30", b"TTT") and not size(b"\x1b!\x30", tea)
    assert size(b"\x1d!\x11", tea)
    assert not size(b"\x1d!\x11\x1b!\x00", b"T") and size(b"\x1d!\x11\x1b!\x00", tea)


def test_a_reset_forgets_all_that_was_set():
    dressed = b"\x1ba\x02\x1bE\x01\x1d!\x11\x1c.\x1bt\x13"
    assert printed(dressed + b"\x1b@" + "茶a\n".encode("gbk")) == printed("茶a\n".encode("gbk"))


def test_chinese_is_read_in_pairs_from_power_on_and_latin_after_fs_dot():
    assert printed("乌龙茶 3.80\n".encode("gbk"))[0] == ["乌龙茶 3.80"]
    assert printed(LATIN + b"caf\x82\n")[0] == ["café"]
    assert printed(LATIN + b"\x1bt\x13\xd5\n")[0] == ["€"]
    assert printed(b"\x82a\n")[0] != ["éa"], "without FS . a Chinese printer eats both"
    assert printed(LATIN + b"\x82\x1c&" + "茶".encode("gbk") + b"\x1c.\x82\n")[0] == ["é茶é"]


def test_a_pair_that_is_no_character_is_refused_aloud():
    assert len(printed(b"\xff\xff\n")[2]) == 1


def test_the_33rd_letter_starts_a_new_line():
    assert printed(b"x" * 33 + b"\n")[0] == ["x" * 32, "x"]
    assert printed("茶".encode("gbk") * 17 + b"\n")[0] == ["茶" * 16, "茶"]
    assert printed(b"\x1d!\x11" + b"x" * 17 + b"\n")[0] == ["x" * 16, "x"]


def test_feeds_are_white_paper():
    for data, rows in ((b"\x1bd\x03", 90), (b"\x1bJ\x18", 24), (b"a\x1bd\x01", 60)):
        assert len(printed(data)[1]) == rows * ROW_BYTES


def qr(text, dots=6, level=49):
    def command(fn, data):
        size = len(data) + 2
        return b"\x1d(k" + bytes([size & 255, size >> 8, 49, fn]) + data

    store = command(80, b"0" + text.encode())
    return command(65, b"2\x00") + command(67, bytes([dots])) + command(69, bytes([level])) + store + command(81, b"0")


def test_a_code_is_drawn_dot_by_dot_and_can_be_read_as_text():
    text = "HTTPS://BRW.IO/P/7K3F9Q2M"
    lines, image, errors = printed(qr(text))
    assert lines == [f"[QR {text}]"] and errors == []
    matrix = segno.make_qr(text, error="M", boost_error=False).matrix
    black = ink(image)
    assert {(x // 6, y // 6) for x, y in black} == {(x, y) for y, row in enumerate(matrix) for x, m in enumerate(row) if m}
    assert len(black) == 36 * sum(m for row in matrix for m in row)


@pytest.mark.parametrize("data", [qr("x", dots=17), qr("x", level=5), qr("x" * 900, dots=16), b"\x1d(k\x03\x001Z\x06", qr("")])
def test_a_code_that_cannot_be_drawn_is_refused_aloud(data):
    assert printed(data)[2] != []


def test_slips_end_at_the_cutter_and_at_the_tear_bar():
    async def story(printer, say):
        say(b"one\n\x1bd\x04two\n\x1dVB\x00three\n\x1bd\x01\x1dV\x00four\n")
        await wait_ms(10_000)
        assert [slip.lines for slip in printer.slips] == [["one"], ["two"], ["three"], ["four"]]
        printer.tear()
        say(b"five\n")
        await wait_ms(1000)
        assert [slip.lines for slip in printer.slips][3:] == [["four"], ["five"]]

    printing(story)


# -- its pace


def test_the_head_makes_50_mm_a_second():
    async def story(printer, say):
        say(b"line\n" * 10)
        await wait_ms(700)
        assert len(printer.text()) == 9
        await wait_ms(50)  # 300 rows at 400 a second
        assert len(printer.text()) == 10
        assert printer.metres == pytest.approx(0.0375)

    printing(story)


@pytest.mark.parametrize("baud", [9600, 115200])
def test_bytes_take_their_time_on_the_wire(baud):
    async def story(printer, say):
        say(b"x" * 959 + b"\n")
        await wait_ms(round(9600 / baud * 1000) - 1)
        assert printer.received < 960
        await wait_ms(2)
        assert printer.received == 960 and printer.wire_s == pytest.approx(9600 / baud)

    printing(story, baud=baud)


def test_whoever_writes_more_than_the_buffer_holds_has_to_wait():
    async def story(printer, say):
        total = 0
        with pytest.raises(BlockingIOError):
            while True:
                total += say(b"x" * 31 + b"\n")
        assert total > BUFFER
        await wait_ms(1000)
        assert BUFFER - 64 <= printer.held <= BUFFER
        before = printer.received
        await wait_ms(1000)  # 13 lines of paper
        assert 12 * 32 <= printer.received - before <= 15 * 32

    printing(story)


def test_paper_is_told_as_it_comes_out():
    async def story(printer, say):
        bands = []
        stop = printer.on_rows(bands.append)
        say(b"\x1d!\x11Tea\nBun\n")
        await wait_ms(100)
        assert 0 < sum(map(len, bands)) < 96
        await wait_ms(1000)
        assert b"".join(row for band in bands for row in band) == printer.image()
        stop()
        say(b"more\n")
        await wait_ms(1000)
        assert sum(map(len, bands)) == 96

    printing(story)


# -- what it answers


def answers(printer):
    try:
        return printer.host.recv(64)
    except BlockingIOError:
        return b""


def ask(n):
    return b"\x10\x04" + bytes([n])


@pytest.mark.parametrize(
    ("trouble", "expected"),
    [
        ({}, "12 12 12 12"),
        ({"paper": "near_end"}, "12 12 12 1e"),
        ({"paper": "out"}, "1a 32 12 7e"),
        ({"cover": True}, "1a 16 12 12"),
        ({"hot": True}, "1a 52 52 12"),
    ],
)
def test_status_by_the_book(trouble, expected):
    async def story(printer, say):
        for name, value in trouble.items():
            setattr(printer, name, value)
        say(ask(1) + ask(2) + ask(3) + ask(4))
        await wait_ms(1)
        assert answers(printer).hex(" ") == expected

    printing(story)


def test_it_answers_while_it_prints_and_when_the_question_comes_in_pieces():
    async def story(printer, say):
        say(b"line\n" * 20)
        for byte in ask(4):
            say(bytes([byte]))
            await wait_ms(10)
        assert answers(printer) == b"\x12" and len(printer.text()) < 20
        await wait_ms(5000)
        assert printer.text() == ["line"] * 20 and printer.errors == []

    printing(story)


def test_a_silent_printer_prints_and_says_nothing():
    async def story(printer, say):
        printer.silent = True
        say(ask(1) + b"line\n" + ask(4))
        await wait_ms(1000)
        assert answers(printer) == b"" and printer.text() == ["line"]

    printing(story)


# -- what goes wrong


@pytest.mark.parametrize("trouble", [{"paper": "out"}, {"cover": True}, {"hot": True}])
@pytest.mark.parametrize("keeps", [True, False])
def test_the_head_stops_and_the_buffer_waits_or_is_forgotten(trouble, keeps):
    async def story(printer, say):
        say(b"".join(b"line %d\n" % i for i in range(20)))
        await wait_ms(400)
        for name, value in trouble.items():
            setattr(printer, name, value)
        await wait_ms(100)
        done = printer.text()
        await wait_ms(10_000)
        assert printer.text() == done and 4 <= len(done) <= 6
        printer.paper, printer.cover, printer.hot = "ok", False, False
        await wait_ms(10_000)
        rest = [f"line {i}" for i in range(len(done), 20)] if keeps else []
        assert printer.text() == done + rest

    printing(story, keeps=keeps)


def test_a_roll_ends_where_it_ends():
    async def story(printer, say):
        printer.left_mm = 20
        say(b"line\n" * 20)
        await wait_ms(5000)
        assert printer.paper == "out" and 20 <= printer.metres * 1000 <= 24
        printer.paper = "ok"
        await wait_ms(5000)
        assert len(printer.text()) == 20 and printer.paper == "ok"

    printing(story)


def test_without_power_it_forgets_what_it_had_not_printed():
    async def story(printer, say):
        say(b"\x1d!\x11" + b"line\n" * 10)
        await wait_ms(500)
        printer.powered = False
        done = len(printer.text())
        say(b"lost\n" + ask(1))
        await wait_ms(5000)
        printer.powered = True
        assert answers(printer) == b""
        say(b"after\n")
        await wait_ms(5000)
        assert printer.text()[done:] == ["after"] and 0 < done < 10
        assert len(ink(printer.image()[-30 * ROW_BYTES :])) > 0

    printing(story)


def test_paper_words_are_checked():
    async def story(printer, say):
        with pytest.raises(ValueError, match="near_end"):
            printer.paper = "low"

    printing(story)


# -- whatever comes


def test_the_same_bytes_in_any_pieces_print_the_same():
    data = LATIN + b"\x1ba\x01\x1d!\x11Stall\n\x1d!\x00\x1c&" + "乌龙茶\n".encode("gbk") + qr("HTTPS://BRW.IO/1") + b"\x1bd\x04"
    whole = printed(data)
    chance = random.Random(5)
    for _ in range(10):
        cuts = sorted(chance.sample(range(1, len(data)), 20))

        async def story(printer, say, cuts=cuts):
            for first, last in zip([0, *cuts], [*cuts, len(data)], strict=True):
                say(data[first:last])
                await wait_ms(1)
            await wait_ms(60_000)
            assert (printer.text(), printer.image(), printer.errors) == whole

        printing(story)


def test_noise_never_crashes_it_and_text_after_a_reset_is_read_again():
    chance = random.Random(6)
    heads = [
        b"\x1b@",
        b"\x1ba",
        b"\x1bE",
        b"\x1b!",
        b"\x1bd",
        b"\x1bJ",
        b"\x1d!",
        b"\x1dV",
        b"\x1d(k",
        b"\x1c&",
        b"\x1c.",
        b"\x10\x04",
    ]
    for _ in range(15):
        noise = b"".join(chance.choice([*heads, chance.randbytes(3)]) for _ in range(100))
        lines, image, _ = printed(noise + b"\0" * 70_000 + b"\x1b@\nstill here\n", mm_per_s=5_000_000)
        assert lines[-1] == "still here"
        assert len(image) % ROW_BYTES == 0


def test_its_picture_is_a_png_of_the_very_dots():
    image = printed("茶 Tea\n".encode("gbk"))[1]
    picture = Image.open(io.BytesIO(png(image)))
    assert picture.size == (HEAD_DOTS, 30)
    assert {(x, y) for x in range(HEAD_DOTS) for y in range(30) if picture.getpixel((x, y)) == 0} == ink(image)
