"""One open page: told what has changed since it was last told, at most 60 times a second, and dropped when it does not listen."""

import asyncio
from collections.abc import Mapping
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from sim.web.hub import Hub
from sim.web.paper import told_slip
from sim.web.scene import Scene
from sim.web.view import Message
from sim.web.wire import PANEL, PAPER, BadMessage, Edge, read, told

FRAME_S = 1 / 60
GLANCE_S = 0.5  # the wall clock and the like change without anyone saying so
SLOW_S = 5.0  # a page that takes nothing for so long is dropped
CHUNK_ROWS = 1200
TONES_MAX = 8  # played at once; more is noise
BAD_KEPT = 20  # messages of a hostile page that are logged


class Client:
    """A websocket, and what its page has seen so far."""

    def __init__(self, socket: WebSocket, hub: Hub, hello: Message) -> None:
        self.socket = socket
        self.hub = hub
        self.woken = asyncio.Event()
        self.answers = [told("hello", hello)]
        self.bad = 0
        self.held: set[str] = set()
        self._look_at(hub.scene)

    def _look_at(self, scene: Scene) -> None:
        """Of this one nothing has been seen yet."""
        self.scene = scene
        self.seen: dict[str, Any] = {}
        self.events = -1
        self.tones = len(scene.world.rig.gpio.tones)
        self.rows = 0  # of the hanging strip

    async def run(self) -> None:
        """Until the page closes, stops listening, or the bench ends."""
        self.hub.wakers.add(self.woken.set)
        both = [asyncio.create_task(self._tell()), asyncio.create_task(self._listen())]
        try:
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in both:
                task.cancel()
            self.hub.wakers.discard(self.woken.set)
            for name in sorted(self.held):  # nobody can be holding a key on a page that is gone
                self.hub.do(Edge(name, False))
        for task in both:
            if task.done() and not task.cancelled() and (error := task.exception()):
                raise error

    # -- from the page

    async def _listen(self) -> None:
        try:
            while True:
                self._heard(await self.socket.receive())
        except WebSocketDisconnect:
            return

    def _heard(self, message: Mapping[str, Any]) -> None:
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect
        try:
            said = read(message.get("text") or "")
        except BadMessage as error:
            self.bad += 1
            if self.bad <= BAD_KEPT:
                self.scene.world.events.say("sim", f"the page sent something else: {error}")
            return
        if isinstance(said, Edge):
            if said.down == (said.name in self.held):
                return  # two downs in a row are one
            (self.held.add if said.down else self.held.discard)(said.name)
        if script := self.hub.do(said):
            self.answers.append(told("recorded", {"text": script}))

    # -- to the page

    async def _tell(self) -> None:
        try:
            while True:
                self.woken.clear()
                for message in self._news():
                    await asyncio.wait_for(self._send(message), SLOW_S)
                await asyncio.sleep(FRAME_S)
                try:
                    await asyncio.wait_for(self.woken.wait(), GLANCE_S)
                except asyncio.TimeoutError:
                    continue
        except (asyncio.TimeoutError, WebSocketDisconnect, OSError):
            return

    async def _send(self, message: str | bytes) -> None:
        if isinstance(message, str):
            await self.socket.send_text(message)
        else:
            await self.socket.send_bytes(message)

    def _news(self) -> "list[str | bytes]":
        """What this page has not seen yet, the panel first."""
        if self.scene is not self.hub.scene:
            self._look_at(self.hub.scene)
        news: list[str | bytes] = []
        pages = self.scene.world.panel.pages()
        if self._changed("panel", pages):
            news.append(PANEL + pages)
        news += self._paper()  # before its text: a new strip has none yet
        for kind, fields in self.hub.picture().items():
            if self._changed(kind, fields):
                news.append(told(kind, fields))
        answers, self.answers = self.answers, []
        return [*answers, *news, *self._tones(), *self._log()]

    def _changed(self, kind: str, value: object) -> bool:
        if kind in self.seen and self.seen[kind] == value:
            return False
        self.seen[kind] = value
        return True

    def _paper(self) -> "list[str | bytes]":
        paper = self.scene.paper
        news: list[str | bytes] = []
        if self._changed("strip", (paper.number, paper.strip.across)):
            self.rows = 0
            news.append(told("strip", {"dots": paper.strip.across}))
        while fresh := paper.rows(self.rows, CHUNK_ROWS):
            news.append(PAPER + fresh)
            self.rows += len(fresh) // paper.row_bytes
        if self._changed("tray", (paper.cleared, paper.number)):
            news.append(told("tray", {"slips": [told_slip(slip) for slip in paper.tray()]}))
        return news

    def _tones(self) -> "list[str]":
        """What the buzzer has played since; a page that comes later missed it."""
        tones = self.scene.world.rig.gpio.tones
        fresh = tones[self.tones :]
        self.tones = len(tones)
        return [told("tones", {"hertz": fresh[-TONES_MAX:]})] if fresh else []

    def _log(self) -> "list[str]":
        log = self.scene.log
        if self.events == log.count:
            return []
        fresh = log.since(self.events)
        whole = self.events < 0
        self.events = log.count
        return [told("log", {"lines": fresh, "whole": whole})]
