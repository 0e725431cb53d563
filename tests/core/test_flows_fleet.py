"""A fleet that takes nothing from this till: the operator is told, the lamp is lit, and the stall sells on."""

from firmware.sync import wire
from hal.ports import board as ports
from hal.ports.keys import LinkMoved
from tests.core import vtime
from tests.core.board import Bench

TILL = "STALL-0001"


class Office(ports.Link):
    """A broker, and a collector that answers every hello with `answer`, (tail of the topic, payload), and no batch."""

    answer = (wire.DN_WELCOME, wire.welcome(0, bytes(32), 0))

    def start(self, post, on_message):
        self.post, self.on_message = post, on_message

    async def connect(self, client_id, subscribe, will_topic, will, keepalive_s):
        self.state = "online"
        self.post(LinkMoved())

    async def publish(self, topic, payload, qos, retain):
        if wire.terminal_of(topic)[1] == wire.UP_HELLO:
            self.say(*self.answer)

    async def disconnect(self):
        self.state = "line"

    def deflate(self, data, dictionary):
        return data

    def say(self, tail, payload):
        self.on_message(wire.topic(TILL, tail), payload)

    def raise_line(self):
        self.state, self.name, self.bars = "line", "wifi", 3
        self.post(LinkMoved())


FORK = (wire.DN_WELCOME, wire.welcome(9, bytes(range(32)), 0, "fork", 1))
KEY = (wire.DN_ACK, wire.ack(0, bytes(32), err="key"))


def run(story):
    """A story of a booted till whose line leads to an Office."""

    async def whole():
        till = Bench()
        till.link = Office()
        await story(await till.boot())
        assert till.died is None, till.died

    vtime.run(whole())


def told(answer, words):
    """The story of a till that hears this, and then that all is well."""

    async def story(till):
        assert not till.light.lit.get("alarm")
        till.link.answer = answer
        till.link.raise_line()
        await vtime.sleep_ms(10)
        till.see("notice", text=words)
        assert till.light.lit["alarm"]
        await till.keys("OK F1 CASH OK")
        till.see("paid", no="0001", total="3.50")
        assert len(await till.records("sale")) == 1
        await till.keys("OK")
        till.see("idle")
        await vtime.sleep_ms(900_000)
        till.see("idle")
        assert till.light.lit["alarm"], "it was told once, and the lamp stays"
        till.link.answer = Office.answer
        till.link.say(*Office.answer)
        await vtime.sleep_ms(10)
        assert not till.light.lit["alarm"]

    run(story)


def test_a_fork_is_told_and_the_stall_sells_on():
    told(FORK, "Fleet: not our past")


def test_a_key_that_the_fleet_does_not_know_is_told_and_the_stall_sells_on():
    told(KEY, "Fleet: unknown till")


def test_a_sale_in_hand_is_never_covered():
    async def story(till):
        await till.keys("F1")
        till.link.answer = FORK
        till.link.raise_line()
        await till.keys("F2")
        till.see("cart", total="6.00", lines="2")
        assert till.light.lit["alarm"]
        await till.keys("CASH OK OK")
        till.see("notice", text="Fleet: not our past")

    run(story)
