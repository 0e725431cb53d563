"""What goes wrong with a modem, what the log says of it, and how long it takes until the line is back."""

import asyncio
import os
import socket

import pytest

from hal.modem_power import STARTS_A_DAY, Patience
from hal.ports.faults import LinkDown
from tests.contract.modem_stand import MAKERS, standing
from tests.contract.test_modem import noise

makers = pytest.mark.parametrize("maker", MAKERS)
HOUR = 3600


# -- the SIM


@makers
def test_the_right_pin_is_entered_once_a_start_and_never_said(maker):
    async def story(stand):
        assert await stand.up() < 6
        assert stand.chip.pin_entries == 1 and "the SIM took its PIN" in stand.log.texts
        stand.chip.reboot()
        await stand.until("off")
        await stand.until("line")
        assert stand.chip.pin_entries == 2 and stand.chip.tries == 3
        assert not any("2468" in text for text in stand.log.texts)

    standing(maker, story, pin="2468", chip_pin="2468")


@makers
def test_a_wrong_pin_is_tried_once_whatever_else_happens(maker):
    async def story(stand):
        stand.start()
        await asyncio.sleep(HOUR)
        assert (stand.chip.pin_entries, stand.chip.tries) == (1, 2)
        assert stand.line.where == "the SIM refused the PIN of board.json, which is not tried again: the wrong PIN (16)"
        stand.chip.reboot()
        await asyncio.sleep(HOUR)
        stand.chip.hang()
        await asyncio.sleep(HOUR)
        assert len(stand.offs) == 1, "it came up again, locked"
        assert (stand.chip.pin_entries, stand.chip.tries) == (1, 2)
        assert not any("1111" in text for text in stand.log.texts)

    standing(maker, story, pin="1111", chip_pin="2468")


@makers
def test_the_last_try_of_a_sim_is_left_to_its_owner(maker):
    async def story(stand):
        stand.chip.tries = 1
        stand.start()
        await asyncio.sleep(HOUR)
        assert stand.chip.pin_entries == 0
        assert stand.line.where == "the SIM's PIN is not tried: 1 of its tries left"

    standing(maker, story, pin="2468", chip_pin="2468")


@makers
@pytest.mark.parametrize(
    ("sim", "words"),
    [
        ("SIM PUK", "the SIM asks for its PUK"),
        ("", "no SIM (10)"),
        ("SIM PIN", "the SIM asks for its PIN, and board.json has none"),
    ],
)
def test_a_sim_that_is_missing_or_locked_is_said_once_and_looked_for_rarely(maker, sim, words):
    async def story(stand):
        stand.chip.sim = sim
        stand.start()
        await asyncio.sleep(HOUR)
        assert stand.log.texts == [words] and stand.line.state == "off" and stand.offs == []
        assert stand.chip.pin_entries == 0
        with pytest.raises(LinkDown, match="no 4G: "):
            await stand.dial()
        stand.chip.sim = "READY"
        stand.chip.restore()
        assert await stand.until("line") < 62

    standing(maker, story)


@makers
def test_a_sim_that_is_busy_after_the_start_is_asked_again_soon(maker):
    async def story(stand):
        stand.chip.sim = "busy"
        stand.start()
        await asyncio.sleep(12)
        assert stand.line.where == "the SIM is busy (14)"
        stand.chip.sim = "READY"
        stand.chip.restore()
        assert await stand.until("line") < 5

    standing(maker, story)


# -- the network


@makers
def test_a_cell_of_the_newest_kind_alone_is_enough(maker):
    async def story(stand):
        stand.chip.only_4g = True
        await stand.up()
        moves = stand.moves
        stand.chip.registration = "roaming"
        await asyncio.sleep(300)
        assert stand.line.state == "line" and stand.moves == moves

    standing(maker, story)


@makers
@pytest.mark.parametrize(
    ("registration", "words"),
    [
        ("searching", "searching for a network"),
        ("denied", "the network denies this SIM"),
        ("unknown", "no network can be heard"),
        ("idle", "not registered"),
    ],
)
def test_a_network_that_does_not_take_us_is_waited_for(maker, registration, words):
    async def story(stand):
        stand.chip.registration = registration
        stand.start()
        await asyncio.sleep(HOUR)
        assert stand.line.where == words and stand.log.texts.count(words) == 1 and stand.offs == []
        stand.chip.registration = "roaming"
        assert await stand.until("line") < 1
        assert stand.line.where == "registered, roaming, data connection open"

    standing(maker, story)


@makers
def test_a_registration_that_is_gone_for_a_moment_costs_nothing(maker):
    async def story(stand):
        await stand.up()
        sock = await stand.dial()
        stand.chip.registration = "searching"
        await asyncio.sleep(5)
        stand.chip.registration = "home"
        await asyncio.sleep(30)
        assert stand.line.state == "line"
        assert await stand.echo(sock, b"as before") == b"as before"
        stand.chip.registration = "denied"
        assert 9 < await stand.until("off") < 11
        assert await stand.recv_all(sock) == b""
        assert stand.line.where == "the network denies this SIM"
        sock.close()

    standing(maker, story)


@makers
def test_a_lost_cell_ends_the_connections_at_once_and_comes_back_within_seconds(maker):
    async def story(stand):
        await stand.up()
        for _ in range(3):
            sock = await stand.dial()
            sending = asyncio.create_task(stand.echo(sock, noise(50_000)))
            await asyncio.sleep(2)
            stand.chip.drop()
            assert await stand.until("off") < 1
            assert "the network ended the data connection" in stand.log.texts
            with pytest.raises((OSError, AssertionError)):
                assert await sending == noise(50_000)
            sock.close()
            await asyncio.sleep(100)
            stand.chip.restore()
            assert await stand.until("line") < 2.5, "a second of it until the network has us"
        sock = await stand.dial()
        assert await stand.echo(sock, noise(3000)) == noise(3000)
        sock.close()
        assert stand.offs == []

    standing(maker, story)


@makers
def test_black_air_loses_nothing_when_it_clears_in_time(maker):
    async def story(stand):
        await stand.up()
        sock = await stand.dial()
        sending = asyncio.create_task(stand.echo(sock, noise(50_000)))
        await asyncio.sleep(2)
        stand.chip.drop(loud=False)
        await asyncio.sleep(40)
        assert stand.line.state == "line" and not sending.done()
        stand.chip.restore()
        assert await sending == noise(50_000)
        sock.close()

    standing(maker, story)


@makers
def test_black_air_that_stays_ends_the_link_and_not_the_line(maker):
    async def story(stand):
        await stand.up()
        sock = await stand.dial()
        sending = asyncio.create_task(stand.echo(sock, noise(50_000)))
        await asyncio.sleep(2)
        stand.chip.drop(loud=False)
        began = stand.loop.time()
        await asyncio.wait((sending,))
        assert sending.exception() or sending.result() != noise(50_000)
        assert 55 < stand.loop.time() - began < 75
        assert "link 0: nothing goes out for 60 s; closed" in stand.log.texts
        assert stand.line.state == "line"
        sock.close()

    standing(maker, story)


@makers
def test_a_context_that_the_network_closed_unsaid_is_found_at_the_next_call(maker):
    async def story(stand):
        await stand.up()
        stand.chip._life.active = False
        with pytest.raises(LinkDown):
            await stand.dial()
        await stand.until("off")
        assert stand.line.where == "the data connection is gone"
        assert await stand.until("line") < 1
        (await stand.dial()).close()

    standing(maker, story)


@makers
def test_a_close_that_hangs_holds_the_modem_up_for_its_ten_seconds_and_no_more(maker):
    async def story(stand):
        await stand.up()
        stand.chip.stuck_close = True
        (await stand.dial()).close()
        began = stand.loop.time()
        sock = await stand.dial()
        assert await stand.echo(sock, b"after it") == b"after it"
        assert 10 < stand.loop.time() - began < 13
        assert stand.line.state == "line"
        sock.close()

    standing(maker, story)


# -- the module


@makers
def test_a_modem_that_starts_by_itself_is_greeted_anew(maker):
    async def story(stand):
        await stand.up()
        sock = await stand.dial()
        await asyncio.sleep(30)
        stand.chip.reboot()
        assert await stand.until("off") < 4
        assert stand.line.where == "the modem started by itself"
        assert await stand.recv_all(sock) == b""
        assert await stand.until("line") < 4
        again = await stand.dial()
        assert await stand.echo(again, noise(3000)) == noise(3000)
        assert stand.offs == []
        again.close()
        sock.close()

    standing(maker, story)


@makers
def test_a_modem_that_does_not_hear_the_first_commands_is_asked_again(maker):
    async def story(stand):
        stand.chip.autobaud = 5
        assert await stand.up() < 12

    standing(maker, story)


@makers
def test_a_modem_that_hangs_loses_its_power_after_a_minute(maker):
    async def story(stand):
        await stand.up()
        sock = await stand.dial()
        await stand.echo(sock, b"last answer")
        stand.chip.hang()
        hung = stand.loop.time()
        sending = asyncio.create_task(stand.echo(sock, noise(50_000)))
        await stand.until("off")
        assert stand.loop.time() - hung < 40, "the till knows before the minute is over"
        await asyncio.wait((sending,))
        await stand.until("line")
        assert len(stand.offs) == 1 and 55 < stand.offs[0] - hung < 70
        assert stand.loop.time() - stand.offs[0] < 12, "3 s without power, boot, registration"
        assert "the modem hangs: its power goes off and on" in stand.log.texts
        sock.close()

    standing(maker, story)


@makers
def test_an_idle_modem_that_hangs_is_found_out(maker):
    async def story(stand):
        await stand.up()
        await asyncio.sleep(90)
        stand.chip.hang()
        hung = stand.loop.time()
        await stand.until("off")
        assert stand.loop.time() - hung < 75
        await stand.until("line")
        assert stand.loop.time() - hung < 150

    standing(maker, story)


@makers
def test_a_hopeless_modem_is_started_three_times_then_after_10_30_and_60_minutes(maker):
    async def story(stand):
        stand.chip.boot_s = 1e9
        stand.start()
        await asyncio.sleep(5 * HOUR)
        gaps = [round((b - a) / 60) for a, b in zip(stand.offs, stand.offs[1:])]
        assert gaps[:2] == [1, 1], "a minute's silence, each time"
        assert [round(gap, -1) for gap in gaps[2:6]] == [10, 30, 60, 60], gaps
        assert len(stand.log.lines) < 60, "and it is not told every minute"

    standing(maker, story)


def test_no_day_sees_more_than_30_starts_however_often_it_recovers_between():
    patience, now, starts = Patience(), 0.0, []
    while now < 3 * 24 * HOUR:
        at = patience.not_before(now)
        if at > now:
            now = at
            continue
        patience.started(now)
        starts.append(now)
        now += 700
        patience.answered(now)  # it was well for more than ten minutes
    busiest = max(sum(begin <= start < begin + 24 * HOUR for start in starts) for begin in starts)
    assert busiest == STARTS_A_DAY == 30


def test_a_hang_without_a_line_for_its_power_is_said_and_waited_out():
    async def story(stand):
        await stand.up()
        stand.chip.hang()
        await asyncio.sleep(HOUR)
        assert stand.line.where == "the modem hangs, and no line switches its power"
        assert stand.log.texts.count(stand.line.where) == 1
        stand.chip.supply(False)
        stand.chip.supply(True)
        assert await stand.until("line") < 70

    standing("quectel", story, power=False)


# -- the wire


@makers
def test_a_modem_that_is_plugged_in_later_or_pulled_out_is_looked_for(maker):
    async def story(stand):
        plugged = False
        take = stand.chip.take_host

        def open_port():
            if not plugged:
                raise OSError(2, "No such file or directory")
            return take()

        stand.open = open_port
        stand.start()
        await asyncio.sleep(HOUR)
        assert stand.log.texts == ["no modem: [Errno 2] No such file or directory"] and stand.offs == []
        plugged = True
        assert await stand.until("line") < 12
        sock = await stand.dial()
        stand.chip.unplug()
        assert await stand.until("off") < 1
        assert await stand.recv_all(sock) == b""
        assert await stand.until("line") < 12
        sock.close()

    standing(maker, story)


@makers
def test_a_byte_lost_in_the_middle_costs_a_session_and_not_the_line(maker):
    async def story(stand):
        await stand.up()
        sock = await stand.dial()
        await stand.echo(sock, noise(3000))
        say = stand.chip.wire.say
        spoilt = []

        def lossy(item):
            if len(item) > 1000 and not spoilt:
                spoilt.append(item)
                item = item[:-7]
            say(item)

        stand.chip.wire.say = lossy
        echo = asyncio.create_task(stand.echo(sock, noise(9000)))
        await asyncio.wait((echo,), timeout=120)
        assert spoilt
        sock.close()
        echo.cancel()
        if stand.line.state != "line":
            await stand.until("line")
        again = await stand.dial()
        assert await stand.echo(again, noise(3000)) == noise(3000)
        assert stand.offs == []
        again.close()

    standing(maker, story)


@makers
def test_a_till_that_restarts_in_the_middle_of_a_send_gets_its_modem_back(maker):
    async def story(stand):
        await stand.up()
        sock = await stand.dial()
        sending = asyncio.create_task(stand.echo(sock, noise(50_000)))
        await stand.when(lambda: stand.chip._life.talk._held)  # the data of a send is on its way
        stand.line.drop()
        await asyncio.wait((sending,))
        stand.line = stand.driver(maker)
        assert await stand.up() < 12
        again = await stand.dial()
        assert await stand.echo(again, noise(3000)) == noise(3000)
        assert stand.offs == []
        again.close()
        sock.close()

    standing(maker, story)


def test_a_dropped_line_says_nothing_and_leaves_no_task():
    async def story(stand):
        await stand.up()
        sock = await stand.dial()
        told, moves = len(stand.log.lines), stand.moves
        stand.line.drop()
        await asyncio.sleep(1)
        assert (len(stand.log.lines), stand.moves) == (told, moves)
        assert stand.line.life.done() and await stand.recv_all(sock) == b""
        sock.close()

    standing("quectel", story)


def test_a_reset_of_the_far_end_is_an_end():
    async def story(stand):
        await stand.up()
        sock = await stand.dial()
        stand.far.ends[0].setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        stand.far.task.cancel()
        stand.far.ends[0].close()
        assert await stand.recv_all(sock) == b""
        assert os.fstat(sock.fileno())
        sock.close()

    standing("quectel", story)
