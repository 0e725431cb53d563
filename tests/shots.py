"""The README's pictures, by headless Chromium: `python -m tests.shots [DIR]`. They show what the code does today."""

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

from sim.world import World
from tests.flows.page_driver import LARGE, SMALL, bench, browser, found_chromium, until

GALLERY = Path(__file__).parents[1] / "out" / "gallery.html"
LOCALES = {"en": "en-GB", "zh": "zh-CN"}


async def page(lang: str, folder: str) -> None:
    """A coffee and two buns, paid with a twenty; the tea before it lies in the tray."""
    with tempfile.TemporaryDirectory() as scratch:
        async with bench(Path(scratch), lang) as (world, served), browser(served.url, LARGE, LOCALES[lang]) as till:
            await till.expect("idle")
            await till.press("F3", "CASH", "OK")
            await till.expect("paid", total="2.00")
            await till.shows("#journal", "0002")
            await until(head_rests(world), "the head never came to rest")
            await till.tab.click("#tear")
            await till.press("OK", "F1", "2", "TIMES", "F2", "CASH", "2", "0", "00", "OK")
            await till.expect("paid", total="8.50", change="11.50")
            await till.shows("#journal", "0004")
            await till.shows("#ledger", "0002")
            await till.tab.locator("#drawer-pill").wait_for(state="hidden")
            await till.shot("page" if lang == "en" else f"page.{lang}", folder)


def head_rests(world: World) -> Callable[[], Awaitable[bool]]:
    """The slip is out to its end: torn off before, it would leave a scrap behind."""

    async def there() -> bool:
        return not world.printer.head.busy

    return there


async def gallery(folder: str) -> None:
    """The top of the golden frames' gallery, as the last `make golden` left it."""
    async with browser(GALLERY.as_uri(), SMALL) as window:
        await window.shot("gallery", folder)


async def shots(folder: str, with_gallery: bool) -> None:
    for lang in LOCALES:
        await page(lang, folder)
    if with_gallery:
        await gallery(folder)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.shots", description=__doc__)
    parser.add_argument("folder", nargs="?", default="sim/web/shots", help="where the pictures go (default: %(default)s)")
    folder = parser.parse_args().folder
    if not found_chromium():
        print("there is no Chromium on this machine: apt install chromium", file=sys.stderr)
        return 5
    with_gallery = GALLERY.exists()
    if not with_gallery:
        print("there is no out/gallery.html: run make golden first for its picture")
    asyncio.run(shots(folder, with_gallery))
    return 0


if __name__ == "__main__":
    sys.exit(main())
