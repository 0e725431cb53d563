"""The bench: one till with its chips, its line and its far end, and every knob that one can turn.

The page, the script language and the tests turn the same knobs; what they do is noted as a line of the .sale language."""

import asyncio
import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TextIO

from firmware import main
from hal.budget import Limits
from hal.ports.faults import PowerEnds
from hal.ports.frame import Frame
from sim.chips.oled import Oled
from sim.chips.thermal import Thermal
from sim.clock import BenchClock
from sim.ends import Ends
from sim.events import Events
from sim.golden import Golden
from sim.links import Air
from sim.other_tills import list_out
from sim.power import Power, PowerGone, own_tasks
from sim.records import Books, fields
from sim.rig import Rig
from sim.setup import Setup, place_of

DARK = Frame("off", {})
RESTART_S = 2  # as config/units/barrow.service has it


class World:
    """A till on the bench, its power off. Made in a running loop, ended by close()."""

    def __init__(self, setup: Setup, ends: Ends, golden: Golden, echo: TextIO | None = sys.stderr) -> None:
        loop = asyncio.get_running_loop()
        own_tasks(loop)
        self.currency, offset_s = place_of(setup.profile)
        self.setup = setup
        self.ends = ends
        self.golden = golden
        self.clock = BenchClock(loop, int(setup.at.replace(tzinfo=UTC).timestamp()) - offset_s, offset_s)
        self.events = Events(self.wall, echo)
        self.rig = Rig(setup, loop, self.clock, ends, self.events)
        self.books = Books([self.rig.disk.held, self.rig.mirror.held])
        self.power = Power()
        self.power.cut()
        self.frame = DARK
        self.crashed: BaseException | None = None
        self.watchers: list[Callable[[Frame], None]] = []
        self.acts: list[Callable[[str], None]] = []

    # -- power

    @property
    def powered(self) -> bool:
        return self.power.on

    async def power_on(self) -> None:
        """Boot. Nothing happens when it is on."""
        if not self.power.on:
            self.note("power on")
            self._boot()

    def _boot(self) -> None:
        self.crashed = None
        self.power = Power()
        self.clock.booted()
        board = self.rig.board(self.power, self.show)
        self.power.start(main.run(board)).add_done_callback(self.ended)

    def power_cut(self) -> None:
        """The plug is pulled, now. Nothing of the firmware runs any more that could reach a chip."""
        if self.power.on:
            self.note("power cut")
            self._dark()

    def _dark(self) -> None:
        self.events.say("sim", "power cut")
        self.go_dark()

    def go_dark(self) -> None:
        """There is no power any more."""
        self.power.cut()
        self.rig.power_cut()
        self.show(DARK)

    def press_power_key(self, ms: int) -> None:
        """A finger on the power key for so long; harmless without power."""
        self.note(f"power key {ms}ms")
        if self.powered:
            self.rig.gpio.power_key(True)
            asyncio.get_running_loop().call_later(ms / 1000, self.rig.gpio.power_key, False)

    def arm_cut(self, when: str, kind: str) -> None:
        """Cut the power before the next frame of this kind is written, or after it is synced. when: "before" or "after"."""
        self.note(f"power cut {when} {kind}")
        self.rig.arm(when, kind, self.cut_inside)

    def arm_cut_at_sync(self, nth: int) -> None:
        """Cut the power at the nth sync of the first disk from here."""
        self.note(f"power cut at sync {nth}")
        self.rig.arm_sync(nth, self.cut_inside)

    def cut_inside(self) -> None:
        """From within a write of the firmware itself: it gets no further."""
        self.power_cut()
        raise PowerGone

    def ended(self, task: "asyncio.Task[None]") -> None:
        """The firmware's first task is over: with the power, or it asks to be switched off, as a Pi's systemd does, or it
        died."""
        error = None if task.cancelled() else task.exception()
        if isinstance(error, PowerEnds):
            self.events.say("sim", "the till has switched itself off")
            self.go_dark()
        elif error is not None and not isinstance(error, PowerGone):
            self.crashed = error
            self.events.say("sim", f"the firmware died: {error!r}")
            if self.setup.restarts:
                asyncio.get_running_loop().call_later(RESTART_S, self._start_again, self.power)

    def _start_again(self, life: Power) -> None:
        """Unless a hand was faster."""
        if self.power is life and life.on:
            self.go_dark()
            self._boot()

    async def close(self) -> None:
        """The end of this world."""
        self.acts.clear()
        self.power_cut()
        self.rig.close()
        await self.ends.stop()

    # -- hands

    def press(self, name: str) -> None:
        """A key goes down; harmless without power."""
        if self.powered:
            self.rig.keypad.press(name)

    def release(self, name: str) -> None:
        """It comes up again."""
        if self.powered:
            self.rig.keypad.release(name)

    def scan(self, text: str) -> None:
        self.note(f"scan {quoted(text)}")
        if self.powered:
            self.rig.scanner.scan(text)

    # -- the world around

    def set_link(self, name: str, latency_ms: int | None = None, loss: float | None = None, rate: int | None = None) -> None:
        """name: of sim/links.py. latency_ms: there and back. loss: percent. rate: bit/s. What is None stays as it was."""
        links = self.rig.links
        was = links.air
        air = Air(
            was.latency_ms if latency_ms is None else latency_ms,
            was.loss if loss is None else loss,
            was.rate if rate is None else rate,
        )
        self.note(f"net {name}" if air == links.air else f"net {name} {air}")
        links.set(name, air)

    def set_modem(self, word: str, value: str = "") -> None:
        """drop, silent, restore: the cell. hang, reboot: the modem. csq, pin, registration: with their value."""
        self.note(f"modem {word} {value}".rstrip())
        self.rig.links.turn(word, value)

    def set_plan(self, day: int, month: int) -> None:
        """What the SIM's contract lets it carry, bytes; 0 is no limit."""
        self.note(f"modem data day={day}B month={month}B")
        self.rig.set_plan(Limits(day, month))

    async def set_broker(self, up: bool) -> None:
        self.note(f"broker {'up' if up else 'down'}")
        await self.ends.broker(up)

    def push(self, kind: str, body: bytes, terminal: str = "", start_s: int = 0, expires_s: int = 0) -> None:
        """The fleet signs a document and gives it out. start_s, expires_s: from now. Raises Wrong."""
        now = self.clock.utc_s()
        start, until = now + start_s if start_s else 0, now + expires_s if expires_s else 0
        self.ends.push(kind, body, terminal or self.rig.solder.terminal, start, until)
        self.events.say("sim", f"the fleet pushes a {kind}")

    def push_tills(self, names: "list[str]", gone: "list[str]") -> None:
        """The fleet gives out its list of keys; it knows these other tills too, and of some that they are gone. Raises Wrong."""
        key, seed, now = self.ends.document_key(), self.setup.seed, self.clock.utc_s()
        self.ends.at_the_desk(lambda ledger: list_out(ledger, key, seed, now, names, gone))
        self.events.say("sim", "the fleet pushes its list of tills")

    async def set_fleet(self, up: bool) -> None:
        self.note(f"fleet {'up' if up else 'down'}")
        await self.ends.fleet(up)

    def set_paper(self, state: str) -> None:
        """ "in", "out" or "near-end"."""
        self.note(f"paper {state}")
        self.printer.paper = {"in": "ok", "out": "out", "near-end": "near_end"}[state]

    def set_cover(self, is_open: bool) -> None:
        self.note(f"cover {'open' if is_open else 'closed'}")
        self.printer.cover = is_open

    def set_silent(self, silent: bool) -> None:
        self.note(f"printer {'silent' if silent else 'answering'}")
        self.printer.silent = silent

    def set_battery(self, percent: int) -> None:
        """What is in it now; nearly empty, a till switches itself off."""
        self.note(f"battery {percent}%")
        self.rig.battery.fill(percent)

    def set_bounce(self, ms: int) -> None:
        """How long the keypad's contacts chatter after each edge; 0 is a new one."""
        self.note(f"bounce {ms}ms")
        self.rig.keypad.bounce_ms = ms

    def shift_clock(self, by_s: int) -> None:
        """Wall time only."""
        self.note(f"clock {by_s:+d}s")
        self.clock.shift(by_s)

    def lose_clock(self) -> None:
        """Untrusted from the next boot on."""
        self.note("clock lost")
        self.clock.lose()

    def set_disk(self, state: str, write_ms: int = 0, sync_ms: int = 0) -> None:
        """state: "full", "no-room" (the same on a medium that copies on write: it takes nothing at all), "nearly-full" (it can
        take more, and four fifths of it are used), "slow" or "ok"."""
        self.note(f"disk slow write={write_ms}ms sync={sync_ms}ms" if state == "slow" else f"disk {state}")
        for disk in (self.rig.disk, self.rig.mirror):
            disk.full, disk.copies = state in ("full", "no-room"), state == "no-room"
            disk.write_ms, disk.sync_ms = write_ms, sync_ms
            disk.used_percent = {"full": 100, "no-room": 100, "nearly-full": 81}.get(state, 0)

    def set_stick(self, state: str) -> None:
        """ "in", "out", "full" or "dying": what the hand at the USB port does."""
        self.note(f"stick {state}")
        self.rig.stick.put(state)

    def set_cable(self, device: str, plugged: bool) -> None:
        """device: of sim/cables.py."""
        self.note(f"cable {device} {'in' if plugged else 'out'}")
        (self.rig.cables.put if plugged else self.rig.cables.pull)(device)

    def fit(self, part: str, kind: str) -> None:
        """Another panel, keypad, scanner or printer is fitted, by the names of sim/fittings.py: the till loses its power for
        it, and boots again if it was on. Nothing happens when it is that one already."""
        self.note(f"fit {part} {kind}")
        if self.rig.fitted()[part] == kind:
            return
        was_on = self.powered
        if was_on:
            self._dark()
        self.rig.fit(part, kind)
        self.events.say("sim", f"another {part} is fitted: {kind}")
        if was_on:
            self._boot()

    def arm_eio(self, nth: int) -> None:
        """The nth sync of the first disk from here fails."""
        self.note(f"disk eio at sync {nth}")
        self.rig.arm_sync(nth, self.rig.fail)

    def damage_disk(self) -> bool:
        """A byte of the last sale on the first disk rots. False when nothing was sold."""
        self.note("disk damage")
        return self.rig.damage()

    # -- what one sees

    @property
    def panel(self) -> Oled:
        return self.rig.panel

    @property
    def printer(self) -> Thermal:
        return self.rig.printer

    def show(self, frame: Frame) -> None:
        """The firmware put this frame on the panel."""
        if frame.id != self.frame.id:
            self.events.say("ui", f"screen {frame.id}")
        self.frame = frame
        for watcher in list(self.watchers):
            watcher(frame)

    def watch(self, watcher: Callable[[Frame], None]) -> Callable[[], None]:
        """Every frame from now on; call what is returned to stop."""
        self.watchers.append(watcher)
        return lambda: self.watchers.remove(watcher)

    def fields(self) -> dict[str, str]:
        """The frame's fields and those that every screen has, as an operator reads them."""
        status = self.frame.status
        if status is None:
            return dict(self.frame.fields)
        words = {True: "yes", False: "no"}
        return self.frame.fields | {
            "offline": words[status.offline],
            "queued": str(status.queued),
            "link": status.link,
            "battery": str(status.battery),
            "training": words[status.training],
            "near_end": words[status.near_end],
        }

    def journal_fields(self) -> list[dict[str, str]]:
        """The till's journal, record by record."""
        return [fields(record, self.currency) for record in self.books.read().records]

    def journal_text(self) -> list[str]:
        """The till's journal as lines of JSON."""
        return [json.dumps(record, ensure_ascii=False) for record in self.books.read().records]

    def ledger_fields(self) -> list[dict[str, str]]:
        """The fleet's ledger, record by record, with the terminal."""
        rows = self.ends.ledger().records()
        return [{"terminal": terminal} | fields(record, self.currency) for terminal, record in rows]

    def queued(self) -> int:
        """Sales that the ledger has not acknowledged."""
        return self.books.read().queued()

    def wall(self) -> str:
        """14:32:06.012"""
        ms = self.clock.now_ms()
        local = datetime.fromtimestamp(self.clock.utc_s() + self.clock.offset_s(), UTC)
        return f"{local:%H:%M:%S}.{ms % 1000:03d}"

    def note(self, act: str) -> None:
        """Something was done to the bench; Record listens."""
        for listener in self.acts:
            listener(act)


def quoted(text: str) -> str:
    return f'"{text}"' if " " in text or "#" in text or not text else text
