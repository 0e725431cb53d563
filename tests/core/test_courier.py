"""The courier between a journal and a far end that loses, doubles and forgets: told as what the fleet's ledger holds."""

from firmware.journal.codec import canonical, chain
from firmware.journal.journal import UNREAD
from firmware.sync import wire
from hal.ports.faults import StoreBroken
from tests.core import vtime
from tests.core.devices import Keys
from tests.core.far_end import TILL
from tests.core.stall import Stall


async def sold_at_once():
    stall = await Stall().boot()
    assert stall.courier.online and stall.courier.queued() == 0
    await stall.sell()
    await stall.whole()
    assert stall.far.seqs() == [(1, 1)] and stall.changes == 1


async def offline_day():
    stall = await Stall().boot("off")
    await stall.sell(250)
    assert stall.courier.queued() == 250 and not stall.courier.online and stall.far.calls == []
    await vtime.sleep_ms(3_600_000)
    assert stall.far.calls == [], "a call without a line"
    stall.far.move("line")
    await vtime.sleep_ms(1)
    await stall.whole()
    assert stall.far.seqs() == [(1, 100), (101, 200), (201, 250)]


async def slips_ride_along():
    stall = await Stall().boot()
    await stall.sell()
    await stall.print_slip()
    await vtime.sleep_ms(600_000)
    assert stall.far.seqs() == [(1, 1)], "a slip woke the link"
    await stall.sell()
    assert stall.far.seqs() == [(1, 1), (2, 3)]
    await stall.print_slip()
    stall.far.move("off")
    stall.far.move("line")
    await vtime.sleep_ms(1)
    assert stall.far.seqs()[-1] == (4, 4)  # after a new hello everything goes
    await stall.whole()


async def lost_acks():
    stall = await Stall().boot()
    answer = stall.far.answer
    stall.far.answer = lambda topic, payload: []
    await stall.sell(3)
    assert stall.courier.queued() == 3 and stall.far.to == 3
    await vtime.sleep_ms(8_000 + 16_000 + 10)
    assert stall.far.times(wire.UP_BATCH) == [1, 8001, 24001]
    stall.far.answer = answer
    await vtime.sleep_ms(32_000)
    await stall.whole()


async def patience_is_bounded():
    stall = await Stall().boot()
    stall.far.answering = False
    await stall.sell()
    await vtime.sleep_ms(4_000_000)
    times = stall.far.times(wire.UP_BATCH)
    waits = [times[i + 1] - times[i] for i in range(len(times) - 1)]
    assert waits[:6] == [8_000, 16_000, 32_000, 64_000, 128_000, 256_000] and set(waits[6:]) == {300_000}, waits


async def doubled_and_reordered():
    stall = await Stall().boot()
    late = []

    def mix(topic, payload):
        late.append((topic, payload))
        return [late[0], (topic, payload), (topic, payload)] + late

    stall.far.answer = mix
    for _ in range(20):
        await stall.sell(3)
        await vtime.sleep_ms(100)
    await vtime.sleep_ms(400_000)
    await stall.whole()
    assert stall.desk.acked["sales"] == 60


async def ack_of_a_power_cut():
    stall = await Stall().boot()
    stall.far.answer = lambda topic, payload: []
    await stall.sell(5)
    assert stall.far.to == 5 and stall.courier.queued() == 5
    stall.far.answer = lambda topic, payload: [(topic, payload)]
    stall = await stall.power_cut()
    await stall.whole()  # the welcome says what the lost ack did
    assert stall.far.seqs() == [(1, 5)], "sent again what the ledger has"


async def restored_ledger():
    stall = await Stall().boot()
    for _ in range(6):
        await stall.sell(2)
    del stall.far.chain[4:], stall.far.booked[3:]  # yesterday's backup
    await stall.sell()
    assert stall.far.to == 3 and stall.courier.queued() == 1  # answered by a gap
    await vtime.sleep_ms(9_000)
    await stall.whole()
    assert stall.far.seqs()[-1] == (4, 13)


async def forked():
    stall = await Stall().boot()
    await stall.sell(4)
    stall.far.move("off")
    right, stall.far.chain[-1] = stall.far.chain[-1], chain(b"x" * 32, b"another past")
    stall.far.move("line")
    await vtime.sleep_ms(1)
    assert stall.courier.fork and stall.courier.online
    sent = len(stall.far.sent)
    await stall.sell(3)  # selling goes on
    await vtime.sleep_ms(4_000_000)
    assert len(stall.far.sent) == sent and stall.courier.queued() == 3, "sent into a fork"
    assert len([line for line in stall.board.log.lines if "ALARM" in line]) == 1
    told = wire.read_hello(stall.far.sent[-1][2])
    assert (told["parts"], told["ph"]) == (4, right), "the fleet was not told what we have there"
    stall.far.chain[-1] = right
    stall.down(wire.DN_WELCOME, wire.welcome(4, right, 0))  # the right ledger is back
    await vtime.sleep_ms(1)
    await stall.whole()


async def ledger_ahead():
    stall = await Stall().boot()
    await stall.sell(2)
    stall.far.answering = False
    stall.down(wire.DN_WELCOME, wire.welcome(9, bytes(32), 0))
    await vtime.sleep_ms(1)
    assert stall.courier.fork, "a card from last week was put in"
    told = wire.read_hello(stall.far.sent[-1][2])
    assert (told["head"], told["parts"], told["ph"]) == (2, 9, b""), "the fleet was not told"


async def unknown_key():
    """The fleet takes the till for somebody else: it sells on, asks with patience, and is itself again when trusted."""
    stall = Stall()
    honest = stall.far.answer
    stall.far.answer = lambda topic, payload: [(wire.topic(TILL, wire.DN_ACK), wire.ack(0, bytes(32), err="key"))]
    await stall.boot()
    assert stall.courier.trouble == "key" and not stall.courier.fork
    await stall.sell(2)
    await vtime.sleep_ms(60_000)
    assert stall.far.seqs() == [] and stall.far.times(wire.UP_HELLO) == [0, 8000, 24000, 56000]
    assert len([line for line in stall.board.log.lines if "ALARM" in line]) == 1 == stall.changes
    stall.far.answer = honest
    await vtime.sleep_ms(100_000)
    assert stall.courier.trouble == ""
    await stall.whole()


async def signed():
    """What leaves the till is signed with its key: its hello whole, a batch by its head."""
    stall = await Stall().boot()
    await stall.sell(2)
    keys, far = stall.board.keystore, stall.far
    [hello] = [payload for _, tail, payload in far.sent if tail == wire.UP_HELLO]
    seal = wire.seal_of(wire.topic(TILL, wire.UP_HELLO), hello)
    assert seal is not None and seal.key == keys.public() and keys.sign(seal.said) == seal.signature
    [batch] = [far.opened(payload) for _, tail, payload in far.sent if tail == wire.UP_BATCH]
    assert batch.signature == keys.sign(batch.said) and batch.head == stall.journal.head


async def another_version():
    """A fleet that speaks another wire is said in words; the till sells on, and is itself again when the fleet is."""
    stall = Stall()
    honest = stall.far.answer
    word = canonical({"to": 0, "h": "0" * 24, "err": "version", "at": 0, "v": 2})
    stall.far.answer = lambda topic, payload: [(wire.topic(TILL, wire.DN_ACK), word)]
    await stall.boot()
    assert stall.courier.trouble == "version" and not stall.courier.fork
    assert [line for line in stall.board.log.lines if "the fleet speaks wire 2, this till 1" in line]
    await stall.sell(2)
    await vtime.sleep_ms(60_000)
    assert stall.far.seqs() == [] and stall.far.times(wire.UP_HELLO) == [0, 8000, 24000, 56000] and stall.changes == 1
    stall.far.answer = honest
    await vtime.sleep_ms(100_000)
    assert stall.courier.trouble == ""
    await stall.whole()


async def anchored():
    """What the fleet signed is journaled, and only what it signed for may ever go from here; a forged welcome moves nothing."""
    fleet = Keys(b"FLEET")
    stall = Stall(fleet=fleet.public())
    await stall.boot()
    assert stall.courier.online and stall.courier.trouble == "forged", "believed a welcome that nobody signed"
    assert [line for line in stall.board.log.lines if "dn/welcome: not signed by the fleet" in line]
    stall.far.keys = fleet
    await vtime.sleep_ms(9000)
    assert stall.courier.trouble == "" and stall.desk.anchor["to"] == 0
    await stall.sell(5)
    await stall.whole()
    assert (stall.courier.retirable(), stall.desk.anchor["to"]) == (0, 0), "an ack alone can be anybody's"
    stall = await stall.power_cut()
    assert (stall.courier.retirable(), stall.desk.anchor["to"]) == (5, 5)
    said = stall.desk.anchor["said"].encode()
    assert wire.vouched(wire.topic(TILL, wire.DN_WELCOME), said, stall.board.keystore), "no proof for others"
    frames = stall.desk_journal.seq
    stall = await stall.power_cut()
    assert stall.desk_journal.seq == frames, "the same anchor was journaled again"
    await stall.sell(1010)
    await vtime.sleep_ms(100)
    assert stall.courier.retirable() > 1000, "a long session is never signed for"
    await stall.whole()


async def fork_by_ack():
    stall = await Stall().boot()
    await stall.sell(2)
    stall.far.chain[-1] = b"y" * 32  # a clone booked there meanwhile
    await stall.sell()
    await vtime.sleep_ms(1_000_000)
    assert stall.courier.fork and stall.courier.queued() == 1 and stall.far.seqs() == [(1, 2), (3, 3)]


async def refused_batch():
    stall = await Stall().boot()
    stall.far.answer = lambda topic, payload: [(topic, wire.ack(0, bytes(32), err="form"))]
    await stall.sell()
    await vtime.sleep_ms(60_000)
    assert stall.far.times(wire.UP_BATCH) == [1, 8001, 24001, 56001], "sent again without a pause"
    assert [line for line in stall.board.log.lines if "could not take it: form" in line]


async def collector_comes_back():
    stall = await Stall().boot()
    stall.far.answering = False
    await stall.sell(2)
    await vtime.sleep_ms(1_000_000)  # the next try may be five minutes away
    stall.far.answering = True
    before = vtime.now_ms()
    stall.down(wire.DN_WELCOME, wire.welcome(0, bytes(32), 0))
    await vtime.sleep_ms(1)
    await stall.whole()
    assert vtime.now_ms() - before == 1


async def schedule():
    stall = Stall()
    stall.far.taking = False
    await stall.boot()
    await vtime.sleep_ms(400_000)
    waits = gaps(stall.far.calls)
    assert waits[:8] == [1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000] and set(waits[8:]) == {60_000}, waits
    stall.far.taking = True
    await vtime.sleep_ms(60_000)
    await stall.sell()
    await stall.whole()
    calls = len(stall.far.calls)
    stall.far.taking = False
    stall.far.move("line")  # the session broke off, after all had gone well: quick again
    await vtime.sleep_ms(3500)
    assert gaps(stall.far.calls[calls - 1 :])[1:] == [2000], stall.far.calls


async def jitter(extreme):
    stall = Stall(jitter=extreme)
    stall.far.taking = False
    await stall.boot()
    await vtime.sleep_ms(200_000)
    return gaps(stall.far.calls)


async def another_line():
    stall = Stall()
    stall.far.taking = False
    await stall.boot()
    await vtime.sleep_ms(200_000)
    stall.far.taking = True
    stall.far.move("off")
    await vtime.sleep_ms(12_345)
    stall.far.move("line")
    assert stall.far.calls[-1] < vtime.now_ms() - 12_345
    await vtime.sleep_ms(1)
    assert stall.courier.online, "a new line was kept waiting"


async def only_while_there_is_a_line():
    stall = Stall()
    stall.far.taking = False
    await stall.boot()
    for _ in range(50):
        await vtime.sleep_ms(777)
        stall.far.move("off")
        calls = len(stall.far.calls)
        await stall.sell()
        await vtime.sleep_ms(120_000)
        assert len(stall.far.calls) == calls, "a call without a line"  # and FarEnd.connect asserts it too
        stall.far.move("line")


async def idle(line):
    stall = await Stall().boot(line)
    bell, waits = stall.courier._bell, []
    wait = bell.wait

    async def noted(ms=None):
        waits.append(ms)
        return await wait(ms)

    bell.wait = noted
    bell.ring()
    await vtime.sleep_ms(86_400_000)
    assert waits == [None]  # asleep again, without an alarm clock
    assert stall.courier.online == (line == "line")


async def hostile():
    stall = await Stall().boot()
    ack, welcome = wire.topic(TILL, wire.DN_ACK), wire.topic(TILL, wire.DN_WELCOME)
    payloads = [b"", b"{}", b"null", b"\x00\x1b[2J", b"[" * 4000, b"x" * 99_999, b'{"to":1e9,"h":1}', b'{"to":-1,"h":"00"}']
    payloads += [b'{"to":1,"h":"' + b"0" * 24 + b'","gap":"\x07"}', b'{"ack":0,"utc":0,"h":[]}', b"\xff\xfe"]
    for topic in (ack, welcome, wire.topic(TILL, "dn/\x1b]0;x\x07"), "", "barrow/v1/OTHER-1/dn/ack", "\x00" * 70_000):
        for payload in payloads:
            stall.courier.on_message(topic, payload)
    await vtime.sleep_ms(10)
    await stall.sell(3)
    await stall.whole()
    assert max(len(line) for line in stall.board.log.lines) < 1000
    told = [line for line in stall.board.log.lines if "0000" in line or "xxx" in line]
    assert not told, told


async def failing_store():
    stall = await Stall().boot()
    stall.store.fail["sync"] = StoreBroken("the card is worn out")
    stall.desk_journal._closed = UNREAD
    stall.far.move("off")
    await stall.journal.recover()
    await stall.sell()
    stall.far.move("line")
    await vtime.sleep_ms(200_000)
    assert stall.courier.queued() == 1 and not stall.running.done(), "a store's fault ended the till"
    assert len(stall.far.calls) < 12, "a worn card makes no storm of calls"
    await stall.desk_journal.recover()
    await vtime.sleep_ms(60_000)
    await stall.whole()


def gaps(times):
    return [times[i + 1] - times[i] for i in range(len(times) - 1)]


def test_a_sale_is_in_the_ledger_at_once():
    vtime.run(sold_at_once())


def test_a_day_offline_comes_in_when_the_line_does():
    vtime.run(offline_day())


def test_slips_ride_along_and_never_wake_the_link():
    vtime.run(slips_ride_along())


def test_lost_acks_are_asked_for_again_and_nothing_is_doubled():
    vtime.run(lost_acks())


def test_a_silent_fleet_is_asked_ever_less_often():
    vtime.run(patience_is_bounded())


def test_acks_doubled_late_and_out_of_order_change_nothing():
    vtime.run(doubled_and_reordered())


def test_a_welcome_makes_up_for_an_ack_that_a_power_cut_ate():
    vtime.run(ack_of_a_power_cut())


def test_a_ledger_restored_from_yesterday_gets_todays_sales_again():
    vtime.run(restored_ledger())


def test_two_pasts_stop_the_courier_and_not_the_stall():
    vtime.run(forked())
    vtime.run(fork_by_ack())


def test_a_ledger_that_knows_more_than_the_till_is_a_fork():
    vtime.run(ledger_ahead())


def test_a_till_that_the_fleet_does_not_know_sells_on_and_asks_again():
    vtime.run(unknown_key())


def test_what_leaves_the_till_is_signed():
    vtime.run(signed())


def test_a_batch_that_the_fleet_cannot_read_is_sent_again_with_patience():
    vtime.run(refused_batch())


def test_a_collector_that_comes_back_is_served_at_once():
    vtime.run(collector_comes_back())


def test_calls_come_after_1_s_doubling_to_60():
    vtime.run(schedule())


def test_every_wait_lies_within_30_percent():
    for i, (short, named, long) in enumerate(zip(vtime.run(jitter(0)), vtime.run(jitter(30)), vtime.run(jitter(60)))):
        assert (short, named, long) == (named * 7 // 10, min(1000 << i, 60_000), named * 13 // 10), i


def test_a_line_that_comes_up_is_used_at_once():
    vtime.run(another_line())


def test_there_is_no_call_without_a_line():
    vtime.run(only_while_there_is_a_line())


def test_an_idle_courier_sleeps():
    vtime.run(idle("line"))
    vtime.run(idle("off"))


def test_hostile_messages_are_logged_without_their_content():
    vtime.run(hostile())


def test_a_worn_card_delays_the_courier_and_nothing_else():
    vtime.run(failing_store())


def test_a_fleet_of_another_version_is_said_in_words_and_selling_goes_on():
    vtime.run(another_version())


def test_only_what_the_fleet_signed_for_may_go():
    vtime.run(anchored())
