"""The virtual printer as a machine: its pace, its buffer, its answers, and what it does when paper or power goes.
What it makes of bytes is test_escpos.py."""

import pytest

from sim.chips.paper import ROW_BYTES
from sim.chips.thermal import BUFFER
from tests.contract.by_hand import ink, printing
from tests.contract.wires import wait_ms

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


def test_with_xonxoff_it_says_when_to_stop_and_when_to_go_on():
    async def story(printer, say):
        say(b"line\n" * 60)
        await wait_ms(100)
        assert answers(printer) == b"\x13" and printer.dropped == 0
        await wait_ms(60 * 75)
        assert answers(printer) == b"\x11" and printer.text() == ["line"] * 60

    printing(story, flow="xonxoff", size=512)


@pytest.mark.parametrize("flow", ["paced", "xonxoff"])
def test_without_lines_what_does_not_fit_is_lost(flow):
    async def story(printer, say):
        say(b"line\n" * 500)
        await wait_ms(60_000)
        assert printer.dropped == 2500 - 512 and len(printer.text()) < 110
        say(ask(1))
        await wait_ms(10)
        assert answers(printer)[-1:] == b"\x12"

    printing(story, flow=flow, size=512)


@pytest.mark.parametrize(("width_mm", "columns"), [(58, 32), (80, 48)])
def test_a_line_is_full_where_the_paper_ends(width_mm, columns):
    async def story(printer, say):
        say(b"x" * (columns + 1) + b"\n")
        await wait_ms(1000)
        assert printer.text() == ["x" * columns, "x"]
        assert len(printer.image()) == 60 * columns * 12 // 8

    printing(story, width_mm=width_mm)


def test_without_chinese_a_byte_is_a_letter_and_fs_is_no_command():
    async def story(printer, say):
        say(b"caf\x82\n\x1c&\n")
        await wait_ms(1000)
        assert printer.text()[0] == "café" and len(printer.errors) == 1

    printing(story, letters="latin")


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
