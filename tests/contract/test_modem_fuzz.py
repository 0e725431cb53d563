"""Whatever a modem says, the driver neither crashes nor hangs, holds no more than it must, and prints no control codes."""

import asyncio
import random
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hal.modem_parser import BLOCK_MAX, LINE_MAX, Block, Line, Prompt, Splitter
from tests.contract.modem_stand import COMMANDS, MAKERS, standing

HEADS = {maker: COMMANDS[maker].block for maker in MAKERS}
WORDS = (
    rb"""OK|ERROR|> |>|+QIURC: "recv",0,|+CIPRXGET: 2,0,|5,0|7|1500|99999999|-1|,|RDY|+CME ERROR: |SEND OK|SEND FAIL|+CEREG: 5"""
    rb"""|+CSQ: 31,99|+QIURC: "closed",0|+QIURC: "pdpdeact",1|+IPCLOSE: 0,1|+CPIN: |AT+CSQ""".split(b"|")
) + [b"\r", b"\n", b"\r\n", b"\x00", b"\x07", b"\x1b[2J", b"\xff"]
quick = settings(max_examples=60, database=None, deadline=None, suppress_health_check=list(HealthCheck))
speech = st.lists(st.sampled_from(WORDS) | st.binary(max_size=40), max_size=60).map(b"".join)


def said(splitter, pieces):
    """What the pieces come to, as plain values."""
    found = []
    for piece in pieces:
        for item in splitter.feed(piece):
            assert splitter.held <= max(LINE_MAX, BLOCK_MAX) + len(piece)
            if isinstance(item, Line):
                assert item.text.isprintable() and item.text.isascii() and item.text
                found.append(item.text)
            elif isinstance(item, Block):
                assert len(item.data) == int(item.head["size"])
                found.append(item.data)
            else:
                assert isinstance(item, Prompt)
                found.append(None)
    return found


@pytest.mark.parametrize("maker", MAKERS)
@pytest.mark.parametrize("prompting", [False, True])
def test_how_the_bytes_are_cut_makes_no_difference(maker, prompting):
    @quick
    @given(speech, st.randoms(use_true_random=False))
    def check(data, chance):
        whole, cut = Splitter(HEADS[maker]), Splitter(HEADS[maker])
        whole.prompting = cut.prompting = prompting
        cuts = sorted(chance.choices(range(len(data) + 1), k=8))
        pieces = [data[a:b] for a, b in zip([0, *cuts], [*cuts, len(data)])]
        assert said(cut, pieces) == said(whole, [data[i : i + 1] for i in range(len(data))])

    check()


@pytest.mark.parametrize("maker", MAKERS)
def test_a_block_is_never_read_as_lines_whatever_is_in_it(maker):
    head = {"quectel": '+QIURC: "recv",2,{}', "simcom": "+CIPRXGET: 2,2,{},0"}[maker]

    @quick
    @given(st.lists(speech.filter(lambda data: 0 < len(data) <= BLOCK_MAX), min_size=1, max_size=4))
    def check(blocks):
        data = b"".join(f"\r\n{head.format(len(block))}\r\n".encode() + block + b"\r\nOK\r\n" for block in blocks)
        assert said(Splitter(HEADS[maker]), [data]) == [part for block in blocks for part in (block, "OK")]

    check()


def test_a_line_without_end_and_a_size_that_lies_cost_no_memory():
    splitter = Splitter(HEADS["quectel"])
    for _ in range(2000):
        splitter.feed(b"x" * 1000)
        assert splitter.held <= LINE_MAX + 1000
    assert splitter.dropped > 1_990_000
    assert said(splitter, [b'\r\n+QIURC: "recv",0,99999999999\r\nOK\r\n']) == ['+QIURC: "recv",0,99999999999', "OK"]


@pytest.mark.parametrize("maker", MAKERS)
@pytest.mark.parametrize("seed", range(3))
def test_a_driver_that_is_shouted_at_comes_back(maker, seed):
    """Noise in the middle of everything; when it ends, the line is there again and carries bytes."""

    async def story(stand):
        chance = random.Random(seed)
        await stand.up()
        sock = await stand.dial()
        for _ in range(60):
            words = b"".join(chance.choice([*WORDS, chance.randbytes(20)]) for _ in range(chance.randint(1, 30)))
            stand.chip.wire.say(words)
            await asyncio.sleep(chance.random())
        sock.close()
        await asyncio.sleep(200)
        if stand.line.state != "line":
            await stand.until("line", limit_s=5000)
        again = await stand.dial()
        assert await stand.echo(again, bytes(range(256)) * 20) == bytes(range(256)) * 20
        assert len(stand.log.lines) < 300
        assert not any(re.search(r"[^ -~]", text) for text in stand.log.texts)
        again.close()
        stand.chip.errors.clear()  # a driver that was lied to may say something in the wrong place

    standing(maker, story, seed=seed)
