"""The one place that puts a till together on the bench: real drivers on virtual chips, from the board.json of a Pi.

The chips and the disk outlive the power; drivers are made anew at each boot, as memory is."""

import asyncio
import errno
import json
from collections.abc import Callable

from firmware.journal import codec
from hal import board_file, brokers, keystore, modem_set, printer_board, tls
from hal.budget import Budget, Limits
from hal.caller import Identity
from hal.draw.pack.load import panel_glyphs
from hal.files import ConfigFiles
from hal.gpio import Buzzer, Lamps, SolenoidDrawer, ThreadPwm
from hal.keypad import Keypad
from hal.knock import knocker
from hal.lines import Lines
from hal.modem import ModemLine
from hal.modem_power import Supply
from hal.mqtt import MqttLink
from hal.panels import CHIPS
from hal.ports.board import Board, Files, Log, Scanner, Screen, Sound
from hal.ports.frame import Frame
from hal.power_key import PowerKey
from hal.printer_board import Wired
from hal.random import seeded
from hal.scanner import HidScanner, SerialScanner
from hal.screen import Panel
from hal.serial_port import Port
from hal.stick import UsbStick
from hal.store import FileStore
from hal.version import VERSION
from sim.cables import Cables
from sim.cell import Cell, Gauge
from sim.chips.disk import BenchWorker, Disk, idle
from sim.chips.gpio import GpioChip
from sim.chips.keypad import KeypadChip
from sim.chips.oled_chips import bench_panel, chip_of, wire_to
from sim.chips.scanner_serial import SerialScannerChip
from sim.chips.stick import StickChip
from sim.chips.thermal import Thermal
from sim.clock import BenchClock
from sim.ends import Ends
from sim.events import Events
from sim.fittings import called, gun, pad, printer
from sim.links import Links
from sim.power import Power, gated
from sim.records import last_frame
from sim.setup import CONFIG, Setup


class Rig:
    """The chips of one till, its two disks and its line. far, identity: whom its next life calls, and as whom."""

    def __init__(self, setup: Setup, loop: asyncio.AbstractEventLoop, clock: BenchClock, ends: Ends, events: Events) -> None:
        self.setup = setup
        self.loop = loop
        self.clock = clock
        self.events = events
        parts = board_file.load(CONFIG)
        assert parts.modem, "the bench's till has a modem"
        soldered = parts.modem._replace(set=setup.modem or parts.modem.set)
        self.solder = parts._replace(modem=soldered)
        self.glass = bench_panel(setup.panel, self.solder.panel)
        self.panel = chip_of(self.glass)
        self.keypad = KeypadChip(pad(setup.keypad or self.solder.keymap), loop)
        self.scanner = gun(setup.scanner or ("serial" if self.solder.scanner.port else "hid"), loop)
        self.wired = self.wired_printer()
        model = self.wired.model
        baud, flow = self.wire()
        self.printer = Thermal(loop, None, baud, model.mm_per_s, True, model.width_mm, model.letters, flow)
        self.gpio = GpioChip(self.solder.pins, soldered.power_bcm)
        self.disk = Disk(setup.disk, setup.seed)
        self.mirror = Disk(setup.mirror, setup.seed + 1)
        self.stick = StickChip(setup.stick, setup.seed)
        self.links = Links(loop, setup.link, soldered, ends.dial, setup.seed)
        self.gpio.on_supply = self.links.modem.supply
        self.cables = Cables(self.keypad, self.scanner, self.panel, self.printer, self.links.modem, self.stick)
        self.fleet_key = ends.document_key().public
        self.far = brokers.load(CONFIG).brokers
        self.identity: Identity = tls.Nobody()
        self.battery = Cell()
        self.chance = seeded(setup.seed)
        self.glyphs = panel_glyphs()
        self.link: MqttLink | None = None
        self.lines: Lines | None = None
        self.modem: ModemLine | None = None
        self.budget: Budget | None = None
        self.power_key: PowerKey | None = None

    def board(self, power: Power, seen: Callable[[Frame], None]) -> Board:
        """A board of fresh drivers, alive as long as this power. seen: told of every frame that is shown."""
        hardware, clock, log, cables = self.solder, self.clock, self.events, self.cables
        self.panel.power_on()
        self.gpio.power_on()
        self.disk.power_on()
        self.mirror.power_on()
        self.printer.powered = True
        worker = BenchWorker(self.disk, power.check)
        wire, glass = wire_to(self.gpio.factory, self.panel, self.glass), self.glass
        panel = Panel(wire, self.glyphs, log, worker, self.setup.strict, glass.upside_down, CHIPS[glass.chip])
        store = gated(FileStore(self.disk, worker, log), power)
        far, identity = self.far, self.identity
        self.modem = self.modem_line()
        self.budget = Budget(self.links.plan or hardware.metered, store, clock, log)
        self.lines = Lines([self.links.wifi, self.modem], clock, log, knocker(far, identity), self.budget)
        self.link = MqttLink(self.lines, far, identity, clock, log)
        pins, later = hardware.pins, self.loop.call_later
        gauge = Gauge(self.battery)
        if pins.power_key is not None:
            self.power_key = PowerKey(self.gpio.factory, pins.power_key, gauge.press, log)
        buzzer = Buzzer(ThreadPwm(self.gpio.factory, pins.buzzer), later)
        keypad = Keypad(self.keypad, self.keypad.keymap, clock, log, lambda: buzzer.tone(Sound.KEY))
        return Board(
            terminal=hardware.terminal,
            version=VERSION,
            clock=gated(clock, power),
            files=gated(Profile(self.setup), power),
            store=store,
            screen=gated(Watched(panel, seen), power),
            keys=gated(keypad, power),
            scanner=gated(self.reader(log), power),
            printer=gated(printer_board.driver(self.wired, log, worker, cables.open_printer, cables.ask_printer), power),
            drawer=gated(SolenoidDrawer(self.gpio.factory, pins.drawer, later, log), power),
            sound=gated(buzzer, power),
            light=gated(Lamps(self.gpio.factory, pins.lamps, log), power),
            link=gated(self.link, power),
            power=gated(gauge, power),
            log=gated(log, power),
            random=gated(self.chance, power),
            keystore=gated(keystore.seeded(self.setup.seed, hardware.terminal, self.fleet_key), power),
            mirror=gated(FileStore(self.mirror, BenchWorker(self.mirror, power.check), log), power),
            stick=gated(UsbStick(self.stick, BenchWorker(self.stick, power.check), log), power),
            ways=gated(self.lines, power),
            simulated=True,
        )

    def fitted(self) -> dict[str, str]:
        """Part of sim/fittings.py -> the one that is fitted now."""
        keypad = self.setup.keypad or self.solder.keymap
        scanner = "serial" if isinstance(self.scanner, SerialScannerChip) else "hid"
        return {"panel": self.glass.chip, "keypad": keypad, "scanner": scanner, "printer": called(self.wired)}

    def fit(self, part: str, kind: str) -> None:
        """Another one in its place, its cable in. The power must be off."""
        if part == "panel":
            self.setup.panel, seen = kind, self.panel.on_change
            self.glass = bench_panel(kind, self.solder.panel)
            self.panel = self.cables.panel = chip_of(self.glass)
            self.panel.on_change = seen
        elif part == "keypad":
            self.setup.keypad, self.keypad.keymap = kind, pad(kind)
        elif part == "scanner":
            self.setup.scanner = kind
            self.scanner = self.cables.scanner = gun(kind, self.loop)
        else:
            self.setup.printer = kind
            self.wired = self.wired_printer()
            self.printer.become(self.wired.model.width_mm, *self.wire())
        self.cables.put(part)

    def wired_printer(self) -> Wired:
        """The printer that is fitted, as a Pi's board.json would say it."""
        wired = printer(self.solder.printer, self.setup.printer)
        return wired._replace(baud=self.setup.printer_baud or wired.baud)

    def wire(self) -> tuple[int, str]:
        """Its cable: the baud rate that it has, and who holds up whom."""
        return (0, "rtscts") if self.wired.usb else (self.wired.baud, self.wired.flow)

    def reader(self, log: Log) -> Scanner:
        """The driver of the scanner that is fitted."""
        style = self.solder.scanner.style
        if isinstance(self.scanner, SerialScannerChip):
            return SerialScanner(Port(None, reopen=self.cables.open_scanner), "scanner", self.clock, log, style, self.cables.came)
        return HidScanner(self.scanner, self.clock, log, style)

    def modem_line(self) -> ModemLine:
        """The modem's driver, with the line that feeds the chip."""
        soldered = self.solder.modem
        assert soldered and soldered.power_bcm is not None
        feed = Supply(self.gpio.factory, soldered.power_bcm)
        commands = modem_set.load(CONFIG, soldered.set)
        return ModemLine(self.cables.open_modem, commands, soldered, feed, self.clock, self.events)

    def set_plan(self, plan: Limits) -> None:
        """Of the SIM's contract, from now on and at every boot."""
        self.links.plan = plan
        if self.budget:
            self.budget.limits = plan

    def arm(self, when: str, kind: str, cut: Callable[[], None]) -> None:
        """Call cut at the next frame of this kind: before its write, or after its sync. It does not return."""

        def writing(name: str, offset: int, data: bytes) -> None:
            head = codec.read_head(data)
            if head is None or codec.NAMES.get(head.kind) != kind:
                return
            self.disk.before_write = idle
            if when == "before":
                cut()
            self.disk.after_sync = synced

        def synced(name: str) -> None:
            self.disk.after_sync = idle
            cut()

        self.disk.before_write = writing

    def arm_sync(self, nth: int, act: Callable[[], None]) -> None:
        """Call act at the nth sync of the first disk from here, 1 for the next one, instead of what it would do."""
        left = nth

        def syncing(name: str) -> None:
            nonlocal left
            left -= 1
            if not left:
                self.disk.before_sync = idle
                act()

        self.disk.before_sync = syncing

    def fail(self) -> None:
        """As a medium that could not write."""
        raise OSError(errno.EIO, "medium error")

    def damage(self) -> bool:
        """One byte of the last sale on the first disk rots. False when there is none."""
        found = last_frame(self.disk.held, "main", "sale")
        if found is not None:
            name, offset, frame = found
            self.disk.flip(name, offset + codec.HEAD_BYTES + len(frame.payload) // 2)
        return found is not None

    def power_cut(self) -> None:
        """Every chip is dark at once; the disks lose, keep or tear what was not synced."""
        if self.link:
            self.link.drop()
        if self.lines:
            self.lines.close()
        if self.modem:
            self.modem.drop()
        self.links.power_cut()
        self.panel.power_off()
        self.gpio.power_off()
        self.printer.powered = False
        self.printer.unplug()
        self.keypad.close()
        self.scanner.close()
        self.disk.cut()
        self.mirror.cut()
        self.stick.tear()

    def close(self) -> None:
        self.links.close()


class Watched(Screen):
    """A panel, and somebody who looks at it."""

    def __init__(self, panel: Panel, seen: Callable[[Frame], None]) -> None:
        self.panel = panel
        self.seen = seen

    async def show(self, frame: Frame) -> None:
        await self.panel.show(frame)
        self.seen(frame)


class Profile(Files):
    """The profile's files; `lang=` of a script stands in for the merchant's own language."""

    def __init__(self, setup: Setup) -> None:
        self.files = ConfigFiles(CONFIG, setup.profile)
        self.lang = setup.lang

    async def read(self, name: str) -> bytes:
        data = await self.files.read(name)
        if not self.lang or name != "profile/merchant.json":
            return data
        return json.dumps({**json.loads(data), "lang": self.lang}).encode()
