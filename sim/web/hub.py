"""What all open pages share: the bench that they look at, a recording, a script that is being played."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from sim.script.pace import Real
from sim.web.recorder import Recorder
from sim.web.replay import Replay, bench_for
from sim.web.scene import Scene
from sim.web.view import Message
from sim.web.wire import Edge, Knob, Said, Scanned, Wish
from sim.world import World


class Hub:
    """Turns what pages say into acts on the world, and wakes the pages when it has changed.

    home: the till; scene: what is on the page now, the till or a script's own bench."""

    def __init__(self, world: World) -> None:
        self.wakers: set[Callable[[], None]] = set()
        self.home = self.scene = Scene(world, self.wake)
        self.recorder: Recorder | None = None
        self.replay: Replay | None = None
        self.changing = asyncio.Lock()  # of what is on the page
        self.tasks: set[asyncio.Task[None]] = set()
        world.acts.append(self._acted)

    def wake(self) -> None:
        """Something has changed: every page looks again."""
        for waker in self.wakers:
            waker()

    def picture(self) -> dict[str, Message]:
        """All that stands on the page but pixels, paper and log: kind of message -> its fields."""
        picture = self.scene.picture()
        picture["state"] |= {"recording": self.recorder is not None, "replaying": self.scene is not self.home}
        picture["script"] = self.replay.told if self.replay else {}
        return picture

    async def close(self) -> None:
        """Nothing goes on by itself after this."""
        await self._go_home()
        for task in self.tasks:
            task.cancel()
        self.home.close()

    # -- what pages say

    def do(self, said: Said) -> str:
        """Do it now; what takes time goes on by itself. The answer is a script, for the page that ended a recording, or ""."""
        answer = ""
        world = self.scene.world
        if isinstance(said, Edge):
            if self.recorder and world is self.home.world:
                self.recorder.edge(said.name, said.down, world.clock.now_ms(), world.frame)
            (world.press if said.down else world.release)(said.name)
            if said.down:
                world.events.say("key", said.name)
        elif isinstance(said, Scanned):
            world.events.say("key", f"scan {said.text}")
            world.scan(said.text)
        elif isinstance(said, Knob):
            self._start(said.act.run(world, Real()))
        else:
            answer = self._wish(said)
        self.wake()
        return answer

    def _start(self, doing: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(doing)
        self.tasks.add(task)
        task.add_done_callback(self._over)

    def _over(self, task: asyncio.Task[None]) -> None:
        self.tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            self.scene.world.events.say("sim", f"{type(error).__name__}: {error}")
        self.wake()

    def _acted(self, line: str) -> None:
        """The bench was turned, by whichever page; what a script does on its own bench is not heard here."""
        if self.recorder:
            world = self.home.world
            self.recorder.act(line, world.clock.now_ms(), world.frame)

    def _wish(self, wish: Wish) -> str:
        scene = self.scene
        if wish.word == "tear":
            scene.paper.tear()
        elif wish.word == "clear":
            scene.paper.clear()
        elif wish.word == "record":
            return self._record(wish.on)
        elif wish.word == "run":
            self._start(self._run(Replay(wish.name, wish.text)))
        elif wish.word == "halt" and self.replay and self.replay.task:
            self.replay.task.cancel()
        elif wish.word == "home":
            self._start(self._go_home())
        return ""

    # -- recording

    def _record(self, on: bool) -> str:
        world, recorder = self.home.world, self.recorder
        if on:
            self.recorder = recorder or Recorder(world)
        elif recorder:
            self.recorder = None
            return recorder.stop(world.clock.now_ms(), world.frame)
        return ""

    # -- playing

    async def _run(self, replay: Replay) -> None:
        async with self.changing:
            await self._leave()
            self.replay = replay
            if script := replay.read():
                world = await bench_for(script)
                self.scene = Scene(world, self.wake)
                replay.task = asyncio.create_task(replay.play(script, world, self.wake))

    async def _go_home(self) -> None:
        async with self.changing:
            await self._leave()

    async def _leave(self) -> None:
        """The till is on the page again, and the script's bench is gone."""
        scene, replay = self.scene, self.replay
        self.scene, self.replay = self.home, None
        if replay and replay.task:
            replay.task.cancel()
            await asyncio.wait((replay.task,))
        if scene is not self.home:
            scene.close()
            await scene.world.close()
