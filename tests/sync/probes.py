"""What an attacker tries against the fleet's broker, one by one (reliability.md 4.2, S1).

A probe gets a Field and says what got through, "" when nothing did. `open` marks those that must get through where no rule
of ours stands: a probe that nothing lets through proves nothing. The others harm the broker itself, or the ledger."""

import contextlib
import json
import socket
import ssl
import zlib
from collections.abc import Callable
from dataclasses import dataclass

from firmware.journal.codec import GENESIS, canonical, chain
from firmware.sync import wire
from hal import keystore
from tests.sync.papers import BYSTANDER, MINE, VICTIM
from tests.sync.raw_mqtt import Gone, Raw, connect_packet, packet, publish_packet, subscribe_packet, text
from tests.sync.stack import sale

OLD = "ALL:@SECLEVEL=0"
CLAIM = "barrow/v1/claim"


@dataclass(frozen=True)
class Probe:
    """act(field) is what got through."""

    name: str
    act: Callable
    open: bool = True


def top(who, tail):
    return f"barrow/v1/{who}/{tail}"


@contextlib.contextmanager
def thwarted():
    """Being thrown out, or not let in, is one way to fail."""
    try:
        yield
    except Gone:
        return


# ---- who gets in at all


def intruder(paper, level=4, client_id=None, user=None, door=False, port="port", **kwargs):
    """Come with this certificate, and speak for the till whose name it would have; listen to another."""

    def act(field):
        token = field.token()
        heard = []
        with thwarted():
            # a plain socket where no TLS is spoken
            context = None if paper is False else field.context(paper, **kwargs)
            client = Raw(getattr(field, port if field.open_house else "port"), context, level)
            with contextlib.closing(client), thwarted():
                if client.open(client_id if client_id is not None else MINE, user=user) == 0:
                    for who in (MINE, VICTIM):
                        client.send(publish_packet(top(who, "up/batch"), token, level))
                    client.ping()
                    client.ask(top(VICTIM, "dn/#"))
                    secret = field.secrets()
                    client.ping()
                    heard = [topic for topic, payload in client.heard if secret in payload]
        return ", ".join(filter(None, [field.reached(token), *heard]))

    return act


def named(paper):
    """A certificate of the fleet's CA for a name that it never gives: speak and listen for another, by that name."""

    def act(field):
        token, heard = field.token(), []
        with thwarted(), contextlib.closing(Raw(field.port, field.context(paper))) as client:
            client.open("x")
            for topic in (top(VICTIM, "up/batch"), top(VICTIM, "dn/ack"), top(VICTIM, "st"), f"{CLAIM}/x/dn"):
                client.send(publish_packet(topic, token))
            client.ping()
            client.ask(top("+", "dn/#"))
            client.ask(top(VICTIM, "dn/#"))
            secret = field.secrets()
            client.ping()
            heard = [topic for topic, payload in client.heard if secret in payload]
        return ", ".join(filter(None, [field.reached(token), *heard]))

    return act


# ---- a till that has been taken over


def speaks(topic, level=4, qos=1, retain=False, user=None, client_id=MINE):
    """With a till's own good certificate, publish where it must not."""

    def act(field):
        token = field.token()
        with thwarted(), contextlib.closing(Raw(field.port, field.context(MINE), level)) as client:
            client.open(client_id, user=user)
            client.say(topic, token, qos=qos, retain=retain)
        return field.reached(token, door=topic.startswith(CLAIM)) + left_behind(field, topic, token, retain)

    return act


def left_behind(field, topic, token, retain):
    """What a client that comes later is told in place of the truth."""
    if not retain:
        return ""
    with contextlib.closing(field.dial("collector-2")) as late:
        late.ask(topic)
        late.ping()
        found = any(token in payload for _, payload in late.heard)
        if found:
            late.say(topic, b"", retain=True)
        return f", retained at {topic}" * found


def wills(topic, level=4):
    """Die with a last will that speaks for another."""

    def act(field):
        token = field.token()
        with thwarted(), contextlib.closing(Raw(field.port, field.context(MINE), level)) as client:
            client.open(MINE, will=(topic, token))
            client.send(b"\xf0\0")  # a packet that is none: the broker ends the session, and the will is said
            client.ping()
        return field.reached(token)

    return act


def listens(topic, level=4):
    """With a till's own good certificate, hear what is another's. A grant means nothing; what is delivered does."""

    def act(field):
        with contextlib.closing(field.dial(MINE, level)) as client, thwarted():
            client.ask(topic)
            secret = field.secrets()
            client.ping()
            return ", ".join(each for each, payload in client.heard if secret in payload or each.startswith("$"))
        return ""

    return act


def alias(field):
    """MQTT 5: give a topic alias to what is ours, then publish by the alias after moving it to another's topic."""
    token = field.token()
    with thwarted(), contextlib.closing(field.dial(MINE, 5)) as client:
        one = b"\x23\x00\x01"
        client.send(publish_packet(top(MINE, "up/x"), b"x", 5, properties=one))
        client.send(publish_packet(top(VICTIM, "up/batch"), token, 5, properties=one))
        client.send(publish_packet("", token, 5, properties=one, mid=8))
        client.ping()
    return field.reached(token)


def takes_over(field):
    """The victim's client id under another certificate: the victim must not be thrown off."""
    with thwarted(), contextlib.closing(Raw(field.port, field.context(MINE))) as client:
        client.open(VICTIM)
        client.ping()
    return field.well()


def takes_over_at_the_door(field):
    """The victim's client id from where no certificate is asked."""
    with thwarted(), contextlib.closing(Raw(field.door, field.context())) as client:
        client.open(VICTIM)
        client.ping()
    return field.well()


def replaces_collector(field):
    """A collector's client id under a till's certificate: the collector must go on hearing."""
    with thwarted(), contextlib.closing(Raw(field.port, field.context(MINE))) as client:
        client.open("collector-1")
        client.ping()
    try:
        field.settle()
    except Gone as fault:
        field.witness = field.dial("collector-1")
        field.read = 0
        for topic in ("barrow/v1/+/up/#", "barrow/v1/+/st", f"{CLAIM}/+/up"):
            field.witness.ask(topic)
        return f"the collector was thrown off: {fault}"
    return ""


# ---- at the door


def at_the_door(topic, client_id="me", retain=False, will=False):
    def act(field):
        token = field.token()
        with thwarted(), contextlib.closing(Raw(field.door, field.context())) as client:
            client.open(client_id, will=(topic, token) if will else None)
            if will:
                client.send(b"\xf0\0")
                client.ping()
            else:
                client.say(topic, token, retain=retain)
        return field.reached(token, door=True)

    return act


def listens_at_the_door(topic, client_id="me"):
    def act(field):
        with thwarted(), contextlib.closing(Raw(field.door, field.context())) as client:
            client.open(client_id)
            client.ask(topic)
            secret = field.secrets()
            field.caller_hears()  # what goes down has crossed the bridge by now
            client.ping()
            return ", ".join(each for each, payload in client.heard if secret in payload or each.startswith("$"))
        return ""

    return act


def cuts_the_bridge(field):
    """The client id that the door's own bridge has there, as mosquitto would choose it: requests must go on."""
    for name in ("local.door", "door", "collector-1", *(f"local.{host}.door" for host in ("localhost", socket.gethostname()))):
        with thwarted(), contextlib.closing(Raw(field.door, field.context())) as client:
            client.open(name)
            client.ping()
    try:
        field.settle(door=True)
    except Gone as fault:
        return f"the door is cut off: {fault}"
    return field.well()


# ---- the broker itself


def raw(*packets, level=4, paper=MINE, greeted=True, whole=True):
    """Bytes that break the protocol, with a token in them where they carry any: nothing is delivered, all others served."""

    def act(field):
        token = field.token()
        with thwarted(), contextlib.closing(Raw(field.port, field.context(paper), level)) as client:
            if greeted:
                client.open(MINE)
            for each in packets:
                client.send(each(token) if callable(each) else each)
            if whole:
                client.ping()
        return ", ".join(filter(None, [field.reached(token), field.well()]))

    return act


def oversized(size, retain=False):
    return lambda token: publish_packet(top(MINE, "up/batch"), token + bytes(size), retain=retain)


def loris(field):
    """Sixty calls that stop in the middle, of the handshake or of a packet, and stay: the next till is served at once."""
    held = []
    try:
        for i in range(60):
            with thwarted():
                client = Raw(field.port, None if i % 2 else field.context(MINE))
                client.send(b"\x16\x03\x01" if i % 2 else b"\x10\x20\x00\x04MQ")
                held.append(client)
        with contextlib.closing(field.dial(BYSTANDER)) as late:
            late.ping()
        field.bystander = field.dial(BYSTANDER)
        return field.well()
    except Gone as fault:
        return f"the next one is not served: {fault}"
    finally:
        for client in held:
            client.close()


def unread(field):
    """Subscribe to what is ours, have the broker send and never read: the others do not wait."""
    with thwarted(), contextlib.closing(field.dial(MINE)) as client:
        client.ask(top(MINE, "dn/#"))
        for _ in range(40):
            field.witness.send(publish_packet(top(MINE, "dn/x"), bytes(60_000), qos=0))
        field.settle()
    return field.well()


def shakes(**kwargs):
    """A handshake as weak as it can be had: it must not come about."""

    def act(field):
        try:
            client = Raw(field.port, field.context(MINE, **kwargs))
            with contextlib.closing(client):
                client.open(MINE)
                return f"{client.sock.version()} {client.sock.cipher()[0]}"
        except (Gone, ssl.SSLError):
            return ""

    return act


# ---- the ledger behind it


def batch(terminal, keys, first=1, prev=GENESIS, count=1):
    """A batch as a till sends it, signed with keys; (bytes, head)."""
    lines = []
    for seq in range(first, first + count):
        lines.append(canonical(sale(seq, 1795271526) | {"kind": "sale", "seq": seq, "no": seq}))
    h = prev
    for line in lines:
        h = chain(h, line)
    if keys is None:
        return deflated(wire.pack_batch(terminal, first, prev, lines)), h
    return wire.packed(terminal, first, prev, lines, keys.sign, raw_deflate), h


def raw_deflate(data, dictionary):
    packer = zlib.compressobj(9, zlib.DEFLATED, -15, 9, zlib.Z_DEFAULT_STRATEGY, dictionary)
    return packer.compress(data) + packer.flush()


def deflated(raw_text):
    """Layout 1."""
    return b"\1" + raw_deflate(raw_text, wire.DICTIONARY)


def greets(terminal, keys):
    topic = wire.topic(terminal, wire.UP_HELLO)
    return topic, wire.signed(topic, wire.hello(1, 0, 0, GENESIS, 1795271526, True, "0.1.0"), keys)


def forged(make):
    """Let the victim's own first batch be booked; then make(token, key, its batch) gives what the attacker publishes with
    his own certificate. What the ledger then has more is what got through."""

    def act(field):
        keys, token = keystore.seeded(field.count, VICTIM), field.token()
        whole, _ = batch(VICTIM, keys)
        told = [greets(VICTIM, keys), (top(VICTIM, "up/batch"), whole)]
        if field.open_house:
            told = []
        before = field.booked(told)
        with thwarted(), contextlib.closing(field.dial(MINE)) as client:
            for topic, payload in make(token, keys, whole):
                client.send(publish_packet(topic, payload))
            client.ping()
        after = field.booked([each for each in field.settle() if "/up/mark" not in each[0]])
        got = ", ".join(name for name, _ in after[len(before) :])
        field.ledger.db.execute("DELETE FROM frames")
        for table in ("heads", "tills", "anchors"):
            field.ledger.db.execute(f"DELETE FROM {table}")
        return got

    return act


def replayed(token, keys, whole):
    return [(top(MINE, "up/batch"), whole)]


def doubled(token, keys, whole):
    return [(top(VICTIM, "up/batch"), whole)]


def signed_by_another(token, keys, whole):
    other = keystore.seeded(99, MINE)
    return [greets(MINE, keystore.seeded(98, MINE)), (top(MINE, "up/batch"), batch(MINE, other)[0])]


def unsigned(token, keys, whole):
    return [greets(MINE, keystore.seeded(98, MINE)), (top(MINE, "up/batch"), batch(MINE, None)[0])]


def unheard(token, keys, whole):
    return [(top(MINE, "up/batch"), batch(MINE, keystore.seeded(98, MINE))[0]), (top(MINE, "up/batch"), batch(MINE, None)[0])]


def mute(token, keys, whole):
    plain = wire.hello(1, 0, 0, GENESIS, 1795271526, True, "0.1.0")
    return [(top(MINE, "up/hello"), plain), (top(MINE, "up/batch"), batch(MINE, None)[0])]


def another_s_hello(token, keys, whole):
    return [(top(MINE, "up/hello"), greets(VICTIM, keys)[1]), (top(MINE, "up/batch"), batch(VICTIM, keys)[0])]


def bomb(token, keys, whole):
    return [(top(MINE, "up/batch"), deflated(bytes(40 << 20)))]


def future(token, keys, whole):
    line = canonical({"v": 9, "t": MINE, "a": 1, "n": 1, "p": "0" * 64, "h": "0" * 64})
    return [(top(MINE, "up/batch"), deflated(line + b"\n{}\n"))]


def deep(token, keys, whole):
    return [(top(MINE, "up/hello"), b'{"a":' * 700 + b"1" + b"}" * 700), (top(MINE, "up/batch"), deflated(b"[" * 9000))]


def strange_bytes(token, keys, whole):
    return [(top(MINE, f"up/{tail}"), each) for tail in ("batch", "hello", "req", "no") for each in (b"", b"\0", b"\xff" * 300)]


def claims_for_another(token, keys, whole):
    body = json.dumps({"v": 1, "t": VICTIM}).encode()
    return [(f"{CLAIM}/{VICTIM}/up", body), (top(VICTIM, "up/claim"), body)]


NUL = lambda token: packet(0x32, text(b"barrow/v1/BARROW-0002\0/up/batch") + b"\0\7" + token)  # noqa: E731

PROBES = [
    # who gets in
    Probe("no certificate", intruder(None)),
    Probe("no certificate, another's user name", intruder(None, user=MINE)),
    Probe("plain TCP on the TLS port", intruder(False, port="plain")),
    *(
        Probe(f"a certificate: {name}", intruder(name))
        for name in ("rogue CA", "self-signed", "certified by a till", "expired", "not yet valid", "for servers", "for documents")
    ),
    Probe("a certificate: revoked", intruder("BARROW-0666")),
    Probe("a certificate: the broker's own", intruder("broker")),
    Probe("revoked, as MQTT 5", intruder("BARROW-0666", level=5)),
    Probe("TLS 1.0", shakes(lowest=ssl.TLSVersion.TLSv1, highest=ssl.TLSVersion.TLSv1, ciphers=OLD), open=False),
    Probe("TLS 1.1", shakes(lowest=ssl.TLSVersion.TLSv1_1, highest=ssl.TLSVersion.TLSv1_1, ciphers=OLD)),
    Probe("a cipher of CBC", shakes(highest=ssl.TLSVersion.TLSv1_2, ciphers="ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0")),
    Probe("anonymous Diffie-Hellman", shakes(highest=ssl.TLSVersion.TLSv1_2, ciphers="AECDH-AES128-SHA:@SECLEVEL=0"), open=False),
    # names that a certificate never has
    *(
        Probe(f"a name: {label!r}", named(label))
        for label in (
            "CN +", "CN #", f"CN {VICTIM}/up", f"CN ../{VICTIM}", "CN ＢARROW-0002", "CN barrow-0002", f"CN {VICTIM} ",
            f"CN {VICTIM}\0x", "CN $SYS", "no CN", "two CNs", "two CNs, a collector last",
        )
    ),
    # a till that speaks for another
    *(Probe(f"another's batch, MQTT level {level}", speaks(top(VICTIM, "up/batch"), level)) for level in (3, 4, 5)),
    Probe("another's batch, QoS 0", speaks(top(VICTIM, "up/batch"), qos=0)),
    Probe("another's batch, QoS 2", speaks(top(VICTIM, "up/batch"), qos=2)),
    Probe("another's batch, with his user name", speaks(top(VICTIM, "up/batch"), user=VICTIM)),
    Probe("another's batch, with his client id", speaks(top(VICTIM, "up/batch"), client_id=VICTIM)),
    Probe("another's hello", speaks(top(VICTIM, "up/hello"))),
    Probe("an ack to oneself", speaks(top(MINE, "dn/ack")), open=False),
    Probe("an ack to another", speaks(top(VICTIM, "dn/ack"))),
    Probe("a notice to all", speaks("barrow/v1/all/dn/notice")),
    Probe("a notice to all, retained", speaks("barrow/v1/all/dn/notice", retain=True)),
    Probe("another's birth, retained", speaks(top(VICTIM, "st"), retain=True)),
    Probe("another's ack, retained", speaks(top(VICTIM, "dn/ack"), retain=True)),
    Probe("a will: another's batch", wills(top(VICTIM, "up/batch"))),
    Probe("a will: another's birth", wills(top(VICTIM, "st"))),
    Probe("a will: another's batch, MQTT 5", wills(top(VICTIM, "up/batch"), 5)),
    Probe("a topic alias moved to another's topic", alias),
    Probe("an answer to somebody's claim", speaks(f"{CLAIM}/bystander/dn")),
    Probe("a claim past the door", speaks(f"{CLAIM}/bystander/up")),
    # a till that listens
    *(
        Probe(f"subscribe {topic}", listens(topic))
        for topic in (
            "#", "barrow/#", "+/+/+/#", "barrow/v1/+/dn/#", top(VICTIM, "dn/#"), top(VICTIM, "dn/ack"), "barrow/v1/+/up/#",
            f"$share/g/{top('+', 'up/#')}", "$share/g/#", f"$share/g/{top(VICTIM, 'dn/#')}", "$SYS/#",
            f"{CLAIM}/+/dn", f"{CLAIM}/#",
        )
    ),
    *(
        Probe(f"subscribe {topic}, MQTT 5", listens(topic, 5))
        for topic in ("#", top(VICTIM, "dn/#"), f"$share/g/{top('+', 'up/#')}")
    ),
    # sessions
    Probe("the victim's client id, another certificate", takes_over),
    Probe("the victim's client id, at the door", takes_over_at_the_door),
    Probe("a collector's client id, a till's certificate", replaces_collector),
    # the door
    Probe("the door: another's batch", at_the_door(top(VICTIM, "up/batch"))),
    Probe("the door: another's batch, with his client id", at_the_door(top(VICTIM, "up/batch"), client_id=VICTIM)),
    Probe("the door: an ack", at_the_door(top(VICTIM, "dn/ack"))),
    Probe("the door: a birth, retained", at_the_door(top(VICTIM, "st"), retain=True)),
    Probe("the door: a will", at_the_door(top(VICTIM, "up/batch"), will=True)),
    Probe("the door: another's claim", at_the_door(f"{CLAIM}/other/up")),
    Probe("the door: an answer to another's claim", at_the_door(f"{CLAIM}/bystander/dn")),
    Probe("the door: client id +", at_the_door(f"{CLAIM}/other/up", client_id="+")),
    Probe("the door: client id #", at_the_door(f"{CLAIM}/other/up", client_id="#")),
    Probe("the door: client id with /", at_the_door(f"{CLAIM}/other/up", client_id="other/up")),
    *(
        Probe(f"the door: subscribe {topic}", listens_at_the_door(topic))
        for topic in (
            "#", "barrow/#", top(VICTIM, "dn/#"), f"{CLAIM}/+/dn", f"{CLAIM}/somebody/dn", f"$share/g/{CLAIM}/+/up", "$SYS/#"
        )
    ),
    Probe("the door: subscribe as client id +", listens_at_the_door(f"{CLAIM}/+/dn", client_id="+")),
    Probe("the door: the bridge's client id", cuts_the_bridge, open=False),
    # the broker itself
    Probe("a packet too long", raw(oversized(300_000))),
    Probe("a packet too long, retained", raw(oversized(300_000, retain=True))),
    Probe("a packet that says it is 256 MB", raw(packet(0x32, b"", 268_435_455), bytes(70_000)), open=False),
    Probe("a length of five digits", raw(b"\x32\xff\xff\xff\xff\xff\xff"), open=False),
    Probe("NUL in a topic", raw(NUL), open=False),
    Probe("a topic that is not UTF-8", raw(lambda token: publish_packet(b"barrow/v1/\xff\xfe/up/batch", token)), open=False),
    Probe("a surrogate in a topic", raw(lambda token: publish_packet(b"barrow/v1/\xed\xa0\x80/up/batch", token)), open=False),
    Probe("a wildcard in a publish", raw(lambda token: publish_packet(top("+", "up/batch"), token)), open=False),
    Probe("an empty topic", raw(lambda token: publish_packet("", token)), open=False),
    Probe("QoS 3", raw(lambda token: packet(0x36, text(top(MINE, "up/batch")) + b"\0\7" + token)), open=False),
    Probe("a packet cut short", raw(lambda token: publish_packet(top(MINE, "up/x"), token)[:-9], whole=False), open=False),
    Probe("CONNECT twice", raw(connect_packet(VICTIM), lambda token: publish_packet(top(VICTIM, "up/x"), token)), open=False),
    Probe("no CONNECT", raw(lambda token: publish_packet(top(MINE, "up/batch"), token), greeted=False), open=False),
    Probe("a reserved flag in CONNECT", raw(connect_packet(MINE, flags=1), greeted=False), open=False),
    Probe("an unknown protocol level", raw(b"\x10\x0d\0\4MQTT\x63\2\0\x3c\0\1x", greeted=False), open=False),
    Probe("packets of no type", raw(b"\0\0", b"\xf0\0"), open=False),
    Probe("SUBSCRIBE with no topic", raw(packet(0x82, b"\0\1")), open=False),
    Probe("SUBSCRIBE with wrong flags", raw(b"\x80" + subscribe_packet("x")[1:]), open=False),
    Probe("a subscription of 60,000 levels", raw(lambda token: subscribe_packet("/" * 60_000)), open=False),
    Probe("calls that never end", loris, open=False),
    Probe("a reader that never reads", unread, open=False),
    # the ledger behind it
    Probe("another's batch, replayed on one's own topic", forged(replayed)),
    Probe("another's batch, replayed on his topic", forged(doubled)),
    Probe("a batch signed with another key", forged(signed_by_another)),
    Probe("a batch that is not signed", forged(unsigned)),
    Probe("a batch of a till that never said hello", forged(unheard)),
    Probe("a hello that is not signed, and its batch", forged(mute)),
    Probe("another's hello and batch on one's own topic", forged(another_s_hello)),
    Probe("a batch that inflates to 40 MB", forged(bomb)),
    Probe("a batch of a future version", forged(future)),
    Probe("JSON 700 deep", forged(deep)),
    Probe("bytes that are nothing", forged(strange_bytes)),
    Probe("claims on topics that are not the door's", forged(claims_for_another)),
]  # fmt: skip
