"""What hands and eyes do in a script: keys, scans, waiting and looking. Nothing else but `power on` lets time pass."""

from hal.ports.keys import KEYS
from sim.script import checks
from sim.script.outcomes import PATIENCE_MS, Missed, TooLong
from sim.script.pace import Pace
from sim.script.tokens import Words
from sim.world import World

KEY_DOWN_MS, KEY_GAP_MS, HOLD_MS, SCAN_MS = 60, 440, 1200, 500


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
        if why := world.golden.compare(self.name or world.frame.id, world.frame, world.panel.pages()):
            raise Missed(why)
