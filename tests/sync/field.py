"""Where probes are judged: a real mosquitto, a witness with a collector's certificate and a real collector behind it, a
victim and a bystander. What counts is what was delivered and booked; what a broker answers proves nothing."""

import contextlib
import os
import socket
import subprocess
import time

from fleet import mosquitto
from fleet.collector import Collector
from fleet.ledger import Ledger
from sim.loopback import free_port
from tests.sync.papers import BYSTANDER, VICTIM, Papers
from tests.sync.raw_mqtt import Gone, Raw, trusting

READY_S = 20
AT_S = 1795271526
# everybody is whom he says he is, and may do everything: what each probe must get through, or it proves nothing
OPEN_HOUSE = """user {user}
persistence false
sys_interval 1
set_tcp_nodelay true
log_dest none
allow_anonymous true
listener {port} 127.0.0.1
cafile {place}/ca.crt
certfile {place}/server.crt
keyfile {place}/server.key
require_certificate false
tls_version tlsv1.1
ciphers ALL:@SECLEVEL=0
listener {door} 127.0.0.1
cafile {place}/ca.crt
certfile {place}/server.crt
keyfile {place}/server.key
listener {plain} 127.0.0.1
"""


class Credulous:
    """A collector that books whatever comes, for whomever it says: the control's."""

    def __init__(self, ledger):
        self.ledger = ledger
        self.count = 0

    def handle(self, topic, payload):
        self.count += 1
        row = (topic.split("/")[2], self.count, "sale", 1, payload, AT_S, 0, "GBP", 0)
        self.ledger.db.execute("INSERT INTO frames VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
        return []


class Field:
    """open_house: the control, a broker without any of our rules. Close it at the end."""

    def __init__(self, folder, open_house=False):
        self.papers = Papers(folder)
        self.open_house = open_house
        self.port = free_port(3)
        self.door, self.plain = self.port + 1, self.port + 2
        self.ledger = Ledger(":memory:")
        self.collector = Credulous(self.ledger) if open_house else Collector(self.ledger, lambda: AT_S)
        self.count = 0
        self.read = 0
        self.processes = [self.start(name) for name in self.configure()]
        self.await_broker()
        self.witness, self.victim, self.bystander = (self.dial(name) for name in ("collector-1", VICTIM, BYSTANDER))
        for topic in ("barrow/v1/+/up/#", "barrow/v1/+/st", "barrow/v1/claim/+/up"):
            self.witness.ask(topic)
        self.welcome_victim()
        self.caller = self.knock("bystander")
        self.caller.ask("barrow/v1/claim/bystander/dn")
        self.await_bridge()

    def configure(self):
        place = self.papers.broker
        if not self.open_house:
            mosquitto.write_config(place, self.port, self.door)
            return ["mosquitto.conf", "door.conf"]
        named = {"user": "root" if os.geteuid() == 0 else "nobody", "place": place}
        (place / "open.conf").write_text(OPEN_HOUSE.format(port=self.port, door=self.door, plain=self.plain, **named))
        return ["open.conf"]

    def start(self, name):
        return subprocess.Popen([mosquitto.find(), "-c", self.papers.broker / name], stderr=subprocess.DEVNULL)

    def await_broker(self):
        end = time.monotonic() + READY_S
        for port in (self.port, self.door):
            while True:
                with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                    break
                assert time.monotonic() < end, "mosquitto does not come up"
                time.sleep(0.01)

    def context(self, name=None, **kwargs):
        return trusting(self.papers.root, self.papers.paper[name] if name else None, **kwargs)

    def dial(self, name, level=4):
        """A session that is as it should be."""
        client = Raw(self.port, self.context(name), level)
        assert client.open(name) == 0
        return client

    def knock(self, claim):
        """A client at the door, with a client id of its own choice."""
        client = Raw(self.door, self.context())
        assert client.open(claim) == 0
        return client

    def welcome_victim(self):
        self.victim.ask(f"barrow/v1/{VICTIM}/dn/#")
        self.victim.ask("barrow/v1/all/dn/#")

    def await_bridge(self):
        """The first request through the door, said until it comes."""
        end = time.monotonic() + READY_S
        while time.monotonic() < end:
            self.caller.say("barrow/v1/claim/bystander/up", b"first")
            self.settle()
            if ("barrow/v1/claim/bystander/up", b"first") in self.witness.heard:
                return
            time.sleep(0.02)
        raise AssertionError("the door has no bridge")

    # ---- judging

    def token(self):
        """What no other probe says."""
        self.count += 1
        return f"probe-{self.count}-{os.urandom(4).hex()}".encode()

    def settle(self, door=False):
        """Whatever was published before this is delivered now; what the witness heard since the last time."""
        mark = self.token()
        self.bystander.say(f"barrow/v1/{BYSTANDER}/up/mark", mark)
        self.witness.await_topic(f"barrow/v1/{BYSTANDER}/up/mark", mark)
        if door:
            mark = self.token()
            self.caller.say("barrow/v1/claim/bystander/up", mark)
            self.witness.await_topic("barrow/v1/claim/bystander/up", mark)
        fresh, self.read = self.witness.heard[self.read :], len(self.witness.heard)
        return fresh

    def reached(self, token, door=False):
        """Where the witness heard this, the victim too; "" nowhere."""
        found = [topic for topic, payload in self.settle(door) if token in payload or token.decode() in topic]
        try:
            found += [f"the victim at {topic}" for topic, payload in self.victim_hears() if token in payload]
        except Gone:
            found.append(self.well())
        if door:
            found += [f"the one at the door at {topic}" for topic, payload in self.caller_hears() if token in payload]
        return ", ".join(found)

    def victim_hears(self):
        """All that was delivered to the victim up to now. Raises Gone when it was thrown off."""
        mark = self.token()
        self.witness.say(f"barrow/v1/{VICTIM}/dn/mark", mark)
        self.victim.await_topic(f"barrow/v1/{VICTIM}/dn/mark", mark)
        heard, self.victim.heard = self.victim.heard, []
        return heard

    def caller_hears(self):
        """All that was delivered to the one at the door up to now."""
        mark = self.token()
        self.witness.say("barrow/v1/claim/bystander/dn", mark)
        self.caller.await_topic("barrow/v1/claim/bystander/dn", mark)
        heard, self.caller.heard = self.caller.heard, []
        return heard

    def booked(self, messages):
        """Hand these to the collector; (terminal, payload) of what the ledger holds then."""
        for topic, payload in messages:
            self.collector.handle(topic, payload)
        return [(name, bytes(payload)) for name, payload in self.ledger.db.execute("SELECT terminal, payload FROM frames")]

    def well(self):
        """ "" while the broker serves everybody it should; else what is wrong, and it is mended."""
        try:
            self.victim_hears()
        except Gone as fault:
            self.victim = self.dial(VICTIM)
            self.welcome_victim()
            return f"the victim was thrown off: {fault}"
        return ""

    def secrets(self):
        """Publish what only its reader may hear; a token that is in all of it."""
        token = self.token()
        self.witness.say(f"barrow/v1/{VICTIM}/dn/ack", token)
        self.bystander.say(f"barrow/v1/{BYSTANDER}/up/batch", token)
        self.witness.say("barrow/v1/claim/somebody/dn", token)
        self.caller.say("barrow/v1/claim/bystander/up", token)
        self.settle(door=True)
        return token

    def close(self):
        for client in (self.witness, self.victim, self.bystander, self.caller):
            client.close()
        for process in reversed(self.processes):
            process.terminate()
            process.wait(10)
        self.ledger.close()
