"""What goes wrong with a modem, what the log says of it, and how long it takes until the line is back.

Three tables: what keeps a line from coming up, what takes it down, and what it outlives. Then the stories of their own kind."""

import asyncio
import os
import socket
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from hal.modem_power import STARTS_A_DAY, Patience
from hal.ports.faults import LinkDown
from tests.contract.cables import MODEM
from tests.contract.modem_stand import MAKERS, standing
from tests.contract.nodes import few, through_nodes
from tests.contract.test_modem import noise

makers = pytest.mark.parametrize("maker", MAKERS[:1] if through_nodes() else MAKERS)
HOUR = 3600
SENT = few(50_000)  # bytes
MIDDLE_S = SENT / 25_000  # when so many are under way
UP = "registered at home, data connection open"
GONE = f"[Errno 2] could not open port {MODEM}: [Errno 2] No such file or directory: '{MODEM}'"
PIN = {"pin": "2468", "chip_pin": "2468"}


def table(rows):
    return pytest.mark.parametrize("row", [pytest.param(row, id=row.what.replace(" ", "_")) for row in rows])


def knobs(**values):
    """Turn them at the chip."""

    def turn(stand):
        for name, value in values.items():
            setattr(stand.chip, name, value)

    return turn


def sim_is_ready(stand):
    stand.chip.sim = "READY"
    stand.chip.restore()


def feed_anew(stand):
    stand.chip.supply(False)
    stand.chip.supply(True)


async def works(stand):
    """The line carries bytes."""
    sock = await stand.dial()
    assert await stand.echo(sock, noise(3000)) == noise(3000)
    sock.close()


# -- what keeps it from coming up


class Waits(NamedTuple):
    """said: all that the log holds after for_s. Once cured, the line is there within back_s, and `then` is said."""

    what: str
    trouble: Callable[[Any], None]
    said: list[str]
    cure: Callable[[Any], None]
    back_s: float
    for_s: float = HOUR
    then: str = UP
    sim: dict[str, str] | None = None


SEARCH = "searching for a network"
WAITS = [
    Waits("a SIM that asks for its PUK", knobs(sim="SIM PUK"), ["the SIM asks for its PUK"], sim_is_ready, 62),
    Waits("no SIM", knobs(sim=""), ["no SIM (10)"], sim_is_ready, 62),
    Waits(
        "a SIM whose PIN we have not",
        knobs(sim="SIM PIN"),
        ["the SIM asks for its PIN, and board.json has none"],
        sim_is_ready,
        62,
    ),
    Waits(
        "a SIM whose last try is left to its owner",
        knobs(tries=1),
        ["the SIM's PIN is not tried: 1 of its tries left"],
        sim_is_ready,
        62,
        sim=PIN,
    ),
    Waits("a SIM that is busy after the start", knobs(sim="busy"), ["the SIM is busy (14)"], sim_is_ready, 5, for_s=12),
    # an hour later: it is looked for once a minute by then
    Waits("a modem that is plugged in later", lambda s: s.cable.unplug(), [f"no modem: {GONE}"], lambda s: s.cable.plug(), 70),
] + [
    Waits(
        f"a network that makes it {word}",
        knobs(registration=word),
        said,
        knobs(registration="roaming"),
        1,
        then="registered, roaming, data connection open",
    )
    for word, said in (
        ("searching", [SEARCH]),
        ("denied", [SEARCH, "the network denies this SIM"]),
        ("unknown", [SEARCH, "no network can be heard"]),
        ("idle", [SEARCH, "not registered"]),
    )
]


@makers
@table(WAITS)
def test_it_is_said_once_and_waited_for(maker, row):
    """Nothing is switched and no try of a SIM is spent meanwhile."""

    async def story(stand):
        row.trouble(stand)
        stand.start()
        await asyncio.sleep(row.for_s)
        assert stand.log.texts == row.said and stand.line.where == row.said[-1]
        assert stand.line.state == "off" and stand.offs == [] and stand.chip.pin_entries == 0
        with pytest.raises(LinkDown, match="no 4G: "):
            await stand.dial()
        row.cure(stand)
        assert await stand.until("line") < row.back_s
        assert stand.line.where == row.then

    standing(maker, story, **row.sim or {})


# -- what takes it down


class Falls(NamedTuple):
    """blow: to a line that is up, after idle_s, where busy in the middle of a send. It is off between the two off_s, says
    `said`, and is back within back_s of that, or of the cure after rest_s. power_s: between these two, since the blow, the
    modem loses its power, and is back within 12 s of it. rounds: so often."""

    what: str
    blow: Callable[[Any], None]
    off_s: tuple[float, float]
    said: str
    back_s: float
    idle_s: float = 0
    busy: bool = False
    rest_s: float = 0
    cure: Callable[[Any], None] = lambda stand: None
    power_s: tuple[float, float] | None = None
    power: bool = True
    rounds: int = 1


HANG = "the modem hangs: its power goes off and on"
FALLS = [
    Falls("a start of its own", lambda s: s.chip.reboot(), (0, 4), "the modem started by itself", 4, idle_s=30),
    Falls(
        "a lost cell",
        lambda s: s.chip.drop(),
        (0, 1),
        "the network ended the data connection",
        2.5,  # a second of it until the network has us
        busy=True,
        rest_s=100,
        cure=lambda s: s.chip.restore(),
        rounds=3,
    ),
    Falls(
        "a registration that stays away",
        knobs(registration="denied"),
        (9, 11),
        "the network denies this SIM",
        1,
        rest_s=60,
        cure=knobs(registration="home"),
    ),
    Falls("a hang in a send", lambda s: s.chip.hang(), (0, 40), HANG, 60, busy=True, power_s=(55, 70)),
    Falls("a hang while idle", lambda s: s.chip.hang(), (0, 315), HANG, 75, idle_s=90, power_s=(55, 378)),
    Falls(
        "a hang that no line can end",
        lambda s: s.chip.hang(),
        (0, 75),
        "the modem hangs, and no line switches its power",
        70,
        rest_s=HOUR,
        cure=feed_anew,
        power=False,
    ),
    Falls("a pulled cable", lambda s: s.chip.unplug(), (0, 1), "no modem: the other end hung up", 12),
]


@makers
@table(FALLS)
def test_it_falls_says_why_and_comes_back(maker, row):
    async def story(stand):
        await stand.up()
        for _ in range(few(row.rounds)):
            await one_fall(stand, row)
        await works(stand)

    standing(maker, story, power=row.power)


async def one_fall(stand, row):
    sock = await stand.dial()
    assert await stand.echo(sock, b"so far well") == b"so far well"
    await asyncio.sleep(row.idle_s)
    sending = asyncio.create_task(stand.echo(sock, noise(SENT))) if row.busy else None
    await asyncio.sleep(MIDDLE_S if row.busy else 0)
    starts, told, blown = len(stand.offs), stand.log.texts.count(row.said), stand.loop.time()
    row.blow(stand)
    await stand.until("off")
    assert row.off_s[0] <= stand.loop.time() - blown < row.off_s[1]
    if sending:
        await asyncio.wait((sending,))
        assert sending.exception() or sending.result() != noise(SENT)
    assert await stand.recv_all(sock) == b"", "its connections ended with it"
    sock.close()
    await asyncio.sleep(row.rest_s)
    row.cure(stand)
    assert await stand.until("line") < row.back_s
    assert stand.log.texts.count(row.said) == told + 1
    assert len(stand.offs) == starts + (row.power_s is not None)
    if row.power_s:
        assert row.power_s[0] < stand.offs[-1] - blown < row.power_s[1]
        assert stand.loop.time() - stand.offs[-1] < 12, "3 s without power, boot, registration"


# -- what it outlives


class Outlives(NamedTuple):
    """disturb: in the middle of a send, for for_s. stalls: nothing gets through meanwhile."""

    what: str
    disturb: Callable[[Any], None]
    for_s: float
    settle: Callable[[Any], None]
    stalls: bool = False
    only_4g: bool = False


OUTLIVES = [
    Outlives("a registration that is gone for a moment", knobs(registration="searching"), 5, knobs(registration="home")),
    Outlives("black air that clears in time", lambda s: s.chip.drop(loud=False), 40, lambda s: s.chip.restore(), stalls=True),
    Outlives("a cell of the newest kind alone", knobs(registration="roaming"), 300, knobs(), only_4g=True),
]


@makers
@table(OUTLIVES)
def test_it_costs_the_line_nothing(maker, row):
    async def story(stand):
        stand.chip.only_4g = row.only_4g
        await stand.up()
        sock, moves = await stand.dial(), stand.moves
        sending = asyncio.create_task(stand.echo(sock, noise(SENT)))
        await asyncio.sleep(MIDDLE_S)
        row.disturb(stand)
        await asyncio.sleep(row.for_s)
        assert stand.line.state == "line" and not (row.stalls and sending.done())
        row.settle(stand)
        assert await sending == noise(SENT)
        await asyncio.sleep(30)
        assert stand.line.state == "line" and stand.moves == moves and stand.offs == []
        assert await stand.echo(sock, b"as before") == b"as before"
        sock.close()

    standing(maker, story)


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

    standing(maker, story, **PIN)


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


# -- the air


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
def test_a_modem_that_does_not_hear_the_first_commands_is_asked_again(maker):
    async def story(stand):
        stand.chip.autobaud = 5
        assert await stand.up() < 12

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


# -- the wire, and the till at it


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
        await works(stand)
        assert stand.offs == []

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
        await works(stand)
        assert stand.offs == []
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
