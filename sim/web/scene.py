"""One world as the pages see it: its view, its paper and its log."""

from collections import deque
from collections.abc import Callable

from sim.events import Event
from sim.web.paper import Paper
from sim.web.view import Message, View
from sim.world import World

LOG_KEPT = 300


class Log:
    """The last events with their numbers, so that each page knows what it has seen."""

    def __init__(self) -> None:
        self.count = 0
        self.kept: deque[Event] = deque(maxlen=LOG_KEPT)

    def add(self, event: Event) -> None:
        self.kept.append(event)
        self.count += 1

    def since(self, count: int) -> list[Event]:
        """Those after the count-th, oldest first."""
        fresh = min(self.count - count, len(self.kept))
        return list(self.kept)[len(self.kept) - fresh :]


class Scene:
    """Listens to a world as long as it is on the page. wake() is called at each change."""

    def __init__(self, world: World, wake: Callable[[], None]) -> None:
        self.world = world
        self.view = View(world)
        self.paper = Paper(world.printer.roll)
        self.log = Log()
        self.wake = wake
        for event in world.events.kept:
            self.log.add(event)
        self.stops = [
            world.events.subscribe(self._event),
            world.watch(lambda frame: wake()),
            world.printer.on_rows(lambda rows: wake()),
        ]
        world.panel.on_change = wake
        self.down = {"broker": False, "fleet": False}
        world.acts.append(self._noted)

    def close(self) -> None:
        for stop in self.stops:
            stop()

    def _event(self, event: Event) -> None:
        self.log.add(event)
        self.wake()

    def _noted(self, line: str) -> None:
        """The far end does not say how it is, but the bench says what was done to it."""
        word, _, state = line.partition(" ")
        if word in self.down:
            self.down[word] = state == "down"
        self.wake()

    def picture(self) -> dict[str, Message]:
        """All that stands on the page but pixels, paper and log."""
        picture = self.view.picture()
        picture["state"] |= {f"{end}_down": down for end, down in self.down.items()}
        return picture | {"text": {"lines": list(self.paper.strip.lines)}}
