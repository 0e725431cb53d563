"""The page changes what the till is made of, pulls its cables, and takes its log away; the till sells on."""

import asyncio
from pathlib import Path

from sim.world import World
from tests.flows.page_driver import SMALL, Till, bench, browser, until
from tests.flows.test_page import FITS


def test_other_hardware_pulled_cables_and_the_log(tmp_path: Path) -> None:
    async def story() -> None:
        async with bench(tmp_path) as (world, page), browser(page.url) as till:
            await till.expect("idle")
            await cables(till, world)
            await till.tab.click("#record")
            await wide_panel_and_small_pad(till, world)
            await wide_roll_that_loses_its_printer(till)
            await till.tab.click("#record")
            await till.tab.wait_for_selector("#record-dialog[open]")
            script = (await till.tab.input_value("#recorded")).splitlines()
            await till.tab.click("#record-close")
            fitted = {"fit panel ssd1322", "fit keypad pad-4x4", "fit printer 80mm", "fit scanner serial"}
            assert fitted | {"cable printer in", "cable scanner out"} <= set(script)
            assert "keys 2 TIMES F2 MENU CANCEL" in script and "panel" not in script[0] and "power cut" not in script
            await room_for_it(till)
            await till.turn("power key")
            await till.expect("off")
            await the_log(till, tmp_path / "log")

    asyncio.run(story())


async def cables(till: Till, world: World) -> None:
    """Without its keypad it hears nothing, without its panel nobody sees anything; then both are back."""
    await pull(till, "keypad")
    await till.press("F1")
    await pull(till, "keypad", back=True)
    for device in ("scanner", "panel", "modem"):
        await pull(till, device)
    await pull(till, "stick", back=True)  # it starts in the drawer
    assert world.rig.cables.out == {"scanner", "panel", "modem"} and world.rig.stick.state == "in"
    await until(shines(till, False), "the panel shines without its cable")
    for device in ("scanner", "panel", "modem"):
        await pull(till, device, back=True)
    await till.shows("#log", "keypad is back")
    await till.press("F3")
    await till.expect("cart", total="2.00", lines="1")  # nobody heard the first key
    await until(shines(till, True), "the panel stays dark")


async def wide_panel_and_small_pad(till: Till, world: World) -> None:
    """Each time without power it boots with what it finds, and the cart is there."""
    await till.turn("fit panel ssd1322")
    await till.turn("fit keypad pad-4x4")
    await till.tab.wait_for_selector('[data-k="SHIFT"]')
    await till.expect("cart", total="2.00")
    assert await till.tab.eval_on_selector("#panel .glow", "el => [el.width, el.height]") == [256, 64]
    assert await till.lit() == sum(map(int.bit_count, world.panel.pages())) > 1000
    await till.press("2", "TIMES", "SHIFT", "5", "SHIFT", "OK")
    await till.expect("menu")
    await till.press("SHIFT", "BACK")
    await till.expect("cart", total="7.00", lines="2")


async def wide_roll_that_loses_its_printer(till: Till) -> None:
    """48 letters a line, and the cable out in the middle of the slip."""
    await till.turn("fit printer 80mm")
    await till.turn("fit scanner serial")
    await till.expect("cart", total="7.00")
    await till.press("CASH", "OK")
    await till.expect("paid", total="7.00")
    slip = await till.paper("GBP")
    await pull(till, "printer")
    await till.expect("paper_out", no="0001")
    await pull(till, "scanner")
    await pull(till, "printer", back=True)
    await pull(till, "scanner", back=True)
    await till.type("Enter")  # the laptop's keys are the same on every keypad
    slip = await till.paper("TOTAL", "Proof")
    assert max(map(len, slip.splitlines())) == 48
    assert await till.tab.eval_on_selector("#roll canvas", "el => el.width") == 576
    await till.shows("#journal", "print 0001")
    await till.shows("#log", "scanner is back")
    await till.tab.click('#items [title="5012345678900"]')
    await till.expect("cart", total="3.80")
    await till.press("BACK")
    await till.expect("idle")


async def room_for_it(till: Till) -> None:
    """The widest till with the number pad, and paper in its tray, in windows of every kind."""
    await till.turn("fit keypad usb-number-pad")
    await till.tab.wait_for_selector('[data-k="NUM"]')
    await till.expect("idle")
    await till.press("7", "SHIFT", "0", "OK")
    await till.expect("cart", total="7.00")
    await till.tab.click("#tear")
    await till.tab.wait_for_selector("#tray .slip")
    for wide, high in ((1366, 640), (1366, 1000), (1920, 1080), SMALL):
        await till.tab.set_viewport_size({"width": wide, "height": high})
        await until(fits(till), f"something has no room in {wide}x{high}")  # drawers fold when the window has changed


async def the_log(till: Till, kept: Path) -> None:
    """As the till's menu puts it onto a stick: what the bench says is not in it."""
    async with till.tab.expect_download() as coming:
        await till.tab.click("#log-save")
    log = await coming.value
    await log.save_as(kept)
    text = await asyncio.to_thread(kept.read_text, "utf-8")
    assert log.suggested_filename == "BARROW-0001-LOG.TXT"
    assert "ui screen paid" in text and "drawer kicked" in text and " sim " not in text


async def pull(till: Till, device: str, back: bool = False) -> None:
    """By its plug on the page, which then shows it."""
    plug = till.tab.locator(f'[data-key="plug_{device}"]')
    await plug.click()

    async def there() -> bool:
        return await plug.get_attribute("aria-pressed") == str(back).lower()

    await until(there, f"the plug of the {device} does not show it")


def fits(till: Till):
    async def there() -> bool:
        return await till.tab.evaluate(FITS) == []

    return there


def shines(till: Till, wanted: bool):
    async def there() -> bool:
        return (await till.lit() > 500) == wanted

    return there
