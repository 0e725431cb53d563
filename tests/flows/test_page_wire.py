"""The page's door and its messages: who may come in, and what a hostile page can do, which is nothing."""

import asyncio
import http.client
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from firmware.journal.codec import KINDS
from sim.web import client, server
from sim.web.app import STATIC
from sim.web.recorder import Recorder
from sim.web.wire import BadMessage, read
from tests.flows.page_driver import bench, until


def port_of(url: str) -> int:
    return int(url.rstrip("/").rpartition(":")[2])


def get(port: int, path: str, headers: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, {name.lower(): value for name, value in answer.getheaders()}, body


class Tab:
    """A page without a browser."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.last: dict[str, Any] = {}
        self.log: list[list[str]] = []
        self.panel = b""
        self.paper = b""

    async def listen(self) -> None:
        async for message in self.socket:
            if isinstance(message, bytes):
                if message[:1] == b"F":
                    self.panel = message[1:]
                else:
                    self.paper += message[1:]
            else:
                said = json.loads(message)
                self.last[said["t"]] = said
                if said["t"] == "log":
                    self.log += said["lines"]
                if said["t"] == "strip":
                    self.paper = b""

    async def say(self, **message: Any) -> None:
        await self.socket.send(json.dumps(message))

    async def press(self, *names: str) -> None:
        for name in names:
            await self.say(key=name, down=True)
            await self.say(key=name, down=False)

    async def expect(self, screen: str, **fields: str) -> None:
        async def there() -> bool:
            seen = self.last.get("screen", {"id": "", "fields": {}})
            return seen["id"] == screen and all(seen["fields"].get(name) == value for name, value in fields.items())

        try:
            await until(there, "")
        except AssertionError:
            pytest.fail(f"the page was told {self.last.get('screen')}, not {screen} {fields}")


@asynccontextmanager
async def tab(url: str) -> AsyncIterator[Tab]:
    async with connect(f"ws://127.0.0.1:{port_of(url)}/wire", origin=url.rstrip("/")) as socket:  # type: ignore[arg-type]
        found = Tab(socket)
        listening = asyncio.create_task(found.listen())
        try:
            yield found
        finally:
            listening.cancel()


def test_only_this_machines_own_page_comes_in(tmp_path: Path) -> None:
    async def story() -> None:
        async with bench(tmp_path) as (_, page):
            port = port_of(page.url)
            ours = {"Host": f"127.0.0.1:{port}"}
            for headers, status in (
                (ours, 200),
                ({"Host": f"localhost:{port}"}, 200),
                ({"Host": f"barrow.example:{port}"}, 403),
                ({"Host": "127.0.0.1:1"}, 403),
                (ours | {"Origin": "http://barrow.example"}, 403),
                (ours | {"Origin": "null"}, 403),
            ):
                for path in ("/", "/log"):
                    assert (await asyncio.to_thread(get, port, path, headers))[0] == status, (path, headers)
            for origin, host, allowed in (
                (f"http://127.0.0.1:{port}", "127.0.0.1", True),
                (f"http://localhost:{port}", "localhost", True),
                ("http://barrow.example", "127.0.0.1", False),
                (f"http://127.0.0.1:{port}", "barrow.example", False),
                (None, "127.0.0.1", False),
            ):
                assert await comes_in(port, origin, host) == allowed, (origin, host)

    asyncio.run(story())


async def comes_in(port: int, origin: Any, host: str) -> bool:
    try:
        async with connect(f"ws://{host}:{port}/wire", origin=origin, host="127.0.0.1", port=port, proxy=None):
            return True
    except InvalidStatus as refusal:
        assert refusal.response.status_code == 403
        return False


def test_the_page_runs_nothing_that_is_not_its_own(tmp_path: Path) -> None:
    async def story() -> None:
        async with bench(tmp_path) as (_, page):
            port = port_of(page.url)
            _, headers, body = await asyncio.to_thread(get, port, "/", {})
            assert headers["content-security-policy"].startswith("default-src 'self';")
            assert headers["x-content-type-options"] == "nosniff"
            assert not re.search(rb'(?:src|href)="(?!/static/|/log"|data:image/svg)', body)
            for path in (
                "/words/..%2f..%2fboard.json",
                "/words/en.secret.json",
                "/scenarios/..%2f..%2fREADME.sale",
                "/static/../app.py",
            ):
                assert (await asyncio.to_thread(get, port, path, {}))[0] == 404, path
            for lang in ("en", "zh"):
                assert (await asyncio.to_thread(get, port, f"/words/{lang}.json", {}))[0] == 200

    asyncio.run(story())


HOSTILE = [
    "", "{", "[]", "null", "[" * 5000, '{"key": "CASH"}', '{"key": ["CASH"], "down": true}', '{"key": "NOSUCH", "down": true}',
    '{"key": "OK", "down": 1}', '{"scan": ""}', '{"scan": "a\\u0007"}', '{"scan": "\\ud800"}', '{"scan": 5}',
    json.dumps({"scan": "9" * 257}), '{"act": "keys 1"}', '{"act": "within 5s queue empty"}', '{"act": "use market"}',
    '{"act": "net 5g"}', '{"act": "battery"}', '{"act": "battery 5% 6%"}', '{"act": "\\"paper"}', json.dumps({"act": "x" * 999}),
    '{"act": "include ../../README.md"}', '{"page": "format"}', '{"page": "run"}', '{"page": "record", "on": "yes"}', "\x00",
]  # fmt: skip


@pytest.mark.parametrize("message", HOSTILE)
def test_a_hostile_message_is_refused(message: str) -> None:
    with pytest.raises(BadMessage) as refusal:
        read(message)
    assert str(refusal.value).isprintable()


def test_a_hostile_page_stops_nothing(tmp_path: Path) -> None:
    async def story() -> None:
        async with bench(tmp_path) as (world, page), tab(page.url) as honest, tab(page.url) as hostile:
            await honest.expect("idle")
            for message in HOSTILE * 3:
                await hostile.socket.send(message)
            await hostile.socket.send(b"\xff\x00")
            await hostile.say(page="run", text="use market\ninclude ../../README.md\n", name="../../x")

            async def refused() -> bool:
                return len([line for line in honest.log if line[2].startswith("the page sent something else")]) == client.BAD_KEPT

            await until(refused, "not every hostile message was refused aloud, up to the last that is logged")
            with pytest.raises(ConnectionClosed):  # RFC 6455: 1009, too big
                await hostile.socket.send("x" * 200_000)
                await hostile.socket.wait_closed()
                await hostile.socket.send("x")
            await honest.say(page="home")
            await honest.press("F1")
            await honest.expect("cart", total="3.50")
            assert world.crashed is None

    asyncio.run(story())


def test_a_key_is_let_go_when_its_page_is_gone(tmp_path: Path) -> None:
    async def story() -> None:
        async with bench(tmp_path) as (world, page):
            edges: list[str] = []
            world.press = lambda name: edges.append(f"{name} down")  # type: ignore[method-assign]
            world.release = lambda name: edges.append(f"{name} up")  # type: ignore[method-assign]

            async def let_go() -> bool:
                return edges == ["OK down", "OK up"]

            async with tab(page.url) as one:
                await one.say(key="OK", down=True)
                await one.say(key="OK", down=True)
            await until(let_go, "the key is still down")

    asyncio.run(story())


def test_every_page_sees_the_same_and_a_late_one_sees_all(tmp_path: Path) -> None:
    async def story() -> None:
        async with bench(tmp_path) as (world, page), tab(page.url) as first:
            await first.expect("idle")
            await first.press("F1", "CASH", "OK")
            await first.expect("paid", total="3.50")

            async def printed() -> bool:
                return bool(world.journal_fields()) and world.journal_fields()[-1]["kind"] == "print"

            await until(printed, "nothing was printed")
            async with tab(page.url) as late:
                await late.expect("paid", total="3.50")

                async def same() -> bool:
                    paper = bytes(page.hub.scene.paper.strip.rows)
                    return late.panel == first.panel == world.panel.pages() and late.paper == first.paper == paper != b""

                async def heard() -> bool:
                    return [line[2] for line in late.log].count("screen paid") == 1

                await until(same, "two pages differ")
                await until(heard, "the late one was not told what went before, once")

    asyncio.run(story())


def test_a_page_that_does_not_listen_is_dropped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "SLOW_S", 0.2)

    async def story() -> None:
        async with bench(tmp_path) as (world, page):
            deaf = await connect(f"ws://127.0.0.1:{port_of(page.url)}/wire", origin=page.url.rstrip("/"), max_queue=1)  # type: ignore[arg-type]
            deaf.transport.pause_reading()

            async def there() -> bool:
                return len(page.hub.wakers) == 1

            async def gone() -> bool:
                world.events.say("sys", "x" * 60_000)
                return not page.hub.wakers

            await until(there, "the page never came")
            await until(gone, "the page that does not listen is still served")
            deaf.transport.abort()
            async with tab(page.url) as honest:
                await honest.expect("idle")

    asyncio.run(story())


def test_a_taken_port_gives_the_next_one() -> None:
    first = server.bind(0)
    taken = first.getsockname()[1]
    second = server.bind(taken)
    assert taken < second.getsockname()[1] <= taken + server.TRIES
    assert second.getsockname()[0] == "127.0.0.1"
    first.close()
    second.close()


def test_a_recording_says_holds_pauses_and_what_came_of_them(tmp_path: Path) -> None:
    async def story() -> None:
        async with bench(tmp_path) as (world, _):
            recorder = Recorder(world)
            now, frame = world.clock.now_ms(), world.frame
            for name, down_ms in (("1", 60), ("BACK", 900), ("2", 60)):
                recorder.edge(name, True, now, frame)
                recorder.edge(name, False, now + down_ms, frame)
                now += down_ms + 100
            recorder.act("scan 501", now, frame)
            recorder.act("battery 30%", now, frame)
            recorder.act("battery 20%", now, frame)
            recorder.act('scan a"b', now + 5000, frame)
            script = recorder.stop(now + 5000, frame).splitlines()
            assert script[1] == "keys 1 hold:BACK 2"
            assert [line for line in script[2:] if not line.startswith("expect")] == [
                "scan 501",
                "battery 20%",
                "wait 5s",
                '# the language cannot write this: scan a"b',
            ]

    asyncio.run(story())


WORD = re.compile(r'"((?:page|journal|lamp|key)\.[A-Za-z0-9_.]+)"')


def test_every_word_of_the_page_is_there_in_both_languages() -> None:
    tables = {lang: json.loads(Path(f"config/text/page.{lang}.json").read_text(encoding="utf-8")) for lang in ("en", "zh")}
    assert tables["en"].keys() == tables["zh"].keys()
    for key, text in tables["en"].items():
        assert set(re.findall(r"\{\w+\}", text)) == set(re.findall(r"\{\w+\}", tables["zh"][key])), key
    used = {word for file in STATIC.glob("*.*") for word in WORD.findall(file.read_text(encoding="utf-8"))}
    used |= {f"journal.{kind}" for kind, code in KINDS.items() if 1 < code < 64}
    assert used <= tables["en"].keys()
    assert len(used) > 60
