"""Asking the fleet: one answer a question, whatever the line, the clock and the power do meanwhile."""

import asyncio
import json

from firmware.journal.journal import UNREAD
from firmware.sync import wire
from firmware.sync.request import LATE_MAX, OPEN_MAX, Refused, Unanswered
from hal.ports.faults import LinkDown, StoreBroken, WireFault
from tests.core import vtime
from tests.core.devices import Keys
from tests.core.far_end import TILL
from tests.core.stall import Stall

FLEET = Keys(b"FLEET")


async def fault_of(work):
    """What it raised, as (kind, words); fails the test when it gave an answer."""
    try:
        told = await work
    except (LinkDown, Unanswered, Refused, StoreBroken, WireFault) as fault:
        return type(fault), str(fault)
    raise AssertionError(told)


def asked(stall):
    """(ms, request) of everything that was asked."""
    return [(ms, json.loads(payload)) for ms, tail, payload in stall.far.sent if tail == wire.UP_REQ]


async def later(stall):
    """Every late answer, as it is handed on."""
    late = []
    for op in ("pay", "time"):
        stall.courier.requests.on_late(op, lambda *told: late.append(told))
    return late


async def answered():
    stall = await Stall().boot()
    assert await stall.courier.requests.ask("time", {"deep": [1]}, 3000) == {"did": "time", "deep": [1]}
    [(_, request)] = asked(stall)
    assert request["exp"] - stall.far.utc in (4, 5), "the deadline, in the fleet's time, and a little patience"
    seal = wire.seal_of(wire.topic(TILL, wire.UP_REQ), wire.signed(wire.topic(TILL, wire.UP_REQ), b"{}", stall.board.keystore))
    assert request["k"] == wire.hex_of(seal.key) and len(request["s"]) == 128, "not signed: anybody could ask in our name"
    stall.far.deed = lambda op, body: "op"
    assert await fault_of(stall.courier.requests.ask("dance", {}, 3000)) == (Refused, "dance: refused: op")


async def many_at_once():
    stall = await Stall().boot()
    stall.far.answering = False
    waits = [asyncio.create_task(stall.courier.requests.ask("pay", {"n": n}, 9000)) for n in range(5)]
    await vtime.sleep_ms(1)
    for _, request in reversed(asked(stall)):
        stall.down(wire.DN_RES, stall.far.done(request))
    for n in range(5):
        assert (await waits[n])["n"] == n, "somebody else's answer"
    assert len({request["id"] for _, request in asked(stall)}) == 5


async def no_line():
    stall = await Stall().boot("off")
    before = vtime.now_ms()
    assert (await fault_of(stall.courier.requests.ask("time", {}, 3000)))[0] is LinkDown
    assert vtime.now_ms() == before, "kept waiting for a line that is not there"
    stall.far.answering = False
    stall.far.move("line")
    await vtime.sleep_ms(1)
    assert stall.courier.online and (await fault_of(stall.courier.requests.ask("time", {}, 3000)))[0] is LinkDown
    assert asked(stall) == [] and vtime.now_ms() == before + 3001, "asked a fleet that has not spoken yet"


async def lost_and_sent_again():
    stall = await Stall().boot()
    lost = []
    stall.far.answer = lambda topic, payload: [] if len(lost) < 2 and not lost.append(1) else [(topic, payload)] * 2
    assert await stall.courier.requests.ask("pay", {"n": 1}, 30_000) == {"did": "pay", "n": 1}
    times = [ms for ms, _ in asked(stall)]
    assert [ms - times[0] for ms in times] == [0, 2000, 6000] and len(stall.far.deeds) == 1, "done twice"
    assert stall.courier.requests.late is False, "the second of two answers is no news"


async def a_line_that_comes_back():
    stall = await Stall().boot()
    stall.far.answering = False
    wait = asyncio.create_task(stall.courier.requests.ask("pay", {}, 30_000))
    await vtime.sleep_ms(500)
    stall.far.move("off")
    await vtime.sleep_ms(700)
    stall.far.answering = True
    stall.far.move("line")
    assert await wait == {"did": "pay"} and vtime.now_ms() < 1300, "asked at once in the new session"
    assert [request["id"] for _, request in asked(stall)] == [request["id"] for _, request in asked(stall)][:1] * 2


async def selling_goes_on():
    stall = await Stall().boot()
    honest = stall.far.answer
    stall.far.answer = lambda topic, payload: honest(topic, payload) if not topic.endswith(wire.DN_RES) else []
    wait = asyncio.create_task(fault_of(stall.courier.requests.ask("pay", {}, 60_000)))
    for _ in range(30):
        await stall.sell(2)
        await vtime.sleep_ms(1000)
    await stall.whole()
    await vtime.sleep_ms(31_000)
    assert (await wait)[0] is Unanswered


async def late():
    stall = await Stall().boot()
    told = await later(stall)
    stall.far.answering = False
    assert await fault_of(stall.courier.requests.ask("time", {}, 3000)) == (Unanswered, "time: no answer by its deadline")
    [(_, request), _] = asked(stall)
    for _ in range(3):
        stall.down(wire.DN_RES, stall.far.done(request))
    await vtime.sleep_ms(1)
    assert told == [("time", request["id"], {"did": "time"}, "")], "lost, or told twice"
    assert stall.desk.asked == {}, "journaled, though its asker did not wish it"


async def late_after_a_power_cut():
    stall = await Stall().boot()
    stall.far.answering = False
    await fault_of(stall.courier.requests.ask("pay", {"pence": 350}, 3000, True))
    [(id, op, body)] = stall.courier.requests.open()
    assert (op, body) == ("pay", {"pence": 350})
    request = asked(stall)[0][1]
    stall.far.answering = True
    stall = await stall.power_cut()
    told = await later(stall)
    assert stall.courier.requests.open() == [(id, "pay", {"pence": 350})]
    stall.down(wire.DN_RES, stall.far.done(request))
    await vtime.sleep_ms(1)
    assert told == [("pay", id, {"did": "pay", "pence": 350}, "")]
    stall = await stall.power_cut()  # before its asker could act upon it
    assert stall.courier.requests.open() == [(id, "pay", {"pence": 350})] and len(asked(stall)) == 2
    assert await stall.courier.requests.again(id, 3000) == {"did": "pay", "pence": 350}, "the answer was not journaled"
    assert len(asked(stall)) == 2, "asked for what was here"
    await stall.courier.requests.settle(id)
    stall = await stall.power_cut()
    told = await later(stall)
    stall.down(wire.DN_RES, stall.far.done(request))
    await vtime.sleep_ms(1)
    assert stall.courier.requests.open() == [] and told == [], "told of what was settled"


async def again_after_a_power_cut():
    stall = await Stall().boot()
    stall.far.answer = lambda topic, payload: [(topic, payload)] if not topic.endswith(wire.DN_RES) else []
    running = asyncio.create_task(stall.courier.requests.ask("pay", {"pence": 350}, 30_000, True))
    await vtime.sleep_ms(1)
    running.cancel()  # the power went while it waited
    stall.far.answer = lambda topic, payload: [(topic, payload)]
    stall = await stall.power_cut()
    [(id, _, _)] = stall.courier.requests.open()
    assert await stall.courier.requests.again(id, 3000) == {"did": "pay", "pence": 350}
    assert len(stall.far.deeds) == 1, "paid twice"
    new = await stall.courier.requests.ask("pay", {"pence": 1}, 3000, True)
    assert new["pence"] == 1 and len(stall.far.deeds) == 2, "an id of the first boot was used again"


async def a_refusal_that_came_late():
    stall = await Stall().boot()
    told = await later(stall)
    stall.far.answering, stall.far.deed = False, lambda op, body: "expired"
    await fault_of(stall.courier.requests.ask("pay", {}, 1000, True))
    [(id, _, _)] = stall.courier.requests.open()
    stall.down(wire.DN_RES, stall.far.done(asked(stall)[0][1]))
    await vtime.sleep_ms(1)
    assert told == [("pay", id, {}, "expired")]
    assert await fault_of(stall.courier.requests.again(id, 1000)) == (Refused, "pay: refused: expired")


async def not_journaled_not_asked():
    stall = await Stall().boot()
    stall.desk_journal._closed = UNREAD
    assert (await fault_of(stall.courier.requests.ask("pay", {}, 3000, True)))[0] is StoreBroken
    assert asked(stall) == [], "asked before it was journaled"


async def too_many_open():
    stall = await Stall().boot()
    for n in range(OPEN_MAX):
        await stall.courier.requests.ask("pay", {"n": n}, 3000, True)
    assert await fault_of(stall.courier.requests.ask("pay", {}, 3000, True)) == (Refused, "pay: refused: full")
    await stall.courier.requests.settle(stall.courier.requests.open()[0][0])
    await stall.courier.requests.ask("pay", {}, 3000, True)


async def nonsense():
    """Answers nobody asked for fill no memory; a body that no reader takes is its asker's mistake, before it is sent."""
    stall = await Stall().boot()
    for n in range(1000):
        stall.courier.on_message(wire.topic(TILL, wire.DN_RES), wire.answer(f"a-{n}", "time", 0, {}))
    assert len(stall.courier.requests._late) <= LATE_MAX and len(stall.courier.requests._answered) <= LATE_MAX
    await vtime.sleep_ms(1)
    for body in ({"n": 1 << 60}, {"x": "\x1b[2J"}, {"x": "y" * 5000}):
        assert (await fault_of(stall.courier.requests.ask("pay", body, 3000)))[0] is WireFault
    assert asked(stall) == []
    await stall.sell(2)
    await stall.whole()


async def another_fleet():
    """A till that knows the fleet's key believes nobody else; the forged answer does not end the wait for the true one."""
    stall = Stall(fleet=FLEET.public())
    stall.far.keys = FLEET
    await stall.boot()
    stall.far.answering = False
    wait = asyncio.create_task(stall.courier.requests.ask("pay", {}, 9000))
    await vtime.sleep_ms(1)
    [(_, request)] = asked(stall)
    topic, lie = wire.topic(TILL, wire.DN_RES), wire.answer(request["id"], "pay", 0, {"did": "nothing"})
    other = wire.countersigned("barrow/v1/BARROW-0002/dn/res", stall.far.done(request), FLEET.sign)
    for forged in (lie, wire.countersigned(topic, lie, Keys(b"STRANGER").sign), other):
        stall.courier.on_message(topic, forged)
    assert (
        stall.courier.trouble == "forged"
        and len([line for line in stall.board.log.lines if "dn/res: not signed by" in line]) == 3
    )
    stall.courier.on_message(*stall.far.signed(wire.DN_RES, stall.far.done(request)))
    assert await wait == {"did": "pay"}
    stall.down(wire.DN_WELCOME, stall.far.signed(wire.DN_WELCOME, wire.welcome(0, bytes(32), 0))[1])
    await vtime.sleep_ms(1)
    assert stall.courier.trouble == "", "a true welcome, and still in trouble"


def test_the_fleet_answers_and_refuses_by_name():
    vtime.run(answered())


def test_many_questions_at_once_get_each_its_own_answer():
    vtime.run(many_at_once())


def test_without_a_line_nothing_is_asked_and_nobody_waits():
    vtime.run(no_line())


def test_what_is_lost_is_sent_again_and_done_once():
    vtime.run(lost_and_sent_again())


def test_a_line_that_comes_back_within_the_deadline_is_used_at_once():
    vtime.run(a_line_that_comes_back())


def test_selling_goes_on_while_somebody_waits():
    vtime.run(selling_goes_on())


def test_an_answer_after_its_deadline_is_handed_on_once():
    vtime.run(late())


def test_an_answer_after_a_power_cut_is_journaled_and_handed_on():
    vtime.run(late_after_a_power_cut())


def test_a_question_is_asked_again_after_a_power_cut_and_done_once():
    vtime.run(again_after_a_power_cut())


def test_a_refusal_that_comes_late_is_handed_on_too():
    vtime.run(a_refusal_that_came_late())


def test_what_cannot_be_journaled_is_not_asked():
    vtime.run(not_journaled_not_asked())


def test_kept_questions_are_bounded():
    vtime.run(too_many_open())


def test_nonsense_is_bounded_and_stops_nothing():
    vtime.run(nonsense())


def test_only_the_fleet_is_believed_where_its_key_is_known():
    vtime.run(another_fleet())
