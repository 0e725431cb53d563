"""The page changes what the till is made of, pulls its cables, and takes its log away; the till sells on."""

import asyncio
from pathlib import Path

from tests.flows.page_driver import Till, bench, browser, until


def test_another_panel_a_small_pad_and_a_wide_roll_sell(tmp_path: Path) -> None:
    async def story() -> None:
        async with bench(tmp_path) as (world, page), browser(page.url) as till:
            await till.expect("idle")
            await till.tab.click("#record")
            # the wide panel, with its own picture; it is on again after each time without power
            await till.press("F1")
            await till.expect("cart", total="3.50")
            await till.turn("fit panel ssd1322")
            await till.expect("cart", total="3.50")
            await till.turn("fit keypad pad-4x4")
            await till.tab.wait_for_selector('[data-k="SHIFT"]')
            await till.expect("cart", total="3.50")
            assert await till.tab.eval_on_selector("#panel .glow", "el => [el.width, el.height]") == [256, 64]
            assert await till.lit() == sum(map(int.bit_count, world.panel.pages())) > 1000
            # the pad: a key, and what it means after the shift
            await till.press("2", "TIMES", "SHIFT", "5", "SHIFT", "OK")
            await till.expect("menu")
            await till.press("SHIFT", "BACK")
            await till.expect("cart", total="8.50", lines="2")
            await till.turn("fit printer 80mm")
            await till.expect("cart", total="8.50")
            await till.press("CASH", "OK")
            await till.expect("paid", total="8.50")
            slip = await till.paper("TOTAL", "Proof")
            assert max(map(len, slip.splitlines())) == 48
            assert await till.tab.eval_on_selector("#roll canvas", "el => el.width") == 576
            await till.shows("#journal", "print 0001")
            # by the laptop's keyboard as before
            await till.type("Enter", "F2")
            await till.expect("cart", total="2.50")
            await till.turn("fit keypad matrix-28")
            await till.tab.wait_for_selector('[data-k="MENU"]')
            await till.press("BACK")
            await till.expect("idle")
            await till.tab.click("#record")
            await till.tab.wait_for_selector("#record-dialog[open]")
            script = (await till.tab.input_value("#recorded")).splitlines()
            assert {"fit panel ssd1322", "fit keypad pad-4x4", "fit printer 80mm", "keys 2 TIMES F2 MENU CANCEL"} <= set(script)
            assert "panel" not in script[0] and "power cut" not in script

    asyncio.run(story())


def test_cables_are_pulled_and_put_back_and_the_log_is_taken_away(tmp_path: Path) -> None:
    async def story() -> None:
        async with bench(tmp_path) as (world, page), browser(page.url) as till:
            await till.expect("idle")
            await till.press("F1", "CASH", "OK")
            await till.expect("paid", no="0001")
            await till.paper("Coffee")  # in the middle of the slip
            await pull(till, "printer")
            await till.expect("paper_out", no="0001")
            await pull(till, "printer", back=True)
            await till.press("OK")
            await till.shows("#journal", "print 0001")
            assert (await till.paper("Proof")).count("TOTAL") >= 1
            for device in ("keypad", "scanner", "panel", "modem", "stick"):
                out = device == "stick"  # a stick starts in the drawer
                await pull(till, device, back=out)
                assert (device in world.rig.cables.out) != out
            await until(dark(till), "the panel shines without its cable")
            await till.press("F1")
            for device in ("keypad", "scanner", "panel", "modem"):
                await pull(till, device, back=True)
            await till.expect("idle", total="0.00")  # nobody heard that key
            await till.shows("#log", "keypad is back")
            await till.press("F3")
            await till.expect("cart", total="2.00")
            await until(lit(till), "the panel stays dark")
            await till.turn("power key")
            await till.expect("off")
            await till.turn("power key")
            await till.expect("cart", total="2.00")
            async with till.tab.expect_download() as coming:
                await till.tab.click("#log-save")
            log = await coming.value
            assert log.suggested_filename == "BARROW-0001-LOG.TXT"
            await log.save_as(kept := tmp_path / "log")
            text = await asyncio.to_thread(kept.read_text, "utf-8")
            assert "ui screen paid" in text and "drawer kicked" in text and " sim " not in text

    asyncio.run(story())


async def pull(till: Till, device: str, back: bool = False) -> None:
    """By its plug on the page, which then shows it."""
    plug = till.tab.locator(f'[data-key="plug_{device}"]')
    await plug.click()

    async def there() -> bool:
        return await plug.get_attribute("aria-pressed") == str(back).lower()

    await until(there, f"the plug of the {device} does not show it")


def dark(till: Till):
    async def there() -> bool:
        return await till.lit() == 0

    return there


def lit(till: Till):
    async def there() -> bool:
        return await till.lit() > 500

    return there
