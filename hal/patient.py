"""A panel in front of the panel: nobody waits for a bus that hangs. A chip that holds its clock line low blocks a transfer
for as long as the kernel lets it, and the sale goes on without a picture."""

import asyncio

from hal.ports.board import Log, Screen
from hal.ports.frame import Frame

PATIENCE_S = 0.5  # a whole picture takes 25 ms at 400 kHz, 100 ms at the slowest bus


class PatientScreen(Screen):
    """screen: the one that may hang. What is shown while it does is kept, only the newest, and drawn once it moves again.
    frame: the last one asked for."""

    def __init__(self, screen: Screen, log: Log) -> None:
        self._screen = screen
        self._log = log
        self.frame: Frame | None = None
        self._next: Frame | None = None
        self._drawing: asyncio.Task[None] | None = None

    async def show(self, frame: Frame) -> None:
        self.frame = self._next = frame
        if self._drawing is not None and not self._drawing.done():
            return  # it hangs; whoever waits for it draws this one then
        self._drawing = asyncio.create_task(self._draw())
        done, _ = await asyncio.wait({self._drawing}, timeout=PATIENCE_S)
        if done:
            self._drawing.result()  # its exception, if it has one
        else:
            self._log.say("ui", f"the panel hangs: no picture for {PATIENCE_S} s")

    async def _draw(self) -> None:
        while self._next is not None:
            frame, self._next = self._next, None
            await self._screen.show(frame)
