"""The printer driver's contract, over a virtual printer that reads its bytes by the book: in virtual time on a socket
pair, and once more on a pty with the real pyserial."""

import asyncio
import os
import pty
import random
import socket
import subprocess
import sys
import tty
from types import SimpleNamespace

import pytest

from hal.ports.board import Printer
from hal.ports.faults import ConfigFault, PrinterGone
from hal.ports.slip import CENTRE, Cut, Feed, Line, Qr, Rule
from hal.printer import EscposPrinter
from hal.serial_port import Port, open_serial
from hal.worker import Inline, Thread
from sim.chips.escpos import Decoder
from sim.chips.thermal import Thermal
from tests.contract.wires import Notes, run, wait_ms


def driven(story, baud=0, **how):
    """Run story(driver, chip) in virtual time, both at the ends of one wire. The chip must have understood every byte."""

    async def main():
        chip = Thermal(asyncio.get_running_loop(), baud=baud, keeps=how.pop("keeps", True))
        driver = EscposPrinter(Port(chip.host, baud=baud), Notes(), Inline(), **how)
        await story(driver, chip)
        await wait_ms(60_000)
        assert chip.errors == []
        chip.unplug()

    run(main())


def printed(block, **how):
    """The chip that has printed a block."""
    chips = []

    async def story(driver, chip):
        await driver.print(block)
        chips.append(chip)

    driven(story, **how)
    return chips[0]


def lines(*block, **how):
    return printed(list(block), **how).text()


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


def test_an_unknown_printer_model_is_a_config_fault():
    async def story(driver, chip):
        with pytest.raises(ConfigFault, match=r"printer\.profile"):
            await driver.print([Line("x")])

    driven(story, profile="TM-1984")


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


def sent(block):
    """The bytes of a block."""
    seen = []

    async def story(driver, chip):
        chip.uart.take = seen.append
        await driver.print(block)

    driven(story)
    return b"".join(seen)


# -- status


@pytest.mark.parametrize(
    ("trouble", "word"),
    [
        ({}, Printer.OK),
        ({"paper": "near_end"}, Printer.NEAR_END),
        ({"paper": "out"}, Printer.OUT),
        ({"cover": True}, Printer.COVER),
        ({"cover": True, "paper": "out"}, Printer.COVER),
        ({"hot": True}, Printer.ERROR),
        ({"silent": True}, Printer.UNKNOWN),
        ({"powered": False}, Printer.UNKNOWN),
    ],
)
@pytest.mark.parametrize("baud", [0, 9600])
def test_status_in_the_fields_words_within_half_a_second(trouble, word, baud):
    async def story(driver, chip):
        for name, value in trouble.items():
            setattr(chip, name, value)
        start = asyncio.get_running_loop().time()
        assert await driver.status() == word
        assert asyncio.get_running_loop().time() - start <= 0.5

    driven(story, baud=baud)


def test_noise_is_no_status():
    async def story(driver, chip):
        chip.silent = True
        loop = asyncio.get_running_loop()
        for i, noise in enumerate((b"\x11\x13", b"\xff\x00\x92", b"\x10\x00\x00\x00")):  # flow control, noise, an ASB report
            loop.call_later(0.01 * (i + 1), chip.uart.send, noise)
        assert await driver.status() == Printer.UNKNOWN
        loop.call_later(0.05, chip.uart.send, b"\x13\x72")  # "out", behind a flow control byte
        assert await driver.status() == Printer.OUT

    driven(story)


def test_an_answer_that_comes_too_late_is_not_the_answer_to_the_next_question():
    async def story(driver, chip):
        chip.silent = True
        asyncio.get_running_loop().call_later(0.4, chip.uart.send, b"\x72")
        assert await driver.status() == Printer.UNKNOWN
        await wait_ms(1000)
        chip.silent = False
        assert await driver.status() == Printer.OK

    driven(story)


def test_a_printer_that_answers_about_paper_alone_is_believed():
    async def story(driver, chip):
        answer = chip._answer
        chip._answer = lambda n: answer(n) if n == 4 else None
        assert await driver.status() == Printer.OK
        chip.paper = "out"
        assert await driver.status() == Printer.OUT

    driven(story)


def test_status_while_a_block_prints_is_the_last_word_and_does_not_wait():
    async def story(driver, chip):
        assert await driver.status() == Printer.OK
        printing = asyncio.create_task(driver.print([Line("x")] * 40))
        await wait_ms(100)
        start = asyncio.get_running_loop().time()
        assert await driver.status() == Printer.OK
        assert asyncio.get_running_loop().time() == start
        await printing

    driven(story)


# -- pace


def receipt(count):
    return [[Line(f"Item {i} 茶", "3.50") for i in range(first, first + 6)] for first in range(0, count - 2, 6)] + [
        [Line("TOTAL", "91.00", bold=True), Line("Thank you", align=CENTRE), Cut()]
    ]


def test_26_lines_at_9600_baud_are_a_second_on_the_wire_and_three_off_the_head():
    async def story(driver, chip):
        first = []
        chip.on_rows(lambda rows: first.append(asyncio.get_running_loop().time()))
        for block in receipt(26):
            await driver.print(block)
            assert await driver.status() == Printer.OK
        assert len(chip.text()) == 26
        assert asyncio.get_running_loop().time() <= 3.0
        assert chip.wire_s <= 1.0
        assert first[0] <= 0.3

    driven(story, baud=9600)


def test_print_returns_when_the_head_is_through():
    async def story(driver, chip):
        for block in receipt(20):
            await driver.print(block)
            assert chip.held == 0 and not chip.head.busy

    for baud in (0, 9600, 19200, 115200):
        driven(story, baud=baud)


def test_a_very_long_block_waits_for_the_head_and_prints_whole():
    names = [f"Item {i:04d} with a name of some length" for i in range(400)]
    chip = printed([Line(name, "1.00") for name in names])
    assert sum(line.endswith("1.00") for line in chip.text()) == 400


# -- what goes wrong


def test_a_printer_that_never_reads_is_gone_in_bounded_time_and_nothing_is_cut_in_two():
    async def story(driver, chip):
        loop = asyncio.get_running_loop()
        await driver.status()
        listen, chip.uart.listen = chip.uart.listen, lambda: None
        loop.remove_reader(chip.uart._wire.fileno())
        chip.host.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        block = [Line("x" * 32)] * 500 + [Qr("HTTPS://BRW.IO/P/7K3F9Q2M")]
        with pytest.raises(PrinterGone):
            await driver.print(block)
        assert await driver.status() == Printer.UNKNOWN
        chip.uart.listen = listen
        listen()
        await wait_ms(100_000)
        await driver.print([Line("again")])
        await wait_ms(100_000)
        # what was under way came first, whole; then the block that was sent again
        assert chip.text()[:-2] == ["x" * 32] * 500
        assert chip.text()[-2:] == ["[QR HTTPS://BRW.IO/P/7K3F9Q2M]", "again"]

    driven(story)


def test_an_unplugged_printer_is_gone_until_it_is_back():
    async def main():
        loop = asyncio.get_running_loop()
        chip = Thermal(loop)
        driver = EscposPrinter(Port(chip.host, reopen=lambda: chip.host), Notes(), Inline())
        await driver.print([Line("one")])
        chip.unplug()
        assert await driver.status() == Printer.UNKNOWN
        with pytest.raises(PrinterGone):
            await driver.print([Line("two")])
        chip.plug()
        assert await driver.status() == Printer.OK
        await driver.print([Line("two")])
        assert chip.text() == ["one", "two"] and chip.errors == []

    run(main())


@pytest.mark.parametrize("keeps", [True, False])
def test_paper_that_ends_anywhere_loses_no_line(keeps):
    """The whole chain: the print task, the driver and a roll that ends after every few millimetres."""
    from firmware.flows import paper as task

    blocks = receipt(20)
    whole = [line for block in blocks for line in printed(block).text()]

    async def story(driver, chip, end_mm):
        slip = SimpleNamespace(blocks=blocks)
        task_paper = a_print_task(task, driver, slip)
        chip.left_mm = end_mm
        running = asyncio.create_task(task_paper.run())
        task_paper.submit({"no": 1})
        await wait_ms(8000)
        assert task_paper.waiting is not None and task_paper.waiting.why == Printer.OUT
        chip.paper = "ok"
        await wait_ms(10_000)
        assert task_paper.waiting is None
        came, at = chip.text(), 0
        for line in whole:  # every line, in order; some twice
            at = came.index(line, at) + 1
        assert len(came) <= len(whole) + 7
        # a printer that forgets its buffer may print the end of a line that was on the wire just then
        odd = [line for line in came if line not in whole]
        assert len(odd) <= (0 if keeps else 1)
        for rest in odd:
            assert any(line.endswith(rest.strip()) for line in whole)
        running.cancel()

    for end_mm in range(2, 72, 5):
        driven(lambda driver, chip, end_mm=end_mm: story(driver, chip, end_mm), keeps=keeps, baud=9600)


def a_print_task(task, driver, slip):
    """The firmware's print task with a till of cardboard around it."""

    async def append(kind, no, body):
        return 1

    clock = SimpleNamespace(utc_s=lambda: 0, offset_s=lambda: 0, trusted=lambda: False)
    light = SimpleNamespace(set=lambda lamp, on: None)
    till = SimpleNamespace(
        board=SimpleNamespace(printer=driver, log=Notes(), light=light, clock=clock),
        rollup=SimpleNamespace(last_sale=None, copies=0, slip_due=None),
        journal=SimpleNamespace(append=append),
    )
    made = task.Paper(till, lambda: None)

    async def compose(job):
        return slip.blocks

    made._compose = compose
    return made


# -- the real serial port


def test_the_same_on_a_pty_with_pyserial():
    async def main():
        master, slave = pty.openpty()
        tty.setraw(slave)
        loop = asyncio.get_running_loop()
        chip = Thermal(loop, SimpleNamespace(fileno=lambda: master, close=lambda: os.close(master)), mm_per_s=5000)
        worker = Thread()
        driver = EscposPrinter(Port(open_serial(os.ttyname(slave), 115200), baud=115200), Notes(), worker, mm_per_s=5000)
        assert await driver.status() == Printer.OK
        for block in receipt(20):
            await driver.print(block)
        chip.paper = "out"
        assert await driver.status() == Printer.OUT
        chip.paper, chip.silent = "ok", True
        assert await driver.status() == Printer.UNKNOWN
        assert chip.errors == [] and len(chip.text()) == 20 and "Item 3 茶" in chip.text()[3]
        chip.unplug()
        assert await driver.status() == Printer.UNKNOWN
        os.close(slave)
        worker.close()

    asyncio.run(main())


def test_the_encoder_is_loaded_late_and_leaves_nothing_behind(tmp_path):
    """escpos costs a quarter of a second: importing the driver does not load it, and loading it litters no folder."""
    code = (
        "import sys, os\nimport hal.printer\nassert 'escpos' not in sys.modules\n"
        "from hal.escpos_encoder import Encoder\nEncoder('default', False)\nassert 'escpos' in sys.modules\n"
        f"assert os.listdir({str(tmp_path)!r}) == [], os.listdir({str(tmp_path)!r})\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, "TMPDIR": str(tmp_path)}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


def test_every_command_we_send_is_in_the_book():
    """The control: the decoder refuses a driver's byte that is changed."""
    data = bytearray(sent([Line("x", "1.00", big=True), Qr("x"), Cut()]))
    data[data.index(b"\x1d!") + 1] = ord("B")
    decoder, names = Decoder(), []
    while command := decoder.next(data):
        names.append(command.name)
    assert "unknown" in names
