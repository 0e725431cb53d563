"""The page as a web application: its files, its words, the scenarios to choose from, and the websocket.

What a page needs once comes by HTTP and in `hello`; what changes comes by the websocket (sim/web/wire.py)."""

import asyncio
import contextlib
import json
import re
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.websockets import WebSocket

from sim.events import KEPT
from sim.setup import CONFIG, profile_folder
from sim.web.client import Client
from sim.web.gate import Gate
from sim.web.hub import Hub
from sim.web.replay import SCENARIOS, scenarios
from sim.web.server import Site, bind, url_of
from sim.web.wire import MESSAGE_MAX
from sim.world import World

STATIC = Path(__file__).parent / "static"
ITEMS = 10  # buttons below the scanner
NAME = re.compile(r"[a-z0-9][a-z0-9.-]{0,60}\Z")
GOING_AWAY = 1001  # RFC 6455, 7.4.1


class Page:
    """The page of one world, as long as it is served. url: where; `await close()` ends it."""

    def __init__(self, world: World, port: int) -> None:
        self.hub = Hub(world)
        self.world = world
        self.clients: set[asyncio.Task[None]] = set()
        sock = bind(port)
        self.url = url_of(sock)
        routes = [
            Route("/", self.index),
            Route("/words/{lang}.json", self.words),
            Route("/log", self.log),
            Route("/scenarios/{name}.sale", self.scenario),
            WebSocketRoute("/wire", self.wire),
            Mount("/static", StaticFiles(directory=STATIC)),
        ]
        self.site = Site(Gate(Starlette(routes=routes), sock.getsockname()[1]), sock, MESSAGE_MAX)

    async def close(self) -> None:
        """Tell the pages, let go of the port."""
        await self.hub.close()
        for client in self.clients:
            client.cancel()
        await self.site.stop()

    async def index(self, request: Request) -> Response:
        return FileResponse(STATIC / "index.html")

    async def words(self, request: Request) -> Response:
        return named_file(CONFIG / "text", f"page.{request.path_params['lang']}", ".json")

    async def log(self, request: Request) -> Response:
        """What the till on the page has logged, as its menu puts it onto a stick: to be kept."""
        world = self.hub.scene.world
        name = f"{world.rig.solder.terminal}-LOG.TXT"
        lines = "".join(f"{line}\n" for line in world.events.recent(KEPT))
        return PlainTextResponse(lines, headers={"content-disposition": f'attachment; filename="{name}"'})

    async def scenario(self, request: Request) -> Response:
        return named_file(SCENARIOS, request.path_params["name"], ".sale")

    async def wire(self, socket: WebSocket) -> None:
        await socket.accept()
        task = asyncio.current_task()
        assert task
        self.clients.add(task)
        try:
            await Client(socket, self.hub, hello(self.world)).run()
        except asyncio.CancelledError:
            await socket.close(GOING_AWAY)
        finally:
            self.clients.discard(task)


def named_file(folder: Path, name: str, suffix: str) -> Response:
    """A file of this folder and no other."""
    path = folder / f"{name}{suffix}"
    if not NAME.match(name) or not path.is_file():
        return PlainTextResponse("There is no such file.\n", 404)
    return FileResponse(path, media_type="application/json" if suffix == ".json" else "text/plain; charset=utf-8")


def hello(world: World) -> dict[str, Any]:
    """What a page needs to know once: what can be scanned, what can be run, and the keys of a first sale."""
    folder = profile_folder(world.setup.profile)
    items: list[dict[str, Any]] = []
    first: list[dict[str, Any]] = []
    with contextlib.suppress(OSError, ValueError, LookupError, TypeError, AttributeError):  # the till itself says what is wrong
        catalogue = json.loads((folder / "catalogue.json").read_text(encoding="utf-8"))
        items = [{"code": str(item["code"]), "names": dict(item["name"])} for item in catalogue["items"]]
        merchant = json.loads((folder / "merchant.json").read_text(encoding="utf-8"))
        first = first_sale(items, merchant["favourites"])
    return {"items": items[:ITEMS], "scenarios": scenarios(), "first": first}


def first_sale(items: list[dict[str, Any]], favourites: list[Any]) -> list[dict[str, Any]]:
    """Steps for whoever has never sold: keys and what they do. A text is a key of the page's words."""
    names = {item["code"]: item["names"] for item in items}
    known = [(f"F{i}", names[code]) for i, code in enumerate(favourites, 1) if code in names]
    if len(known) < 2:
        return []
    (one, coffee), (two, buns) = known[:2]
    return [
        {"keys": [one], "says": coffee},
        {"keys": ["2", "TIMES", two], "says": {lang: f"2 {name}" for lang, name in buns.items()}},
        {"keys": ["CASH", "OK"], "says": "page.first.paid"},
    ]
