"""The contract of the modem's line on a good wire: what comes up, what is said, and that every byte arrives as it left."""

import asyncio
import random
import socket

import pytest

from hal.ports.faults import LinkDown
from tests.contract.modem_stand import MAKERS, standing
from tests.contract.nodes import few

TRAPS = b'\r\nOK\r\n+CEREG: 2\r\n> \r\nERROR\r\nSEND FAIL\r\n+QIURC: "closed",0\r\n+IPCLOSE: 0,1\r\n+++\r\nRDY\r\n'
makers = pytest.mark.parametrize("maker", MAKERS)


def noise(size, seed=1):
    """Bytes that look like a modem's own words, and bytes that look like nothing."""
    chance = random.Random(seed)
    data = b""
    while len(data) < size:
        data += TRAPS if chance.random() < 0.3 else chance.randbytes(chance.randint(1, 900))
    return data[:size]


@makers
def test_it_comes_up_and_says_so(maker):
    async def story(stand):
        assert (stand.line.state, stand.line.name, stand.line.bars, stand.line.cost) == ("off", "4g", 0, 1)
        assert await stand.up() < 6
        assert stand.line.bars == 3 and stand.moves >= 1
        assert stand.chip.apn == "internet"
        assert stand.log.texts == ["searching for a network", "registered at home, data connection open"]
        assert stand.line.where == "registered at home, data connection open"

    standing(maker, story)


@makers
@pytest.mark.parametrize(
    ("kb", "split", "lines_a_second"), [(100, 0, 0), (100, 64, 100), (10, 7, 20), (10, 7, 200), (2, 1, 0), (2, 1, 200)]
)
def test_bytes_cross_both_ways_intact(maker, kb, split, lines_a_second):
    async def story(stand):
        stand.chip.noise = lines_a_second
        await stand.up()
        sock = await stand.dial()
        data = noise(few(kb * 1000))
        assert await stand.echo(sock, data) == data
        assert stand.far.heard == data and stand.far.calls == [("broker.example", 8883)]
        assert stand.line.spent() == 2 * len(data) == stand.chip.air_up + stand.chip.air_down
        assert stand.line.serial_bytes >= stand.chip.received + stand.chip.sent - 4096
        sock.close()

    async def split_story(stand):
        stand.chip.split = split
        await story(stand)

    standing(maker, split_story, seed=split + lines_a_second)


@makers
def test_a_slow_lossy_far_cell_loses_nothing(maker):
    async def story(stand):
        stand.chip.rate, stand.chip.latency, stand.chip.loss = 200_000, 0.15, 0.05
        await stand.up()
        sock = await stand.dial()
        data = noise(few(40_000))
        assert await stand.echo(sock, data) == data
        sock.close()

    standing(maker, story)


@makers
def test_two_links_at_once_keep_their_bytes_apart(maker):
    async def story(stand):
        await stand.up()
        one, two = await stand.dial(), await stand.line.dial("claim.example", 8884)
        first, second = noise(few(30_000), 1), noise(few(30_000), 2)
        assert await asyncio.gather(stand.echo(one, first), stand.echo(two, second)) == [first, second]
        one.close()
        two.close()

    standing(maker, story)


@makers
def test_a_far_end_that_speaks_first_is_heard(maker):
    async def story(stand):
        stand.far.greeting = b"220 here\r\n"
        await stand.up()
        sock = await stand.dial()
        assert await stand.recv_all(sock, 10) == b"220 here\r\n"
        sock.close()

    standing(maker, story)


@makers
def test_what_was_sent_before_a_hang_up_still_arrives_then_the_end(maker):
    async def story(stand):
        await stand.up()
        stand.far.greeting = noise(30_000)
        sock = await stand.dial()
        await asyncio.sleep(1)
        stand.far.ends[0].shutdown(socket.SHUT_WR)
        assert await stand.recv_all(sock) == noise(30_000)
        await asyncio.sleep(5)
        again = await stand.dial()
        again.close()
        sock.close()

    standing(maker, story)


@makers
def test_a_till_that_hangs_up_has_sent_all_it_wrote_and_frees_the_link(maker):
    async def story(stand):
        await stand.up()
        stand.far.silent = True
        for turn in range(1, 7):  # more than the modem has links
            sock = await stand.dial()
            await stand.loop.sock_sendall(sock, noise(5000))
            sock.close()
            await stand.when(lambda turn=turn: stand.far.hangups >= turn)
        assert stand.far.heard == noise(5000) * 6

    standing(maker, story)


@makers
def test_all_links_in_use_is_a_line_that_is_down_for_one_more(maker):
    async def story(stand):
        await stand.up()
        socks = [await stand.dial() for _ in range(4)]
        with pytest.raises(LinkDown, match="all 4 links are in use"):
            await stand.dial()
        for sock in socks:
            sock.close()

    standing(maker, story)


@makers
def test_a_call_that_is_broken_off_frees_its_link(maker):
    async def story(stand):
        stand.chip.latency = 20
        await stand.up()
        for _ in range(6):
            call = asyncio.create_task(stand.dial())
            await asyncio.sleep(5)
            call.cancel()
            await asyncio.sleep(30)
        stand.chip.latency = 0.1
        sock = await stand.dial()
        assert await stand.echo(sock, b"still well") == b"still well"
        sock.close()

    standing(maker, story)


@makers
@pytest.mark.parametrize(
    ("refusal", "words"),
    [
        (socket.gaierror(-2, "no such name"), "DNS does not know the host"),
        (ConnectionRefusedError(), "the host does not take|the network failed"),
    ],
)
def test_a_far_end_that_cannot_be_had_is_told_in_words(maker, refusal, words):
    async def story(stand):
        await stand.up()
        stand.far.refuse = refusal
        for _ in range(6):
            with pytest.raises(LinkDown, match=words):
                await stand.dial()
        stand.far.refuse = None
        (await stand.dial()).close()

    standing(maker, story)


@makers
@pytest.mark.parametrize("host", ['a"b', "a\rATD112;", "", "x" * 101, "bücher.example"])
def test_a_host_that_would_end_the_command_is_refused(maker, host):
    async def story(stand):
        await stand.up()
        with pytest.raises(LinkDown, match="no name of a host"):
            await stand.line.dial(host, 1883)
        assert stand.far.calls == []

    standing(maker, story)


@makers
def test_the_signal_is_polled_rarely_and_in_the_middle_of_a_long_send_too(maker):
    async def story(stand):
        await stand.up()
        stand.far.silent = True
        sock = await stand.dial()
        sending = asyncio.create_task(stand.loop.sock_sendall(sock, noise(180_000)))
        await asyncio.sleep(5)
        stand.chip.csq = 3
        assert stand.line.bars == 3
        await asyncio.sleep(60)
        assert stand.line.bars == 1 and not sending.done()
        stand.chip.csq = 31
        await asyncio.sleep(62)
        assert stand.line.bars == 4
        await sending
        await asyncio.sleep(60)  # what is still in the buffers goes out
        asked = stand.chip.received
        await asyncio.sleep(1200)
        assert stand.chip.received - asked < 200, "while nothing is carried four or five looks, some 30 bytes each"
        sock.close()

    standing(maker, story, baud=9600)


@makers
def test_whoever_writes_learns_how_fast_the_air_is(maker):
    async def story(stand):
        stand.chip.rate = 80_000  # 10 kB/s
        stand.far.silent = True
        await stand.up()
        sock = await stand.dial()
        began = stand.loop.time()
        await stand.loop.sock_sendall(sock, noise(100_000))
        assert stand.loop.time() - began > 5, "not 100 kB into a buffer at once"
        sock.close()

    standing(maker, story)


def test_a_till_that_does_not_read_holds_a_pushing_modem_up_and_is_hung_up_on():
    async def story(stand):
        await stand.up()
        stand.far.greeting = noise(400_000)
        lazy = await stand.dial()
        await asyncio.sleep(18)
        assert stand.chip.air_down < 300_000, "the far end was held up"
        await asyncio.sleep(30)
        assert "link 0: nobody reads what came; closed" in stand.log.texts
        stand.far.greeting = b""
        sock = await stand.dial()
        assert await stand.echo(sock, b"others go on") == b"others go on"
        assert stand.line.state == "line" and stand.offs == []
        lazy.close()
        sock.close()

    standing("quectel", story)


def test_a_till_that_does_not_read_leaves_its_bytes_in_a_modem_that_keeps_them():
    async def story(stand):
        await stand.up()
        stand.far.greeting = noise(400_000)
        lazy = await stand.dial()
        await asyncio.sleep(100)
        assert stand.chip.air_down < 300_000, "the far end was held up"
        sock = await stand.line.dial("another.example", 1)
        assert await stand.recv_all(lazy, 400_000) == noise(400_000), "and nothing was lost"
        lazy.close()
        sock.close()

    standing("simcom", story)


@makers
def test_calls_that_fail_though_the_line_looks_well_make_the_data_connection_anew(maker):
    async def story(stand):
        await stand.up()
        for good in (False, False, True, False, False):
            stand.line.report(good, "no CONNACK")
        await asyncio.sleep(5)
        assert stand.line.state == "line"
        stand.line.report(False, "no CONNACK")
        await stand.until("off")
        assert stand.line.where == "3 calls in a row failed, the last one: no CONNACK"
        assert await stand.until("line") < 2

    standing(maker, story)
