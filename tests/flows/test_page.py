"""The page in a browser: someone who has never seen Barrow sells a coffee and two buns, and pulls the plug."""

import asyncio
from pathlib import Path

import pytest

from tests.flows.page_driver import LARGE, SMALL, Till, bench, browser, until


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_coffee_and_two_buns_and_a_pulled_plug(tmp_path: Path, lang: str) -> None:
    words = {"en": ("Coffee", "TOTAL", "firmware up", "no power"), "zh": ("咖啡", "合计", "运行中", "已断电")}[lang]
    coffee, total, up, off = words

    async def story() -> None:
        async with bench(tmp_path, lang) as (world, page), browser(page.url, locale={"en": "en-GB", "zh": "zh-CN"}[lang]) as till:
            await till.expect("idle", total="0.00")
            assert up in await till.text("#power-pill")
            assert await till.lit() > 500
            # by mouse
            await till.press("F1", "2", "TIMES", "F2")
            await till.expect("cart", total="8.50", lines="2")
            assert coffee in await till.text("#says")
            await till.shot(f"cart.{lang}")
            await till.press("CASH", "OK")
            await till.expect("paid", total="8.50", change="0.00")
            paper = await till.paper(coffee, total, "8.50")
            assert "3.50" in paper and "5.00" in paper
            await till.shows("#journal", {"en": "print 0001", "zh": "打印 0001"}[lang])
            await till.shows("#ledger", "0001")
            assert await till.data("#queue-head") | {"waiting": "0"} == await till.data("#queue-head")
            await till.shot(f"paid.{lang}")
            # the plug, with a line in the cart
            await till.press("1", "4", "PLU")
            await till.expect("cart", total="2.00", lines="1")
            await till.turn("power cut")
            await till.expect("off")
            assert off in await till.text("#power-pill")
            assert await till.lit() == 0
            await till.press("F1")
            await till.shot(f"off.{lang}")
            await till.turn("power on")
            await till.expect("cart", total="2.00", lines="1")
            # by keyboard
            await till.type("Backspace")
            await till.expect("idle", total="0.00")
            await till.type("8", "5", "0", "c")
            await till.expect("cash", due="8.50", given="0.00")
            await till.type("1", "0", "/", "Enter")
            await till.expect("paid", total="8.50", change="1.50")
            await till.shows("#ledger", "0002")
            assert [r["no"] for r in world.journal_fields() if r["kind"] == "sale"] == ["0001", "0002"]
            assert await till.data("#journal-head") | {"sound": "true"} == await till.data("#journal-head")

    asyncio.run(story())


def test_keys_can_be_held_by_mouse_and_keyboard(tmp_path: Path) -> None:
    async def story() -> None:
        async with bench(tmp_path) as (world, page), browser(page.url) as till:
            await till.expect("idle")
            await till.press("F1")
            await till.expect("cart", lines="1")
            await till.tab.hover('[data-k="OK"]')
            await till.tab.mouse.down()
            await till.expect("idle")  # parked while the key is still down
            await till.tab.mouse.up()
            await till.type("1", "2")
            await till.expect("amount", value="0.12")
            await till.tab.keyboard.down("Backspace")
            await till.expect("idle")
            await till.tab.keyboard.up("Backspace")
            # a key that is down when its window goes away is let go
            let_go: list[str] = []
            world.release = let_go.append
            await till.tab.keyboard.down("5")
            await till.expect("amount", value="0.05")
            await till.tab.close()
            await until(lambda: value("5" in let_go), "a closed page still holds its key")

    asyncio.run(story())


def test_the_keyboard_is_the_tills_after_a_click_and_the_fields_when_one_writes(tmp_path: Path) -> None:
    async def story() -> None:
        async with bench(tmp_path) as (world, page), browser(page.url) as till:
            await till.expect("idle")
            await till.turn("paper near-end")
            await until(lambda: value(world.printer.paper == "near_end"), "the knob did nothing")
            await till.type("7", "Enter")  # Enter is OK, not the knob again
            await till.expect("cart", total="0.07")
            await till.tab.fill("#code", "5012345678900")
            await till.tab.press("#code", "Enter")
            await till.expect("cart", total="3.87", lines="2")
            await till.tab.focus("#code")
            await till.type("9")
            assert await till.tab.input_value("#code") == "50123456789009"
            await till.expect("cart", total="3.87", lines="2")

    asyncio.run(story())


async def value(truth: bool) -> bool:
    return truth


def test_every_knob_turns_the_bench_and_shows_what_it_says(tmp_path: Path) -> None:
    async def story() -> None:
        async with bench(tmp_path) as (world, page), browser(page.url) as till:
            await till.expect("idle", offline="no")
            await till.turn("net off")
            await till.expect("idle", offline="yes", link="off")
            await till.turn("net wifi")
            await till.expect("idle", offline="no", link="wifi")
            for act, back in (("disk full", "disk ok"), ("cover open", "cover closed"), ("printer silent", "printer answering")):
                button = till.tab.locator(f'[data-act="{act}"]')
                await button.click()
                await pressed(button, "true")
                await button.click()
                await pressed(button, "false")
                assert await button.get_attribute("data-off") == back
            await till.turn("paper out")
            await pressed(till.tab.locator('[data-act="paper out"]'), "true")
            for state in ("in", "full", "dying", "out"):
                await till.turn(f"stick {state}")
                await pressed(till.tab.locator(f'[data-act="stick {state}"]'), "true")
                assert world.rig.stick.state == state
            before = world.clock.utc_s()
            await till.turn("clock +2h")
            await until(lambda: value(world.clock.utc_s() - before >= 7200), "the clock stood")
            await till.turn("broker down")
            await till.expect("idle", offline="yes")
            await till.turn("broker down")
            await till.tab.locator("#battery").fill("12")
            await until(lambda: value(world.rig.battery.percent == 12), "the battery stood")

    asyncio.run(story())


async def pressed(button, truth: str) -> None:
    async def look() -> bool:
        return await button.get_attribute("aria-pressed") == truth

    await until(look, f"the knob never showed {truth}")


def test_the_network_panel_drives_the_lines_and_says_which_carries(tmp_path: Path) -> None:
    async def story() -> None:
        async with bench(tmp_path, link="4g") as (world, page), browser(page.url) as till:
            links, says = world.rig.links, till.tab.locator("#net-state")
            await till.expect("idle", link="4g", offline="no")
            await until(lambda: value(links.modem.air_up > 0), "nothing went over 4G")
            await panel_says(says, "4G · in session")
            await till.tab.click("#net-more summary")
            for dial, to in (("latency", "80"), ("loss", "2"), ("rate", "5"), ("csq", "9")):
                await till.tab.locator(f"#{dial}").fill(to)
            await until(lambda: value(links.air == (80, 2, 1_000_000) and links.modem.csq == 9), "a dial turned nothing")
            await till.turn("net captive")
            assert links.name in ("captive", "4g")
            await till.turn("net off")
            await till.expect("idle", link="off", offline="yes")
            await panel_says(says, "Offline · no session")

    asyncio.run(story())


async def panel_says(title, words: str) -> None:
    async def look() -> bool:
        return words in (await title.text_content() or "")

    await until(look, f"the panel never said {words}")


def test_paper_is_torn_into_a_tray_that_other_pages_see(tmp_path: Path) -> None:
    async def story() -> None:
        async with bench(tmp_path) as (_, page), browser(page.url) as till:
            await till.expect("idle")
            await till.press("F1", "CASH", "OK")
            await till.paper("3.50")
            await till.shows("#journal", "print 0001")
            other = await till.tab.context.new_page()
            await other.goto(page.url)
            await Till(other).paper("3.50")
            await till.tab.click("#tear")
            for tab in (till.tab, other):
                await tab.wait_for_selector("#tray .slip")
                assert not await tab.locator("#roll").is_visible()
            await till.tab.click("#tray .slip")
            assert await till.tab.locator("#slip-dialog").is_visible()
            await till.tab.click("#slip-close")
            await till.tab.click("#clear-tray")
            await other.wait_for_selector("#tray", state="hidden")

    asyncio.run(story())


def test_what_was_done_is_recorded_and_runs_again_on_the_page(tmp_path: Path) -> None:
    async def story() -> None:
        async with bench(tmp_path) as (world, page), browser(page.url) as till:
            await till.expect("idle")
            await till.tab.click("#record")
            await till.tab.wait_for_selector("#record[aria-pressed=true]")
            await till.press("2", "TIMES", "F2")
            await till.expect("cart", total="5.00")
            await till.turn("net off")
            await till.press("CASH", "OK")
            await till.expect("paid", total="5.00")
            await till.tab.click("#record")
            await till.tab.wait_for_selector("#record-dialog[open]")
            script = await till.tab.input_value("#recorded")
            lines = script.splitlines()
            assert lines[0].startswith("use market lang=en") and "keys 2 TIMES F2" in lines and "net off" in lines
            assert "expect cart total=5.00 lines=1" in lines and lines[-1] == "expect paid total=5.00 change=0.00"
            await till.tab.click("#record-close")
            await till.tab.click("#run")
            await till.tab.fill("#script-text", script)
            await till.tab.click("#run-form .main")
            await till.tab.wait_for_selector("#script-state[data-state=running]")
            await till.tab.wait_for_selector("#script-state[data-state=passed]", timeout=30_000)
            await till.shot("replay")
            await till.expect("paid", total="5.00")
            await till.tab.click("#script-home")
            await till.expect("paid", total="5.00", link="off")
            assert len(world.journal_fields()) >= 1
            await till.tab.click("#run")
            await till.tab.fill("#script-text", "use market\nkeys NOSUCH\n")
            await till.tab.click("#run-form .main")
            await till.tab.wait_for_selector("#script-state[data-state=wrong]")
            await till.shows("#script-lines", "NOSUCH")

    asyncio.run(story())


def test_it_fits_its_window_in_both_languages(tmp_path: Path) -> None:
    async def story() -> None:
        async with bench(tmp_path) as (_, page), browser(page.url) as till:
            await till.expect("idle")
            await till.press("F1", "CASH", "OK")
            await till.paper("3.50")
            for wide, high in (SMALL, LARGE, (1920, 1080), (1366, 640), (1280, 720)):
                await till.tab.set_viewport_size({"width": wide, "height": high})
                for lang in ("zh", "en"):
                    await till.tab.click(f"[data-lang={lang}]")
                    await till.tab.wait_for_selector(f"[data-lang={lang}][aria-pressed=true]")
                    assert await till.tab.evaluate(FITS) == []
                    assert not await till.tab.evaluate(WORDS), "a word is missing"
                    await till.shot(f"fits.{wide}x{high}.{lang}")
            await till.shows("#journal", "print 0001")
            await till.tab.click("#tear")
            for wide, high in (SMALL, LARGE):
                await till.tab.set_viewport_size({"width": wide, "height": high})
                await till.tab.wait_for_selector("#tray .slip")
                assert await till.tab.evaluate(FITS) == []
                await till.shot(f"tray.{wide}")

    asyncio.run(story())


# what sticks out of the window, or does not fit the column it stands in
FITS = """() => {
  const out = [];
  const root = document.documentElement;
  if (root.scrollWidth > innerWidth || root.scrollHeight > innerHeight) out.push("the page scrolls");
  for (const el of document.querySelectorAll("header > *, aside.left > *, aside.right > *, .device, .tray, .btn, .cap, .plug")) {
    const box = el.getBoundingClientRect();
    const off = box.left < 0 || box.right > innerWidth || box.bottom > innerHeight;
    if (el.checkVisibility() && box.width && off) out.push(el.id || el.className);
  }
  const device = document.querySelector(".device").getBoundingClientRect();
  if (device.left < document.querySelector("aside.left").getBoundingClientRect().right - 1) out.push("the till is cut off");
  const [tray, right] = [".tray", "aside.right"].map((name) => document.querySelector(name).getBoundingClientRect());
  if (tray.width && (tray.left < device.right || tray.right > right.left)) out.push("the tray has no room");
  for (const cap of document.querySelectorAll(".cap, .plug")) if (cap.scrollWidth > cap.clientWidth) out.push(cap.textContent);
  return out;
}"""
WORDS = """() => [...document.querySelectorAll("[data-t]")].map((el) => el.textContent)
  .filter((text) => text.startsWith("?")).join()"""


def test_the_page_comes_back_when_the_bench_does(tmp_path: Path) -> None:
    async def story() -> None:
        async with bench(tmp_path) as (_, page), browser(page.url) as till:
            await till.expect("idle")
            await till.tab.context.set_offline(True)
            for client in list(page.clients):
                client.cancel()
            await till.tab.wait_for_selector("#gone-pill:visible")
            await till.tab.context.set_offline(False)
            await till.tab.wait_for_selector("#gone-pill", state="hidden")
            await till.press("F1")
            await till.expect("cart", total="3.50")

    asyncio.run(story())
