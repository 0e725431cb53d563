"""The page in headless Chromium, as a person meets it: keys are pressed, the panel and the paper are read.

The bench runs in the test's own loop, so a test can look at the same world from both sides."""

import asyncio
import json
import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page as Tab
from playwright.async_api import async_playwright

from fleet.ledger import Ledger
from sim.ends import InLoop
from sim.golden import Golden
from sim.setup import Setup
from sim.web.app import Page
from sim.world import World

FLAGS = "--no-sandbox --disable-gpu --disable-background-networking --no-first-run --disable-component-update --disable-sync"
DEADLINE_S = 10.0
SMALL, LARGE = (1366, 768), (1600, 1000)


def found_chromium() -> str:
    """Where it is; "" when it is not."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), "")


def chromium() -> str:
    """Where it is. Without it the test is skipped, aloud; with CI=true it fails."""
    if path := found_chromium():
        return path
    if os.environ.get("CI") == "true":
        pytest.fail("there is no Chromium on this machine")
    pytest.skip("there is no Chromium on this machine: apt install chromium")


@asynccontextmanager
async def bench(folder: Path, lang: str = "en", link: str = "wifi") -> AsyncIterator[tuple[World, Page]]:
    """A till that is on, with a fleet of its own, and its page."""
    ends = InLoop(Ledger(folder / "ledger.db"))
    world = World(Setup(lang=lang, link=link), ends, Golden(folder), echo=None)
    page = Page(world, 0)
    try:
        await ends.start()
        await world.power_on()
        yield world, page
    except BaseException:
        print("\n".join(" ".join(event) for event in world.events.kept))
        raise
    finally:
        await page.close()
        await world.close()


@asynccontextmanager
async def browser(url: str, size: tuple[int, int] = SMALL, locale: str = "en-GB") -> "AsyncIterator[Till]":
    """A window on the page. Whatever the page complains of in the console fails the test."""
    async with async_playwright() as playwright:
        program = await playwright.chromium.launch(executable_path=chromium(), args=FLAGS.split())
        context = await program.new_context(viewport={"width": size[0], "height": size[1]}, locale=locale, accept_downloads=True)
        tab = await context.new_page()
        complaints: list[str] = []
        tab.on("console", lambda message: complaints.append(message.text) if message.type in ("error", "warning") else None)
        tab.on("pageerror", lambda error: complaints.append(str(error)))
        await tab.goto(url)
        yield Till(tab)
        await program.close()
        assert not complaints, complaints


async def until(what: Callable[[], Awaitable[Any]], wanted: str) -> Any:
    """What it gives as soon as it is true; a failure with its last answer after DEADLINE_S."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + DEADLINE_S
    while not (answer := await what()):
        assert loop.time() < deadline, wanted
        await asyncio.sleep(0.02)
    return answer


class Till:
    """The till on the page, as one sees it."""

    def __init__(self, tab: Tab) -> None:
        self.tab = tab

    async def press(self, *names: str) -> None:
        """By mouse."""
        for name in names:
            await self.tab.click(f'[data-k="{name}"]')

    async def type(self, *keys: str) -> None:
        """By keyboard, in the keyboard's own names."""
        for key in keys:
            await self.tab.keyboard.press(key)

    async def seen(self) -> tuple[str, dict[str, str]]:
        """The screen's id and its fields, as the page was told."""
        found = await self.tab.evaluate("({screen, fields}) => [screen, fields]", await self.data("#panel"))
        return found[0], json.loads(found[1] or "{}")

    async def data(self, selector: str) -> dict[str, str]:
        return dict(await self.tab.eval_on_selector(selector, "el => ({...el.dataset})"))

    async def expect(self, screen: str, **fields: str) -> None:
        """Wait until this screen with these fields stands on the page."""
        last: tuple[str, dict[str, str]] = ("", {})

        async def there() -> bool:
            nonlocal last
            last = await self.seen()
            return last[0] == screen and all(last[1].get(name) == value for name, value in fields.items())

        try:
            await until(there, "")
        except AssertionError:
            pytest.fail(f"the page shows {last}, not {screen} {fields}")

    async def lit(self) -> int:
        """How many pixels of the panel's picture are bright."""
        return int(
            await self.tab.evaluate("""() => {
              const glow = document.querySelector("#panel .glow");
              const { data } = glow.getContext("2d").getImageData(0, 0, glow.width, glow.height);
              let lit = 0;
              for (let i = 3; i < data.length; i += 4) lit += data[i] > 0;
              return lit;
            }""")
        )

    async def paper(self, *words: str) -> str:
        """What hangs out of the printer, once these words stand on it."""

        async def there() -> str:
            text = await self.tab.inner_text("#paper") if await self.tab.locator("#roll").is_visible() else ""
            return text if all(word in text for word in words) else ""

        return str(await until(there, f"the paper never said {words}"))

    async def text(self, selector: str) -> str:
        return str(await self.tab.locator(selector).inner_text())

    async def shows(self, selector: str, words: str) -> None:
        """Wait until these words stand there."""

        async def there() -> bool:
            return words in await self.text(selector)

        await until(there, f"{selector} never said {words!r}")

    async def turn(self, act: str) -> None:
        """A knob, by the act that it does; in a low window some are folded away."""
        knob = self.tab.locator(f'[data-act="{act}"]')
        if not await knob.is_visible():
            await self.tab.click(f'details:has([data-act="{act}"]) > summary')
        await knob.click()

    async def shot(self, name: str, folder: str = "out/page") -> None:
        """A picture to look at."""
        await self.tab.screenshot(path=f"{folder}/{name}.png")
