"""Writes down what was done on the page, in the .sale language, so that it can be done again."""

from datetime import UTC, datetime

from hal.ports.frame import Frame
from sim.links import LINKS_AT_START
from sim.script.acts import act
from sim.script.tokens import ScriptError, Words
from sim.script.vocabulary import SCREENS
from sim.world import World

HOLD_MS = 800  # a key that was down this long was held
PAUSE_MS = 2000  # a longer pause is written down: something may have happened meanwhile
SLIDERS = ("battery", "net")  # words whose last saying is the whole truth
HISTORY = ("no",)  # fields that depend on what the till had done before; a replay starts with a new till


class Recorder:
    """One recording, from now on. Times are the bench clock's now_ms()."""

    def __init__(self, world: World) -> None:
        self.lines = [first_line(world)]
        self.keys: list[str] = []
        self.down: dict[str, tuple[int, list[str], int]] = {}  # name -> when it went down, and where it stands
        self.last_ms = world.clock.now_ms()

    def edge(self, name: str, down: bool, now_ms: int, frame: Frame) -> None:
        """A key, as it is pressed or let go; frame: what stood on the screen before."""
        if down:
            self._pause(now_ms, frame)
            self.down[name] = (now_ms, self.keys, len(self.keys))
            self.keys.append(name)
        elif name in self.down:
            since, keys, at = self.down.pop(name)
            if now_ms - since >= HOLD_MS:
                keys[at] = f"hold:{name}"
        self.last_ms = now_ms

    def act(self, line: str, now_ms: int, frame: Frame) -> None:
        """A line of the language, as the bench notes it."""
        self._pause(now_ms, frame)
        self._close(frame)
        word = line.split()[0]
        if word in SLIDERS and self.lines[-1].split()[:1] == [word]:
            self.lines.pop()  # the slider was drawn along: only where it ends counts
        self.lines.append(line if runs(line) else f"# the language cannot write this: {line}")
        self.last_ms = now_ms

    def stop(self, now_ms: int, frame: Frame) -> str:
        """The whole script."""
        self._pause(now_ms, frame)
        self._close(frame)
        self._expect(frame)
        return "\n".join(self.lines) + "\n"

    def _pause(self, now_ms: int, frame: Frame) -> None:
        seconds = (now_ms - self.last_ms) // 1000
        if seconds * 1000 >= PAUSE_MS:
            self._close(frame)
            self.lines.append(f"wait {seconds}s")

    def _close(self, frame: Frame) -> None:
        """The keys so far become a line, and what stands on the screen then an expectation."""
        if self.keys:
            self.lines.append(f"keys {' '.join(self.keys)}")
            self.keys = []
            self._expect(frame)

    def _expect(self, frame: Frame) -> None:
        words = [f"expect {frame.id}"]
        for name in SCREENS.get(frame.id, ()):
            value = frame.fields.get(name, "")
            if value and name not in HISTORY:
                words.append(f'{name}="{value}"' if " " in value else f"{name}={value}")
        line = " ".join(words)
        if line != self.lines[-1] and runs(line):
            self.lines.append(line)


def first_line(world: World) -> str:
    """The `use` line of a till that stands as this one does: its profile, language, wall time, link and hardware."""
    local = datetime.fromtimestamp(world.clock.utc_s() + world.clock.offset_s(), UTC)
    lang = world.frame.lang
    link = world.rig.links.name if world.rig.links.name in LINKS_AT_START else "wifi"
    setup = world.setup
    hardware = "".join(f" {part}={kind}" for part, kind in world.rig.fitted().items() if getattr(setup, part))
    return f"use {world.setup.profile} lang={lang} seed={world.setup.seed} at={local:%Y-%m-%dT%H:%M} link={link}{hardware}"


def runs(line: str) -> bool:
    """Is it a line that a script can have?"""
    try:
        act(Words("recorded", 1, line))
    except ScriptError:
        return False
    return True
