"""Orders from the fleet as the operator meets them, on both interpreters, and what of them a power cut leaves."""

import json

from firmware.sync import wire
from hal.ports import board as ports
from hal.ports.keys import LinkMoved
from tests.core import vtime
from tests.core.board import AT_S, Bench
from tests.core.devices import Keys
from tests.core.office import FLEET, Document, Office
from tests.core.sparse_store import SparseStore

TILL = "STALL-0001"


class Depot(ports.Link):
    """A broker and a collector that gives out what is on its shelf. taken: every batch is acknowledged by nobody."""

    def __init__(self, *shelf):
        self.shelf = Office(shelf)
        self.declined = []

    def start(self, post, on_message):
        self.post, self.on_message = post, on_message

    async def connect(self, client_id, subscribe, will_topic, will, keepalive_s):
        self.state = "online"
        self.post(LinkMoved())

    async def publish(self, topic, payload, qos, retain):
        tail = wire.terminal_of(topic)[1]
        if tail == wire.UP_HELLO:
            out = {each.kind: max([one.version for one in self.shelf.out if one.kind == each.kind]) for each in self.shelf.out}
            self.say(wire.DN_WELCOME, wire.welcome(0, bytes(32), AT_S, docs=out))
        elif tail == wire.UP_REQ:
            asked = wire.read_request(payload)
            if asked["op"] == "declined":
                self.declined.append(asked["body"]["why"])
            said = self.shelf.answer(asked["body"]) if asked["op"] == "doc" else {}
            self.say(wire.DN_RES, wire.answer(asked["id"], asked["op"], AT_S, said))

    async def disconnect(self):
        self.state = "line"

    def deflate(self, data, dictionary):
        return data

    def say(self, tail, payload):
        topic = wire.topic(TILL, tail)
        self.on_message(topic, wire.countersigned(topic, payload, FLEET.sign))

    def raise_line(self):
        self.state, self.name, self.bars = "line", "wifi", 3
        self.post(LinkMoved())


def prices(version, coffee):
    """The market's catalogue with another price for a coffee."""
    with open("config/profiles/market/catalogue.json", "rb") as file:
        items = json.loads(file.read())["items"]
    for item in items:
        if item["code"] == "11":
            item["price"] = coffee
    return Document("catalogue", version, json.dumps({"items": items}).encode())


def order(version, **said):
    return Document("command", version, json.dumps(said).encode())


def story(telling, *shelf, store=None):
    """A till whose line leads to a depot, from its boot on."""

    async def whole():
        till = Bench(store=store, keys=Keys(TILL.encode(), FLEET.public()))
        till.link = Depot(*shelf)
        await till.boot()
        await telling(till)
        assert till.died is None, till.died

    vtime.run(whole())


def test_a_price_changes_between_two_sales_and_is_there_after_a_power_cut():
    store = SparseStore()

    async def first(till):
        await till.keys("F1")
        till.link.raise_line()
        await vtime.sleep_ms(5000)
        await till.keys("F1")
        till.see("cart", total="7.00", lines="1")
        await till.keys("CASH OK OK F1")
        till.see("cart", total="4.00", lines="1")
        await till.keys("BACK")
        assert [record["version"] for record in await till.records("document")] == [1]

    async def second(till):
        await till.keys("F1")
        till.see("cart", total="4.00", lines="1")

    story(first, prices(1, "4.00"), store=store)
    story(second, store=store)


def test_a_wrong_row_changes_nothing_and_is_told():
    async def tell(till):
        till.link.raise_line()
        await vtime.sleep_ms(5000)
        await till.keys("F1")
        till.see("cart", total="3.50", lines="1")
        assert len(till.link.declined) == 1 and "row 1" in till.link.declined[0]
        assert not await till.records("document")

    story(tell, prices(1, "free"))


def test_locked_with_a_cart_on_the_counter():
    store = SparseStore()
    lock = order(1, do="lock", words={"en": "Closed", "zh": "关门"})

    async def first(till):
        await till.keys("F1 F2")
        till.link.raise_line()
        await vtime.sleep_ms(1000)
        till.see("locked", text="Closed")
        await till.keys("CASH OK F1 MENU")
        till.see("locked", text="Closed")
        assert till.refused()

    async def second(till):
        till.see("locked", text="Closed")
        till.link.raise_line()
        await vtime.sleep_ms(1000)
        till.see("cart", total="6.00", lines="2")
        assert [record["order"]["do"] for record in await till.records("document")] == ["lock", "unlock"]

    story(first, lock, store=store)
    story(second, lock, order(2, do="unlock"), store=store)


def test_a_message_stays_until_a_key_has_answered_it():
    store = SparseStore()
    hello = order(1, do="message", words={"en": "Hello"})

    async def first(till):
        till.link.raise_line()
        await vtime.sleep_ms(1000)
        till.see("message", text="Hello")

    async def second(till):
        till.see("message", text="Hello")
        await till.keys("F1")
        till.see("cart", total="3.50", lines="1")
        assert [record["version"] for record in await till.records("read")] == [1]

    async def third(till):
        till.see("cart", total="3.50", lines="1")

    story(first, hello, store=store)
    story(second, store=store)
    story(third, store=store)


def test_a_long_message_is_read_part_by_part_and_waits_while_one_sells():
    store = SparseStore()
    first = "请到市场北门的办公室来，领取新的价签、收据纸卷和明天的摊位号；"
    said = order(1, do="message", words={"en": first + "下午五点以前，请把今天的现金交到总部，谢谢！"})

    async def reading(till):
        till.link.raise_line()
        await vtime.sleep_ms(1000)
        till.see("message", text=first)
        assert till.screen.frame.title.s == "Office 1/2"
        await till.keys("OK")
        till.see("message", text="下午五点以前，请把今天的现金交到总部，谢谢！")
        await till.keys("BACK")
        till.see("message", text=first)
        await till.keys("F1")
        till.see("cart", total="3.50", lines="1")
        assert await till.records("read") == []
        await till.keys("BACK")
        till.see("message", text=first)
        await till.keys("DOWN OK")
        till.see("idle")
        assert [record["version"] for record in await till.records("read")] == [1]

    story(reading, said, store=store)


def test_all_that_a_lock_says_can_be_read():
    words = "请到市场北门的办公室来，领取新的价签、收据纸卷和明天的摊位号；下午五点以前，请把今天的现金交到总部。"

    async def reading(till):
        till.link.raise_line()
        await vtime.sleep_ms(1000)
        till.see("locked", text=words)
        found = [till.screen.frame.heading.s]
        await till.keys("OK")
        assert till.refused()
        found.append(till.screen.frame.heading.s)
        await till.keys("OK")
        assert "".join(found) == words and till.screen.frame.heading.s == found[0]

    story(reading, order(1, do="lock", words={"zh": words}))


def test_rot_brings_back_the_prices_before_and_says_so():
    store = SparseStore()

    async def taken(till):
        till.link.raise_line()
        await vtime.sleep_ms(5000)

    async def rotten(till):
        till.see("notice", text="Fleet data damaged")
        await till.keys("F1")
        till.see("cart", total="4.00", lines="1")

    story(taken, prices(1, "4.00"), store=store)
    story(taken, prices(1, "4.00"), prices(2, "4.50"), store=store)
    store.flip("doc-catalogue-00000002.seg", 2100)
    story(rotten, store=store)
