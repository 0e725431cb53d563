"""What a script can do to the bench. Each word of the language is one small class: it reads its line, then acts.

Only keys, scan, wait, within, never, use and power on let time pass."""

from collections.abc import Callable
from typing import Protocol

from hal.ports.keys import KEYS
from sim.chips.stick import STATES
from sim.script import checks
from sim.script.pace import Pace
from sim.script.tokens import Words
from sim.script.vocabulary import KINDS, LATER_KINDS, LATER_WORDS, NOT_BUILT
from sim.world import World

KEY_DOWN_MS, KEY_GAP_MS, HOLD_MS, SCAN_MS = 60, 440, 1200, 500
PATIENCE_MS = 600_000  # `never … until` gives up after ten virtual minutes


class Missed(Exception):
    """An expectation that did not hold; str() says what was there instead."""


class TooLong(Exception):
    """Something that must end did not, in ten virtual minutes."""


class Act(Protocol):
    """One line of a script."""

    async def run(self, world: World, pace: Pace) -> None: ...


class Keys:
    """keys NAME… : press and let go each in turn; hold:NAME for a long press."""

    def __init__(self, words: Words) -> None:
        self.presses: list[tuple[str, int]] = []
        while words.more():
            token = words.take("a key")
            held = token.text.startswith("hold:")
            name = token.text.removeprefix("hold:")
            if name not in KEYS:
                raise words.wrong(f"there is no key {name!r}", token)
            self.presses.append((name, HOLD_MS if held else KEY_DOWN_MS))
        if not self.presses:
            raise words.wrong("a key is missing")

    async def run(self, world: World, pace: Pace) -> None:
        for name, down_ms in self.presses:
            world.press(name)
            await pace.sleep(down_ms)
            world.release(name)
            await pace.sleep(KEY_GAP_MS)


class Scan:
    """scan TEXT : the scanner reads it."""

    def __init__(self, words: Words) -> None:
        self.text = words.take("what the scanner reads").text

    async def run(self, world: World, pace: Pace) -> None:
        world.scan(self.text)
        await pace.sleep(SCAN_MS)


class Wait:
    """wait TIME"""

    def __init__(self, words: Words) -> None:
        self.ms = words.time_ms()

    async def run(self, world: World, pace: Pace) -> None:
        await pace.sleep(self.ms)


class Now:
    """A bare check: it holds at this instant."""

    def __init__(self, words: Words) -> None:
        self.check = checks.check(words)

    async def run(self, world: World, pace: Pace) -> None:
        if why := self.check.miss(world):
            raise Missed(why)


class Within:
    """within TIME CHECK : it holds at some instant until then."""

    def __init__(self, words: Words) -> None:
        self.ms = words.time_ms()
        self.check = checks.check(words)

    async def run(self, world: World, pace: Pace) -> None:
        if not await pace.until(lambda: not self.check.miss(world), self.ms):
            raise Missed(self.check.miss(world))


class Never:
    """never SCREEN until SCREEN · never SCREEN for TIME : the first does not appear meanwhile."""

    def __init__(self, words: Words) -> None:
        self.screen = checks.screen_name(words)
        self.until = ""
        self.ms = PATIENCE_MS
        if words.one_of(("until", "for"), "`until` or `for`") == "until":
            self.until = checks.screen_name(words)
        else:
            self.ms = words.time_ms()

    async def run(self, world: World, pace: Pace) -> None:
        seen = [world.frame.id]
        stop = world.watch(lambda frame: seen.append(frame.id))
        try:
            over = await pace.until(lambda: self.screen in seen or (self.until != "" and self.until in seen), self.ms)
        finally:
            stop()
        if self.screen in seen and (self.until not in seen or seen.index(self.screen) < seen.index(self.until)):
            raise Missed(f"the screen {self.screen} appeared")
        if self.until and not over:
            raise TooLong(f"the screen {self.until} did not come in ten minutes")


class Shot:
    """frame [NAME] : the panel's picture is the golden one."""

    def __init__(self, words: Words) -> None:
        self.name = words.take("a name").text if words.more() else ""

    async def run(self, world: World, pace: Pace) -> None:
        if why := world.golden.compare(self.name or world.frame.id, world.panel.pages()):
            raise Missed(why)


class Net:
    """net wifi · net off"""

    def __init__(self, words: Words) -> None:
        token = words.take("a link")
        if token.text in ("4g", "both", "captive") or words.more():
            raise words.wrong(NOT_BUILT, token)
        if token.text not in ("wifi", "off"):
            raise words.wrong(f"a link is wifi or off, not {token.text!r}", token)
        self.name = token.text

    async def run(self, world: World, pace: Pace) -> None:
        world.set_link(self.name)


class FarEnd:
    """broker down · broker up · fleet down · fleet up"""

    def __init__(self, words: Words, end: str) -> None:
        self.end = end
        self.up = words.one_of(("down", "up"), "the state") == "up"

    async def run(self, world: World, pace: Pace) -> None:
        await (world.set_broker(self.up) if self.end == "broker" else world.set_fleet(self.up))


class Paper:
    """paper out · in · near-end"""

    def __init__(self, words: Words) -> None:
        self.state = words.one_of(("out", "in", "near-end"), "the paper")

    async def run(self, world: World, pace: Pace) -> None:
        world.set_paper(self.state)


class Cover:
    """cover open · closed"""

    def __init__(self, words: Words) -> None:
        self.open = words.one_of(("open", "closed"), "the cover") == "open"

    async def run(self, world: World, pace: Pace) -> None:
        world.set_cover(self.open)


class PrinterVoice:
    """printer silent · answering"""

    def __init__(self, words: Words) -> None:
        self.silent = words.one_of(("silent", "answering"), "the printer") == "silent"

    async def run(self, world: World, pace: Pace) -> None:
        world.set_silent(self.silent)


class Battery:
    """battery 4%"""

    def __init__(self, words: Words) -> None:
        self.percent = words.number("the charge", "%")

    async def run(self, world: World, pace: Pace) -> None:
        world.set_battery(self.percent)


class Clock:
    """clock +2h · clock -2h · clock lost"""

    def __init__(self, words: Words) -> None:
        self.lost = words.peek() == "lost"
        self.shift_s = 0
        if self.lost:
            words.take("lost")
            return
        token = words.tokens[words.at] if words.more() else None
        sign = (token.text if token else "")[:1]
        if token is None or sign not in ("+", "-"):
            raise words.wrong("clock is followed by +TIME, -TIME or lost", token)
        words.tokens[words.at] = token._replace(text=token.text[1:])
        self.shift_s = words.time_ms() // 1000 * (1 if sign == "+" else -1)

    async def run(self, world: World, pace: Pace) -> None:
        world.lose_clock() if self.lost else world.shift_clock(self.shift_s)


class Disk:
    """disk full · disk ok · disk slow write=2ms sync=10ms · disk eio at sync N · disk damage"""

    def __init__(self, words: Words) -> None:
        token = words.take("the disk's state")
        self.state = token.text
        self.slow = {"write": 0, "sync": 0}
        self.nth = 0
        if self.state not in ("full", "ok", "slow", "eio", "damage"):
            raise words.wrong(f"the disk is full, ok or slow, or has eio or damage, not {self.state!r}", token)
        if self.state == "slow":
            for name, value in words.pairs(("write", "sync"), "disk slow").items():
                self.slow[name] = Words(words.file, words.line, value).time_ms()
        if self.state == "eio":
            self.nth = nth_sync(words)

    async def run(self, world: World, pace: Pace) -> None:
        if self.nth:
            world.arm_eio(self.nth)
        elif self.state == "damage":
            if not world.damage_disk():
                raise Missed("there is no sale to damage")
        else:
            world.set_disk(self.state == "full", self.slow["write"], self.slow["sync"])


class Stick:
    """stick in · out · full · dying"""

    def __init__(self, words: Words) -> None:
        self.state = words.one_of(STATES, "the stick")

    async def run(self, world: World, pace: Pace) -> None:
        world.set_stick(self.state)


class Power:
    """power cut · power cut before KIND · power cut after KIND · power cut at sync N · power on"""

    def __init__(self, words: Words) -> None:
        self.on = words.one_of(("cut", "on"), "the power") == "on"
        self.when = self.kind = ""
        self.nth = 0
        if self.on or not words.more():
            return
        if words.peek() == "at":
            self.nth = nth_sync(words)
            return
        token = words.take("before, after or at")
        if token.text not in ("before", "after"):
            raise words.wrong(f"power is cut before or after a kind, or at a sync, not {token.text!r}", token)
        self.when = token.text
        token = words.take("a kind")
        self.kind = token.text
        if self.kind not in KINDS:
            raise words.wrong(NOT_BUILT if self.kind in LATER_KINDS else f"there is no kind {self.kind!r}", token)

    async def run(self, world: World, pace: Pace) -> None:
        if self.nth:
            world.arm_cut_at_sync(self.nth)
        elif self.when:
            world.arm_cut(self.when, self.kind)
        elif not self.on:
            world.power_cut()
        else:
            await start(world, pace)


def nth_sync(words: Words) -> int:
    """at sync N"""
    words.one_of(("at",), "`at sync N`")
    words.one_of(("sync",), "`at sync N`")
    token = words.tokens[words.at] if words.more() else None
    nth = words.number("which sync from here")
    if not nth:
        raise words.wrong("the next sync is 1", token)
    return nth


async def start(world: World, pace: Pace) -> None:
    """Power on, and time until something stands on the screen."""
    await world.power_on()
    if not await pace.until(lambda: world.frame.id not in ("off", "boot") or world.crashed is not None, PATIENCE_MS):
        raise TooLong(f"the till stayed on the screen {world.frame.id}")


ACTS: "dict[str, Callable[[Words], Act]]" = {
    "keys": Keys,
    "scan": Scan,
    "wait": Wait,
    "within": Within,
    "never": Never,
    "frame": Shot,
    "net": Net,
    "broker": lambda words: FarEnd(words, "broker"),
    "paper": Paper,
    "cover": Cover,
    "printer": PrinterVoice,
    "battery": Battery,
    "clock": Clock,
    "disk": Disk,
    "stick": Stick,
    "power": Power,
}


def act(words: Words) -> Act:
    """The act or the bare check that this line says."""
    token = words.take("a word")
    if token.text in LATER_WORDS:
        raise words.wrong(NOT_BUILT, token)
    far_end = token.text == "fleet" and words.peek() in ("up", "down")
    if token.text in checks.CHECKS and not far_end:
        words.at -= 1
        found: Act = Now(words)
    elif far_end:
        found = FarEnd(words, "fleet")
    elif token.text in ACTS:
        found = ACTS[token.text](words)
    else:
        raise words.wrong(f"there is no word {token.text!r}", token)
    words.end()
    return found
