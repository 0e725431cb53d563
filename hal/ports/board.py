"""What a board is: the ports through which firmware sees the world. A driver subclasses the port it serves.

Musts for every port: what waits is awaitable and never blocks the loop; a fault is one of hal/ports/faults.py; nothing
that comes from outside raises anything else. Mays: a port may do less where its chip does less, and then says so in its
answer (None, "", UNKNOWN), never by raising.

Units: ms and s are integers; money never passes through here."""

import asyncio

from hal.ports.slip import COLUMNS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from hal.ports.frame import Frame
    from hal.ports.keys import Key, LinkMoved, Scan
    from hal.ports.slip import Cut, Feed, Line, Qr, Rule

    Input = Key | Scan | LinkMoved
    Element = Line | Rule | Qr | Feed | Cut


class Clock:
    """Time. Timers use now_ms; only records and faces use the wall."""

    def now_ms(self) -> int:
        """Milliseconds since the board came up. Never goes back; the source that asyncio.sleep waits on."""
        raise NotImplementedError

    def utc_s(self) -> int:
        """Wall time, seconds since 1970 UTC, as well as it is known."""
        raise NotImplementedError

    def offset_s(self) -> int:
        """Seconds to add to utc_s for the wall clock of the place."""
        raise NotImplementedError

    def trusted(self) -> bool:
        """False when nothing vouches for utc_s (an RTC that lost its battery, no network time yet)."""
        raise NotImplementedError

    def set(self, utc_s: int) -> None:
        """The operator vouches for this time; trusted from now on."""
        raise NotImplementedError


class Files:
    """Configuration, read only: board.json, text/en.json, profile/merchant.json (profile/ is the chosen profile)."""

    async def read(self, name: str) -> bytes:
        """The whole file. Raises ConfigFault(name, "", reason) when it is not there or cannot be read."""
        raise NotImplementedError


class Store:
    """Durable bytes in files of a fixed size, made full of zeros. Names: [a-z0-9-]+.seg

    Raises StoreFull or StoreBroken. After StoreBroken from write or sync nothing is known of those bytes: read them."""

    async def names(self) -> "list[str]":
        """Every file, sorted."""
        raise NotImplementedError

    async def size(self, name: str) -> int:
        """Bytes."""
        raise NotImplementedError

    async def create(self, name: str, size: int) -> None:
        """A file of `size` zeros, synced, and its directory synced, before it returns; no half-made file keeps the name."""
        raise NotImplementedError

    async def read_into(self, name: str, offset: int, buf: "bytearray | memoryview") -> int:
        """Fill buf from offset; how many bytes there were."""
        raise NotImplementedError

    async def write(self, name: str, offset: int, data: bytes) -> None:
        """One write within the file's size. Not durable until sync."""
        raise NotImplementedError

    async def sync(self, name: str) -> None:
        """Every write to this file so far is durable when this returns. Never to be retried after a fault."""
        raise NotImplementedError

    async def remove(self, name: str) -> None:
        """The file is gone; durable, directory synced."""
        raise NotImplementedError

    async def room(self) -> "tuple[int, int]":
        """Bytes used by anybody, and bytes that there are; 0, 0 where nobody can tell."""
        return 0, 0


class Stick:
    """A USB stick for backups: plugged in and pulled out when one likes. Flat files, names [A-Z0-9.-]+

    Raises StickGone, StickFull, StickBroken, whichever is the reason."""

    async def free(self) -> int:
        """Bytes that it says it can still take."""
        raise NotImplementedError

    async def names(self) -> "list[str]":
        """Every file, sorted; also those that are not ours."""
        raise NotImplementedError

    async def write(self, name: str, offset: int, data: bytes) -> None:
        """One piece. The first, at offset 0, makes the file. Not durable until sync."""
        raise NotImplementedError

    async def sync(self, name: str) -> None:
        """The file and its name are durable when this returns."""
        raise NotImplementedError

    async def read(self, name: str, offset: int, size: int) -> bytes:
        """As the medium has it, never as a cache remembers it; fewer bytes at the end of the file. Only what is synced."""
        raise NotImplementedError

    async def rename(self, name: str, to: str) -> None:
        """Durable when this returns."""
        raise NotImplementedError

    async def remove(self, name: str) -> None:
        """Durable when this returns."""
        raise NotImplementedError

    async def sealed(self, member: str, data: bytes, key: str) -> bytes:
        """data as one member of a backup's tar, encrypted to the shop's public key (age, "age1..."): only who has the
        other half can read it. Raises ValueError for a key that is none. The file ends with TAR_END."""
        raise NotImplementedError

    TAR_END = bytes(1024)  # POSIX.1-2017, pax: two blocks of zeros


class Screen:
    """The panel."""

    async def show(self, frame: "Frame") -> None:
        """Draw, compare with what the panel holds, send what changed. A dead panel is logged, never raised."""
        raise NotImplementedError


class Keys:
    """The keypad."""

    def start(self, post: "Callable[[Input], None]") -> None:
        """From now on, post a Key for every edge, debounced."""
        raise NotImplementedError


class Scanner:
    """The barcode scanner."""

    def start(self, post: "Callable[[Input], None]") -> None:
        """From now on, post a Scan for every code read."""
        raise NotImplementedError


class Printer:
    """The thermal printer. Text in the slip's own words; the driver knows code pages and commands."""

    OK = "ok"
    NEAR_END = "near_end"  # prints, but the roll is nearly used up
    OUT = "out"
    COVER = "cover"
    ERROR = "error"  # hot head, cutter jam, low voltage
    UNKNOWN = "unknown"  # no answer in time: never taken for OK, never for OUT

    columns = COLUMNS  # letters on a line of its paper

    async def status(self) -> str:
        """Ask it now; one of the words above, within 0.5 s."""
        raise NotImplementedError

    async def print(self, block: "list[Element]") -> None:
        """Returns when the printer has taken the last byte. Raises PrinterGone."""
        raise NotImplementedError


class Drawer:
    """The cash drawer, on its own line: no paper, no printer is asked."""

    def kick(self) -> None:
        """Pulse the solenoid."""
        raise NotImplementedError


class Sound:
    """The buzzer."""

    KEY, DONE, ERROR, DOUBT = "key", "done", "error", "doubt"

    def tone(self, name: str) -> None:
        """One of the words above. Returns at once; a new tone ends the one before."""
        raise NotImplementedError


class Light:
    """The lamps of the faceplate."""

    LAMPS = ("ready", "link", "paper", "alarm")

    def set(self, lamp: str, on: bool) -> None:
        """Switch one of LAMPS."""
        raise NotImplementedError


class Link:
    """The way out: an IP interface or a modem, MQTT over it, and raw deflate beside it.

    state: "off" no line, "line" a line but no session, "online" a session with the broker.
    name: "wifi", "4g" or "off", the one in use. bars: 0..4.
    largest: bytes of payload that the broker takes in one message; 0 where it does not say."""

    state = "off"
    name = "off"
    bars = 0
    largest = 0

    def start(self, post: "Callable[[Input], None]", on_message: "Callable[[str, bytes], None]") -> None:
        """From now on, post LinkMoved at each change of state, and hand every message to on_message(topic, payload)."""
        raise NotImplementedError

    async def connect(self, client_id: str, subscribe: str, will_topic: str, will: bytes, keepalive_s: int) -> None:
        """Open a clean session and subscribe (QoS 0). The will is retained, QoS 1; no topic, no will. Raises LinkDown."""
        raise NotImplementedError

    async def publish(self, topic: str, payload: bytes, qos: int, retain: bool) -> None:
        """Returns when the client has taken it (QoS 1 is resent by the client; nobody relies on it). Raises LinkDown."""
        raise NotImplementedError

    async def disconnect(self) -> None:
        """End the session; state falls to "line" or "off"."""
        raise NotImplementedError

    def deflate(self, data: bytes, dictionary: bytes) -> bytes:
        """Raw deflate (RFC 1951) with a preset dictionary."""
        raise NotImplementedError


class Way:
    """One way out as it is now. name: "wifi" or "4g". up: has it a net? used: the one that carries. trouble: of Ways, or ""."""

    def __init__(self, name: str, up: bool, used: bool, bars: int, trouble: str):
        self.name = name
        self.up = up
        self.used = used
        self.bars = bars
        self.trouble = trouble


class Ways:
    """The ways out that lie below the link: what an operator may know of them, and may allow."""

    PORTAL = "portal"  # somebody else answers than our broker: a login page
    SILENT = "silent"  # it is up, and the broker is not to be had over it
    NEAR = "data_near"  # the metered way has carried most of what it may
    SPENT = "data_spent"  # all of it, and carries nothing more

    def watch(self, heed: "Callable[[str], None]") -> None:
        """From now on heed(PORTAL), heed(NEAR) or heed(SPENT), once as each begins."""
        raise NotImplementedError

    def ways(self) -> "list[Way]":
        """All of them, in a fixed order."""
        raise NotImplementedError

    def data(self) -> "tuple[int, int, int]":
        """Of the metered way: percent of its budget, bytes of this day, bytes of this month. 0, 0, 0 without a budget."""
        raise NotImplementedError

    def allow(self) -> None:
        """Let the metered way carry on until midnight, whatever it has carried."""
        raise NotImplementedError


class Power:
    """The battery, and whatever else feeds the board."""

    EMPTY = "empty"  # the battery is as good as empty, and nothing charges it
    WEAK = "weak"  # what feeds the board has been too weak for it for half a minute
    KEY = "key"  # the operator pressed the power key

    def battery(self) -> int:
        """0..100; 100 where there is no gauge."""
        raise NotImplementedError

    async def ends(self) -> str:
        """EMPTY or WEAK, as soon as the till must stop while it still can; KEY when it is asked to stop, and may first end
        what it is at. The machine goes on until the till has ended. Does not return while all is well, nor where nobody can
        tell."""
        await asyncio.Event().wait()
        return self.EMPTY


class Log:
    """What happened, for people with a laptop. Never a PAN, a PIN or a code in clear."""

    def say(self, who: str, text: str) -> None:
        """who: three letters (key, ui, jrn, prn, net, cfg, sys). Control characters are made visible, never passed on."""
        raise NotImplementedError

    def recent(self, most: int) -> "list[str]":
        """The last lines, the newest last; none where a log keeps none."""
        return []


class Random:
    """Chance, from a seed on the bench."""

    def below(self, n: int) -> int:
        """0 <= answer < n."""
        raise NotImplementedError


class Keystore:
    """This till's own keys, made at its first boot. They say who it is, and no port gives them away."""

    def public(self) -> bytes:
        """The 32 bytes of the Ed25519 key that checks what `sign` signed (RFC 8032)."""
        raise NotImplementedError

    def sign(self, message: bytes) -> bytes:
        """64 bytes of Ed25519: whoever has the public key sees that this till said message."""
        raise NotImplementedError

    def mac(self, message: bytes) -> bytes:
        """32 bytes of HMAC-SHA256 under a key that only this till has: it sees later that it said message itself."""
        raise NotImplementedError

    def fleet(self) -> bytes:
        """The 32 bytes of the Ed25519 key that the fleet signs its documents and anchors with; b"" before enrolment."""
        raise NotImplementedError

    def holds(self, public: bytes, message: bytes, signature: bytes) -> bool:
        """Did whoever has the other half of public sign message? Bytes that are no key or no signature did not."""
        raise NotImplementedError


class Identity:
    """The till's certificate for its brokers, and what it takes to get one from the fleet.

    Only where the brokers want TLS. The key behind it is made on the till, and no port gives it away."""

    def held(self) -> bool:
        """Is there a certificate by the fleet that this till was set up with? A broker may refuse it all the same."""
        raise NotImplementedError

    def request(self) -> bytes:
        """Our key and name, signed by that key, for the fleet to certify (PKCS #10, DER). Raises OSError."""
        raise NotImplementedError

    def public(self) -> bytes:
        """The public half of that key (SubjectPublicKeyInfo, DER). Raises OSError."""
        raise NotImplementedError

    def check(self, certificate: bytes, documents: bytes) -> None:
        """Two certificates in DER: ours, and the fleet's for the key that signs its documents. Raises ValueError, with the
        reason, for what is not for our key and name, or not by our fleet."""
        raise NotImplementedError

    async def take(self, certificate: bytes, documents: bytes) -> None:
        """The same, in use and durable when this returns; a cut leaves the old ones or the new ones. Raises like check, and
        OSError."""
        raise NotImplementedError


class Board:
    """One of each. Built in one place (hal/pi.py, sim/world.py) and handed to firmware.main.run.

    terminal: this till's name in the fleet, [A-Z0-9-]{4,16}. version: of the software, for the boot screen. mirror: where
    the second copy of all that is in store goes, on another disk; None where there is one disk.
    stick: None where a till has no place to plug one in. ways: None where nothing is known of what lies below the link.
    identity and door: where the brokers want TLS, the till's certificate, and the way to where it may ask for one.
    simulated: it takes no real money, and its receipts say so."""

    def __init__(
        self,
        terminal: str,
        version: str,
        clock: Clock,
        files: Files,
        store: Store,
        screen: Screen,
        keys: Keys,
        scanner: Scanner,
        printer: Printer,
        drawer: Drawer,
        sound: Sound,
        light: Light,
        link: Link,
        power: Power,
        log: Log,
        random: Random,
        keystore: Keystore,
        mirror: "Store | None" = None,
        stick: Stick | None = None,
        identity: "Identity | None" = None,
        door: "Link | None" = None,
        ways: Ways | None = None,
        simulated: bool = False,
    ):
        self.terminal = terminal
        self.version = version
        self.clock = clock
        self.files = files
        self.store = store
        self.screen = screen
        self.keys = keys
        self.scanner = scanner
        self.printer = printer
        self.drawer = drawer
        self.sound = sound
        self.light = light
        self.link = link
        self.power = power
        self.log = log
        self.random = random
        self.keystore = keystore
        self.mirror = mirror
        self.stick = stick
        self.identity = identity
        self.door = door
        self.ways = ways
        self.simulated = simulated
