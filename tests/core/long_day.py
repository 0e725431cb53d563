"""A day of two hundred sales, with all that comes between them, for both interpreters: what it leaves on the disk, sends
up, prints and shows is to be the same to the byte. Devices here keep hashes of what they saw: their memory is not the till's.

`python tests/core/play_long_day.py` plays it."""

import hashlib

from firmware.journal.codec import GENESIS, canonical, chain
from firmware.journal.desk import Desk
from firmware.journal.journal import Journal
from firmware.journal.rollup import Rollup
from firmware.sync import wire
from hal.ports import board as ports
from hal.ports.frame import Frame
from hal.ports.keys import LinkMoved
from hal.ports.slip import Line
from tests.core import vtime
from tests.core.board import AT_S, Bench
from tests.core.devices import Keys
from tests.core.office import FLEET, Document, Office

TILL = "STALL-0001"
IDLE_MS = 1_800_000
NOON_S = AT_S + 5 * 3600

# twenty sales: typed, PLU, barcode, quantities, parts of one, taken back, voided, parked and recalled, part paid, in the
# other language, with change, with a copy
HOUR = (
    "8 5 0 CASH OK",
    "F1 CASH CASH",
    "2 TIMES 1 2 PLU CASH F1",
    "F1 F2 F3 2 0 00 CASH",
    "0 . 2 5 TIMES 1 0 00 OK CASH OK",
    "1 4 PLU 3 TIMES F2 BACK CASH OK",
    "scan:5012345678900 F2 UP BACK CASH 1 0 00 OK",
    "1 2 PLU UP 5 TIMES CASH 4 0 00 OK",
    "7 7 PLU 1 9 9 OK CASH OK",
    "F3 hold:OK F1 CASH OK OK MENU 5 1 CASH OK",
    "2 TIMES 1 2 PLU 5 00 CASH CASH OK",
    "3 TIMES scan:5012345678900 CASH OK",
    "MENU 8 5 F2 CASH OK",
    "MENU 9 1 2 F1 scan:5012345678900 CASH OK",
    "F1 OK CASH 5 00 CASH",
    "PLU 1 3 OK OK CASH OK",
    "9 9 9 9 9 9 9 9 CASH OK",
    "MENU 9 1 1 F2 F2 F2 CASH OK PRINT",
    "F1 F2 CANCEL OK F3 scan:5012345678900 CASH OK",
)
SALES = 200


class Roll:
    """A hash over everything that was added, in order."""

    def __init__(self):
        self.value = bytes(32)

    def add(self, data):
        self.value = hashlib.sha256(self.value + data).digest()


class Panel(ports.Screen):
    """roll: every screen, by what an operator reads. sold: the number of the last sale that was paid."""

    def __init__(self, roll):
        self.frame, self.roll, self.sold = Frame("off", {}), roll, 0

    async def show(self, frame):
        self.frame = frame
        if frame.id == "paid":
            self.sold = int(frame.fields["no"])
        self.roll.add(frame.id.encode() + canonical(frame.fields))


class Paper(ports.Printer):
    """roll: every line."""

    def __init__(self, roll):
        self.roll = roll

    async def status(self):
        return ports.Printer.OK

    async def print(self, block):
        for element in block:
            if isinstance(element, Line):
                self.roll.add((element.left + "\t" + element.right).encode())


class Silence(ports.Sound, ports.Log):
    """Says and sounds nothing; keeps the last line for whoever asks why. tones: as Bench reads them."""

    def __init__(self):
        self.lines, self.tones = [""], [""]

    def tone(self, name):
        self.tones[0] = name

    def say(self, who, text):
        self.lines[0] = who + " " + text


class Fleet(ports.Link):
    """A broker with the fleet behind it. to, head: what the ledger holds. roll: all that came up. shelf: its documents."""

    def __init__(self):
        self.to, self.head, self.roll = 0, GENESIS, Roll()
        self.shelf, self.declined = Office(), 0

    def start(self, post, on_message):
        self.post, self.on_message = post, on_message

    async def connect(self, client_id, subscribe, will_topic, will, keepalive_s):
        self.move("online")

    async def disconnect(self):
        self.move("line")

    def move(self, state):
        """The line is "off", a "line", or "online"."""
        self.state, self.name, self.bars = state, "off" if state == "off" else "4g", 0 if state == "off" else 3
        self.post(LinkMoved())

    def deflate(self, data, dictionary):
        return data

    async def publish(self, topic, payload, qos, retain):
        self.roll.add(topic.encode() + payload)
        tail = wire.terminal_of(topic)[1]
        if tail == wire.UP_HELLO:
            self.say(wire.DN_WELCOME, wire.welcome(self.to, self.head, AT_S, docs=self.out()))
        elif tail == wire.UP_REQ:
            self.answer(wire.read_request(payload))
        elif tail == wire.UP_BATCH:
            self.book(wire.opened(TILL, payload, lambda data, dictionary: data))

    def book(self, batch):
        """Into the ledger, and the ack."""
        assert batch.first <= self.to + 1 and (batch.first != self.to + 1 or batch.prev == self.head)
        for line in batch.lines[self.to + 1 - batch.first :]:
            self.to, self.head = self.to + 1, chain(self.head, line)
        self.on_message(wire.topic(TILL, wire.DN_ACK), wire.ack(self.to, self.head))

    def answer(self, asked):
        """To a question: documents, and what became of them."""
        self.declined += asked["op"] == "declined"
        said = self.shelf.answer(asked["body"]) if asked["op"] == "doc" else {}
        self.say(wire.DN_RES, wire.answer(asked["id"], asked["op"], AT_S, said))

    def out(self):
        """kind -> newest version."""
        return {each.kind: each.version for each in self.shelf.out}

    def push(self, document):
        """This one is out from now on; a till that listens is told."""
        self.shelf.out.append(document)
        if self.state == "online":
            self.say(wire.DN_NOTICE, wire.notice(self.out()))

    def say(self, tail, payload):
        topic = wire.topic(TILL, tail)
        self.on_message(topic, wire.countersigned(topic, payload, FLEET.sign))


def prices(version, coffee):
    """The market's catalogue with another price for a coffee."""
    with open("config/profiles/market/catalogue.json", "rb") as file:
        return Document("catalogue", version, file.read().replace(b'"3.50"', b'"' + coffee + b'"'))


class Day:
    """after: called after each sale of the day. store: where it is all kept. last: keys at the end of it."""

    def __init__(self, store, after, last=""):
        self.store, self.after, self.last = store, after, last
        self.fleet, self.slips, self.screens = Fleet(), Roll(), Roll()

    def play(self):
        """All of it: a morning, a power cut at noon, an afternoon."""
        vtime.run(self._morning())
        vtime.run(self._afternoon())

    async def _morning(self):
        till = await self._till(AT_S)
        await self._hour(till)  # nobody has a line yet
        self.fleet.move("line")
        await self._hour(till)
        self.fleet.push(prices(1, b"4.00"))
        await self._hour(till)
        await self._coffee(till, "4.00")
        assert self.fleet.to > 3 * len(HOUR)
        self.fleet.move("off")
        await self._hour(till)
        await till.keys("MENU 6 2 1 7 OK OK BACK BACK")  # an old slip once more
        await self._hour(till)
        await till.keys("F3 hold:OK F1")  # one is parked, one lies on the counter, and the power goes

    async def _afternoon(self):
        till = await self._till(NOON_S)
        till.see("cart", total="4.00", lines="1")
        await till.keys("BACK MENU 5 1 BACK")
        self.fleet.move("line")
        await self._hour(till)
        self.fleet.push(Document("command", 1, b'{"do":"message","words":{"en":"Rain at four"}}'))
        await vtime.sleep_ms(1000)
        till.see("message", text="Rain at four")
        await till.keys("OK")
        await self._hour(till)
        self.fleet.push(prices(2, b"free"))
        await self._hour(till)
        assert self.fleet.declined == 1
        self.fleet.push(prices(3, b"3.75"))
        await self._hour(till)
        await self._coffee(till, "3.75")
        await self._hour(till)
        await self._evening(till)

    async def _evening(self, till):
        """The fleet has every sale, and the books are closed."""
        till.see("idle", queued="0")
        assert till.screen.sold == SALES
        main, desk = await self._heads()
        assert main.seq - self.fleet.to <= 1, "a slip's frame may wait for company, and nothing else"
        await till.keys(self.last)
        main, desk = await self._heads()
        self.heads = main.head + desk.head

    async def _heads(self):
        """Both journals, as somebody else finds them."""
        journals = [Journal(self.store, name, book, Silence()) for name, book in (("main", Rollup()), ("desk", Desk()))]
        for journal in journals:
            await journal.recover()
        return journals

    async def _till(self, at_s):
        till = Bench(store=self.store, at_s=at_s, keys=Keys(TILL.encode(), FLEET.public()))
        till.link, till.screen, till.printer = self.fleet, Panel(self.screens), Paper(self.slips)
        till.log = till.sound = Silence()
        return await till.boot()

    async def _hour(self, till):
        """Twenty sales, and then nobody for a while."""
        for words in HOUR:
            for word in words.split():
                await (till.scan(word[5:]) if word.startswith("scan:") else till.keys(word))
            await till.keys("OK")
            till.see("idle")
            self.after()
        await vtime.sleep_ms(IDLE_MS)

    async def _coffee(self, till, price):
        """What one costs by now; nobody wants it."""
        await till.keys("F1")
        till.see("cart", total=price, lines="1")
        await till.keys("BACK")

    def prints(self):
        """What both interpreters must agree on: (name, bytes) of each."""
        return (
            ("both journals, chained", self.heads),
            ("the journal, as it lies on the disk", self.store.print_of("main")),
            ("the desk, as it lies on the disk", self.store.print_of("desk")),
            ("documents, as they lie on the disk", self.store.print_of("doc")),
            ("sent up", self.fleet.roll.value),
            ("printed", self.slips.value),
            ("shown", self.screens.value),
        )
