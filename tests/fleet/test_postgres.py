"""What must hold on both databases when several write at once, when one of them dies, and when the database does."""

import asyncio
import random
import threading

import pytest

from firmware.journal.codec import GENESIS
from firmware.sync import wire
from fleet import schema
from fleet.clerk import Clerk
from fleet.collector import Collector
from fleet.connect import connect
from fleet.db import DbDown, DbFault, WrongLedger
from fleet.ledger import Ledger
from fleet.trust import Trust
from hal.keystore import seeded
from sim.broker import Broker
from tests.fleet.cluster import Cluster, need
from tests.fleet.till import KEYS, TILL, batch, deflated, head, met, sales

NOW = 1795271526


def clerk(where, log=None, heard=(TILL, "BARROW-0002", "BARROW-0003")):
    """heard: tills whose key the ledger knows."""
    lines = [] if log is None else log
    ledger = Ledger(where)
    for name in heard:
        met(ledger, name)
    return Clerk(ledger, lambda: NOW, lines.append, None)


def message(lines, first=1, terminal=TILL, keys=KEYS):
    text = wire.pack_batch(terminal, first, head(sales(first - 1)), lines, keys.sign)
    return wire.topic(terminal, wire.UP_BATCH), deflated(text)


def hello(lines, keys, boot, utc, terminal=TILL):
    topic = wire.topic(terminal, wire.UP_HELLO)
    return topic, wire.signed(topic, wire.hello(boot, 0, len(lines), head(lines), utc, True, "0.1.0"), keys)


def acked(answers):
    return [wire.read_ack(payload)["to"] for told in answers for topic, payload in told if topic.endswith(wire.DN_ACK)]


# ---- one language


def test_a_transaction_within_another_fails_alone(where):
    ledger = Ledger(where)
    with ledger.db.transaction():
        ledger.alarm(TILL, "one", 0, "", 1)
        with pytest.raises(ZeroDivisionError), ledger.db.transaction():
            ledger.alarm(TILL, "two", 0, "", 1)
            raise ZeroDivisionError
        with pytest.raises(DbFault), ledger.db.transaction():
            ledger.db.execute("INSERT INTO alarms VALUES (1)")
        ledger.alarm(TILL, "three", 0, "", 2)
    assert [alarm[1] for alarm in ledger.alarms()] == ["one", "three"]
    with pytest.raises(ZeroDivisionError), ledger.db.transaction():
        ledger.alarm(TILL, "four", 0, "", 1)
        raise ZeroDivisionError
    assert len(ledger.alarms()) == 2
    ledger.close()


def test_a_fault_that_was_swallowed_does_not_pass_for_a_commit(where):
    ledger = Ledger(where)
    fault = None
    try:
        with ledger.db.transaction():
            ledger.alarm(TILL, "one", 0, "", 1)
            with pytest.raises(DbFault):
                ledger.db.execute("INSERT INTO alarms VALUES (1)")
    except DbFault as raised:
        fault = raised
    assert (fault is None) == (len(ledger.alarms()) == 1)
    ledger.close()


def test_a_ledger_of_a_later_barrow_is_refused(where):
    db = connect(where)
    db.settle([*schema.VERSIONS, "CREATE TABLE later(a INTEGER)"])
    db.close()
    with pytest.raises(WrongLedger, match=f"version {len(schema.VERSIONS) + 1}"):
        Ledger(where)


def test_a_ledger_grows_version_by_version(where):
    db = connect(where)
    db.settle(schema.VERSIONS[:2])
    row = (TILL, 2, "kind: no short text", b"x" * 999, 1)
    db.execute("INSERT INTO quarantine VALUES (?, ?, ?, ?, ?)", row)
    db.close()
    for _ in range(2):
        ledger = Ledger(where)
        assert ledger.quarantined() == [(TILL, 2, "kind: no short text")]
        assert ledger.quarantined_at(TILL, 2) == [("kind: no short text", b"x" * 999, 1)]
        ledger.close()


def test_many_open_it_at_once(where):
    faults = []

    def opened():
        try:
            Ledger(where).close()
        except Exception as fault:
            faults.append(fault)

    threads = [threading.Thread(target=opened) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert faults == []


# ---- groups


def test_a_group_is_one_transaction_and_each_gets_its_answer(where):
    mind = clerk(where)
    group = [
        message(sales(3)), message(sales(2), terminal="BARROW-0002"), message(sales(2, 4), 4), message(sales(3)),
        message(sales(1, 9), 9), ("barrow/v1/BARROW-0003/up/batch", b"\1rubbish"), message(sales(4, 2), 2),
    ]  # fmt: skip
    answers = mind.handle(group)
    told = [wire.read_ack(payload) for [(_, payload)] in answers]
    assert [ack["to"] for ack in told] == [3, 2, 5, 5, 5, 0, 5]
    assert [ack["err"] for ack in told] == ["", "", "", "", "", "form", ""] and told[4]["gap"] == 9
    assert mind.ledger.head(TILL) == (5, head(sales(5))) and mind.ledger.refused() == 0
    mind.ledger.close()


def test_one_that_the_database_refuses_stops_nobody(where):
    log = []
    mind = clerk(where, log)
    mind.ledger.db.execute("INSERT INTO frames VALUES (?, 2, 'sale', 1, ?, 1, 1, 'GBP', 1)", ("BARROW-0002", b"{}"))
    answers = mind.handle(
        [message(sales(3)), message(sales(3), terminal="BARROW-0002"), message(sales(2), terminal="BARROW-0003")]
    )
    assert [len(told) for told in answers] == [1, 0, 1] and acked(answers) == [3, 2]
    assert [line for line in log if line.startswith("BARROW-0002: the ledger failed")]
    mind.ledger.close()


def test_two_collectors_on_one_stream(where):
    """Every message to one of two, each doubled now and then, groups of any size, hellos in any order: each row once."""
    dice = random.Random(11)
    names = [f"BARROW-{number:04d}" for number in range(1, 6)]
    keys = {name: seeded(number, name) for number, name in enumerate(names)}
    minds = [clerk(where, heard=()), clerk(where, heard=())]
    to = dict.fromkeys(names, 0)
    minds[0].handle([hello([], keys[name], 1, NOW, name) for name in names])

    def turn(mind, messages, answers):
        answers += mind.handle(messages)

    for step in range(1, 7):
        shares, answers = ([], []), []
        for name in names:
            each = [message(sales(5, to[name] + 1), to[name] + 1, name, keys[name])]
            each.append(hello(sales(to[name]), keys[name], 1, NOW + step, name))  # said before the batch, heard whenever
            each += dice.choices(each, k=2)
            for one in each:
                shares[dice.randrange(2)].append(one)
        for share in shares:
            dice.shuffle(share)
        threads = [threading.Thread(target=turn, args=(mind, share, answers)) for mind, share in zip(minds, shares)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert acked(answers)
        to = {name: minds[0].ledger.head(name)[0] for name in names}
        assert set(to.values()) == {5 * step}
    ledger = minds[0].ledger
    assert len(list(ledger.records("sale"))) == 5 * 30 and ledger.alarms() == [] and ledger.quarantined() == []
    assert all(Trust(ledger).chain_at(name, 30) == head(sales(30)) for name in names)
    for mind in minds:
        mind.ledger.close()


def test_what_was_committed_and_not_acknowledged_is_acknowledged_again(where):
    first = clerk(where)
    first.handle([message(sales(5))])  # and here it was killed: nobody heard the answer
    again = clerk(where)
    assert acked(again.handle([message(sales(5)), message(sales(3, 6), 6)])) == [5, 8]
    assert len(list(again.ledger.records())) == 8 and again.ledger.alarms() == []
    for mind in (first, again):
        mind.ledger.close()


def test_a_restored_ledger_gets_again_what_it_lost(where):
    mind = clerk(where)
    keys = seeded(1, TILL)
    mind.handle([hello([], keys, 1, NOW), message(sales(8), keys=keys)])
    with mind.ledger.db.transaction():  # yesterday's backup
        for table in ("frames", "anchors"):
            mind.ledger.db.execute(f"DELETE FROM {table} WHERE seq > 5")
        mind.ledger.db.execute("UPDATE heads SET seq = 5, h = ?", (head(sales(5)),))
    [[(_, told)]] = mind.handle([hello(sales(8), keys, 1, NOW + 60)])
    assert (wire.read_welcome(told)["ack"], wire.read_welcome(told)["err"]) == (5, "")
    assert acked(mind.handle([message(sales(3, 6), 6, keys=keys)])) == [8]
    assert len(list(mind.ledger.records())) == 8 and mind.ledger.alarms() == []
    mind.ledger.close()


def test_a_stranger_that_is_refused_leaves_no_head(where):
    mind = clerk(where, heard=())
    mind.handle([("barrow/v1/MADE-UP-1/up/batch", b"\1rubbish"), ("barrow/v1/MADE-UP-2/up/hello", b"{}")])
    assert mind.ledger.terminals() == []
    mind.ledger.close()


def test_terminals_say_what_was_last_heard(where):
    mind = clerk(where, heard=["BARROW-0002"])
    keys = seeded(1, TILL)
    mind.handle([hello(sales(7), keys, 77, NOW)])
    mind.handle([message(sales(5), keys=keys), message(sales(1), terminal="BARROW-0002")])
    assert mind.ledger.terminals() == [
        (TILL, 5, head(sales(5)), NOW, 77, "0.1.0", 7, keys.public()),
        ("BARROW-0002", 1, head(sales(1)), NOW, 0, "", 0, KEYS.public()),
    ]
    mind.ledger.close()


# ---- a database that goes away


def test_a_server_that_dies_is_down_and_then_back(monkeypatch):
    need()
    cluster = Cluster()
    try:
        cluster.up()
        mind = clerk(cluster.url())
        assert acked(mind.handle([message(sales(3))])) == [3]
        cluster.kill()
        with pytest.raises(DbDown, match="postgresql://127"):
            mind.handle([message(sales(2, 4), 4)])
        with pytest.raises(DbDown):
            mind.ledger.probe()
        with pytest.raises(DbDown):
            Ledger(cluster.url())
        cluster.up()
        assert acked(mind.handle([message(sales(2, 4), 4)])) == [5]
        assert len(list(mind.ledger.records())) == 5
        mind.ledger.close()
    finally:
        cluster.remove()


def test_a_connection_that_dies_in_the_middle_books_nothing(cluster):
    """Not even when somebody swallows the fault: what is said on a new connection is not the old one's transaction."""
    db = connect(cluster.url())
    db.execute("CREATE SCHEMA lost")
    ledger = Ledger(cluster.url(options="-csearch_path%3Dlost"))
    [(process,)] = ledger.db.execute("SELECT pg_backend_pid()")
    with pytest.raises(DbDown), ledger.db.transaction():
        ledger.alarm(TILL, "one", 0, "", 1)
        db.execute("SELECT pg_terminate_backend(?)", (process,))
        for _ in range(2):
            try:
                ledger.alarm(TILL, "two", 0, "", 1)
            except DbDown:
                continue
    assert ledger.alarms() == [] and ledger.take(batch(sales(1)), 1).to == 1
    ledger.close()
    db.close()


class Gone:
    """A clerk whose ledger is down while it is told so."""

    def __init__(self, mind):
        self.mind, self.down, self.tried = mind, False, 0
        self.handled, mind.handle = mind.handle, self.handle
        self.probed, mind.ledger.probe = mind.ledger.probe, self.probe

    def handle(self, messages):
        self.probe()
        return self.handled(messages)

    def probe(self):
        self.tried += 1
        if self.down:
            raise DbDown("gone")


def test_a_collector_without_its_ledger_leaves_the_broker_and_comes_back():
    from sim.clock import run

    async def story():
        broker, log = Broker(), []
        collector = Collector(Ledger(":memory:"), lambda: NOW, log.append)
        met(collector.clerk.ledger)
        gone = Gone(collector.clerk)

        async def dial():
            return broker.connect()

        running = asyncio.create_task(collector.run(dial))
        await asyncio.sleep(1)
        broker.publish(*message(sales(2)), 1, False)
        await asyncio.sleep(1)
        assert collector.ledger.head(TILL)[0] == 2 and list(broker.sessions) == ["collector"]
        gone.down = True
        for number in range(1500):
            broker.publish(*message(sales(2, 3), 3), 1, False)
            await asyncio.sleep(0.01 if number % 100 == 0 else 0)
        assert broker.sessions == {} and collector.intake.waiting == 0, "it holds what it cannot book"
        await asyncio.sleep(600)
        assert broker.sessions == {} and gone.tried < 60 and "nothing is acknowledged: gone" in log[-1]
        assert collector.ledger.head(TILL) == (2, head(sales(2)))
        gone.down = False
        broker.publish(wire.topic(TILL, wire.STATE), wire.state(True, 1), 1, True)
        await asyncio.sleep(20)
        assert list(broker.sessions) == ["collector"]
        broker.publish(*message(sales(2, 3), 3), 1, False)
        await asyncio.sleep(1)
        assert collector.ledger.head(TILL) == (4, head(sales(4)))
        running.cancel()

    run(story())


def test_the_url_is_shown_without_its_password_and_a_wrong_one_is_said_in_words():
    with pytest.raises(DbDown) as told:
        connect("postgresql://fleet:topsecret@127.0.0.1:1/nothing")
    assert "topsecret" not in str(told.value) and "127.0.0.1:1/nothing" in str(told.value)
    with pytest.raises(WrongLedger):
        connect("postgresql://[broken")


def test_genesis_is_where_an_unknown_till_stands(where):
    ledger = Ledger(where)
    assert ledger.head("NOBODY-1") == (0, GENESIS) and ledger.terminals() == []
    ledger.close()
