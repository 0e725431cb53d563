"""The bench's broker, byte by byte against the standard (mqtt-v3.1.1-os), so that what passes on it passes elsewhere."""

import asyncio
import random

import pytest

from sim.broker import Broker
from sim.clock import run
from sim.packets import Violation, fits, length, packets

CONNECT = "1010 0004 4d515454 04 02 003c 0004 54494c4c"  # TILL, clean session, keepalive 60
CONNACK = "20020000"


def text(s):
    return f"{len(s):04x}" + s.encode().hex()


def packet(head, body):
    body = body.replace(" ", "")
    return head + length(len(body) // 2).hex() + body


def connect(name, flags="02", keepalive="0000", rest=""):
    return packet("10", text("MQTT") + "04" + flags + keepalive + text(name) + rest)


class Wire:
    """One client's bare socket."""

    def __init__(self, broker):
        self.sock = broker.connect()

    async def say(self, *what):
        """Send these bytes; what came back, or None when the connection is closed."""
        for each in what:
            self.sock.send(bytes.fromhex(each))
        return await self.hear()

    async def hear(self):
        await asyncio.sleep(0)
        await asyncio.sleep(0.001)
        try:
            data = self.sock.recv(1 << 20)
        except BlockingIOError:
            return ""
        return data.hex() if data else None


def story(tell):
    def test():
        async def whole():
            broker = Broker()
            await tell(broker)

        run(whole())

    return test


@story
async def test_a_greeting_and_a_ping(broker):
    wire = Wire(broker)
    assert await wire.say(CONNECT) == CONNACK
    assert await wire.say("c000") == "d000"
    assert broker.violations == []


@story
async def test_a_message_reaches_who_asked_for_it_at_the_lower_qos(broker):
    one, two = Wire(broker), Wire(broker)
    await one.say(connect("ONE"))
    await two.say(connect("TWO"))
    assert (
        await one.say(packet("82", "0007" + text("a/+/c") + "00" + text("a/#") + "01" + text("$SYS/#") + "02"))
        == "90050007000101"
    )
    assert await two.say(packet("32", text("a/b/c") + "0009" + "abcd")) == "40020009"
    assert await one.hear() == packet("32", text("a/b/c") + "0001" + "abcd")  # once, at the best of both filters
    assert await two.say(packet("30", text("a/x") + "01")) == ""
    assert await one.hear() == packet("30", text("a/x") + "01")
    assert await one.say(packet("a2", "0008" + text("a/#"))) == "b0020008"
    await two.say(packet("30", text("a/x") + "02"))
    assert await one.hear() == ""


@story
async def test_retained_messages_wait_and_an_empty_one_clears(broker):
    one, two = Wire(broker), Wire(broker)
    await one.say(connect("ONE"), packet("31", text("st/1") + "aa"))
    await one.say(packet("31", text("st/2") + "bb"), packet("31", text("st/2")), packet("33", text("st/3") + "0001" + "dd"))
    await two.say(connect("TWO"))
    waiting = packet("31", text("st/1") + "aa") + packet("33", text("st/3") + "0001" + "dd")  # each at its own QoS
    assert await two.say(packet("82", "0001" + text("st/+") + "01")) == "9003000101" + waiting
    await one.say(packet("31", text("st/1") + "cc"))
    assert await two.hear() == packet("30", text("st/1") + "cc")  # live: not marked as retained


@story
async def test_the_will_is_for_those_who_did_not_say_goodbye(broker):
    watcher = Wire(broker)
    await watcher.say(connect("WATCH"), packet("82", "0001" + text("#") + "00"))
    will = text("st/x") + text("gone")
    polite, cut, taken = Wire(broker), Wire(broker), Wire(broker)
    await polite.say(connect("POLITE", "26", "0000", will))
    assert await polite.say("e000") is None and await watcher.hear() == ""
    await cut.say(connect("CUT", "26", "0000", will))
    cut.sock.close()
    assert await watcher.hear() == packet("30", text("st/x") + b"gone".hex())
    await taken.say(connect("TAKEN", "26", "0000", will))
    assert await Wire(broker).say(connect("TAKEN")) == CONNACK  # 3.1.4: the older of two goes
    assert await taken.hear() is None and await watcher.hear() != ""


@story
async def test_silence_beyond_one_and_a_half_keepalives_ends_the_session(broker):
    wire = Wire(broker)
    await wire.say(CONNECT)
    await asyncio.sleep(89)
    assert await wire.say("c000") == "d000"
    await asyncio.sleep(89.9)
    assert await wire.hear() == ""
    await asyncio.sleep(0.2)
    assert await wire.hear() is None


@story
async def test_a_crash_forgets_all_and_refuses_until_it_is_up(broker):
    wire = Wire(broker)
    await wire.say(connect("ONE", "26", "0000", text("st") + text("x")), packet("31", text("st/1") + "aa"))
    broker.down()
    assert await wire.hear() is None and broker.retained == {}
    with pytest.raises(ConnectionRefusedError):
        broker.connect()
    broker.up()
    assert await Wire(broker).say(CONNECT) == CONNACK


WRONG = {
    "before CONNECT": ["c000"],
    "CONNECT twice": [CONNECT, CONNECT],
    "another protocol": [packet("10", text("MQIsdp") + "0302003c" + text("X"))],
    "a session that stays": [connect("X", "00")],
    "a reserved flag": [connect("X", "03")],
    "no name": [connect("")],
    "QoS 2": [CONNECT, packet("34", text("a") + "0001")],
    "QoS 3": [CONNECT, packet("36", text("a") + "0001")],
    "a wildcard in a topic": [CONNECT, packet("30", text("a/#"))],
    "an empty topic": [CONNECT, packet("30", text(""))],
    "SUBSCRIBE with wrong flags": [CONNECT, packet("80", "0001" + text("a") + "00")],
    "text that is not UTF-8": [CONNECT, packet("30", "0002fffe")],
    "a null in a text": [CONNECT, packet("30", "000100")],
    "a body that ends too early": [CONNECT, packet("30", "0009aa")],
    "a length of five bytes": [CONNECT, "30ffffffff01"],
    "a packet too large": [CONNECT, "30ffffff7f"],
    "a packet type that servers send": [CONNECT, CONNACK],
    "a packet type that there is not": [CONNECT, "f000"],
}


@pytest.mark.parametrize("name", WRONG)
def test_what_the_standard_forbids_ends_the_session_aloud(name):
    async def tell():
        broker = Broker()
        assert await Wire(broker).say(*[each.replace(" ", "") for each in WRONG[name]]) in (None, CONNACK)
        assert len(broker.violations) == 1, broker.violations
        assert await Wire(broker).say(CONNECT) == CONNACK  # and nobody else's

    run(tell())


def test_mqtt_5_is_told_that_this_broker_speaks_3_1_1():
    async def tell():
        broker = Broker()
        assert await Wire(broker).say(packet("10", text("MQTT") + "0502003c00" + text("X")).replace(" ", "")) == "20020001"
        assert broker.violations == []

    run(tell())


def test_packets_come_whole_however_they_are_cut():
    stream = b"".join(bytes((0x30,)) + length(n) + bytes(n) for n in (0, 1, 127, 128, 16_383, 16_384, 100_000)) * 2
    dice, buffer, sizes = random.Random(1), bytearray(), []
    at = 0
    while at < len(stream):
        step = dice.choice((1, 2, 3, 1000, 70_000))
        buffer += stream[at : at + step]
        at += step
        sizes += [len(body) for _, _, body in packets(buffer)]
    assert sizes == [0, 1, 127, 128, 16_383, 16_384, 100_000] * 2 and not buffer


def test_noise_never_gets_past_a_violation():
    dice = random.Random(2)

    async def tell():
        broker = Broker()
        for _ in range(500):
            await Wire(broker).say(CONNECT.replace(" ", ""), dice.randbytes(dice.randrange(1, 60)).hex())
        assert await Wire(broker).say(CONNECT) == CONNACK

    run(tell())


@pytest.mark.parametrize(
    ("wanted", "topic", "does"),
    [
        ("a/b", "a/b", True), ("a/b", "a/b/c", False), ("a/+", "a/b", True), ("a/+", "a", False), ("a/+", "a/", True),
        ("a/#", "a", True), ("a/#", "a/b/c", True), ("#", "x/y", True), ("#", "$SYS/x", False), ("+/x", "$SYS/x", False),
        ("$SYS/#", "$SYS/x", True), ("/+", "/x", True), ("barrow/v1/+/up/#", "barrow/v1/T/up/batch", True),
    ],
)  # fmt: skip
def test_filters(wanted, topic, does):
    assert fits(wanted, topic) == does


def test_the_length_of_a_packet_is_at_most_four_bytes():
    with pytest.raises(Violation):
        list(packets(bytearray.fromhex("30ffffffff7f")))
