"""What a script does to the world around the till: the line, the far end, printer, battery, clock, disks, stick and power."""

import re
from collections.abc import Callable

from sim.chips.stick import STATES
from sim.links import LINKS
from sim.script.outcomes import PATIENCE_MS, Act, Missed, TooLong
from sim.script.pace import Pace
from sim.script.tokens import Words
from sim.script.vocabulary import KINDS, LATER_KINDS, NOT_BUILT
from sim.world import World

KEY_MS = 200  # how long a finger stays on the power key, and how long it takes to see what comes of it


class Net:
    """net wifi · 4g · both · off · captive · hole [latency=80ms] [loss=1%] [rate=1Mbit]"""

    def __init__(self, words: Words) -> None:
        self.name = words.one_of(tuple(LINKS), "a link")
        told = words.pairs(("latency", "loss", "rate"), "net")

        def value(name: str, pattern: str, example: str) -> "re.Match[str] | None":
            found = re.fullmatch(pattern, told[name]) if name in told else None
            if name in told and not found:
                raise words.wrong(f"{name} is like {example}, not {told[name]!r}", words.tokens[1])
            return found

        latency = value("latency", r"(\d{1,5})(ms|s)", "80ms")
        loss = value("loss", r"(\d{1,2}(?:\.\d{1,3})?)%", "1%")
        rate = value("rate", r"(\d{1,6})(kbit|Mbit|)", "1Mbit")
        self.latency_ms = int(latency[1]) * (1000 if latency[2] == "s" else 1) if latency else None
        self.loss = float(loss[1]) if loss else None
        self.rate = int(rate[1]) * {"": 1, "kbit": 1000, "Mbit": 1_000_000}[rate[2]] if rate else None

    async def run(self, world: World, pace: Pace) -> None:
        world.set_link(self.name, self.latency_ms, self.loss, self.rate)


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
    """disk full · disk no-room · disk nearly-full · disk ok · disk slow write=2ms sync=10ms · disk eio at sync N · disk damage"""

    def __init__(self, words: Words) -> None:
        token = words.take("the disk's state")
        self.state = token.text
        self.slow = {"write": 0, "sync": 0}
        self.nth = 0
        if self.state not in ("full", "no-room", "nearly-full", "ok", "slow", "eio", "damage"):
            states = "is full, no-room, nearly-full, ok or slow, or has eio or damage"
            raise words.wrong(f"the disk {states}, not {self.state!r}", token)
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
            world.set_disk(self.state, self.slow["write"], self.slow["sync"])


class Stick:
    """stick in · out · full · dying"""

    def __init__(self, words: Words) -> None:
        self.state = words.one_of(STATES, "the stick")

    async def run(self, world: World, pace: Pace) -> None:
        world.set_stick(self.state)


class PowerOn:
    """power on : boot, and time until something stands on the screen, or a cut that was armed strikes. `use` does the same."""

    async def run(self, world: World, pace: Pace) -> None:
        await world.power_on()
        await up(world, pace)


async def up(world: World, pace: Pace) -> None:
    """Time until something stands on the screen, or a cut that was armed strikes."""

    def there() -> bool:
        return world.frame.id not in ("off", "boot") or world.crashed is not None or not world.powered

    if not await pace.until(there, PATIENCE_MS):
        raise TooLong(f"the till stayed on the screen {world.frame.id}")


class PowerCut:
    """power cut · power cut before KIND · power cut after KIND · power cut at sync N"""

    def __init__(self, words: Words) -> None:
        self.when = self.kind = ""
        self.nth = 0
        if not words.more():
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
        else:
            world.power_cut()


class PowerKey:
    """power key [TIME] : press it for so long, a moment if nothing is said; a till that is off boots by it."""

    def __init__(self, words: Words) -> None:
        self.ms = words.time_ms() if words.more() else KEY_MS

    async def run(self, world: World, pace: Pace) -> None:
        if not world.powered:
            await PowerOn().run(world, pace)
            return
        world.press_power_key(self.ms)
        await pace.sleep(self.ms + KEY_MS)


def power(words: Words) -> Act:
    """power on, a cut, or its key"""
    acts: dict[str, Callable[[Words], Act]] = {"cut": PowerCut, "on": lambda words: PowerOn(), "key": PowerKey}
    return acts[words.one_of(tuple(acts), "the power")](words)


def nth_sync(words: Words) -> int:
    """at sync N"""
    words.one_of(("at",), "`at sync N`")
    words.one_of(("sync",), "`at sync N`")
    token = words.tokens[words.at] if words.more() else None
    nth = words.number("which sync from here")
    if not nth:
        raise words.wrong("the next sync is 1", token)
    return nth
