"""Every device is pulled out and put back a hundred times while the till sells: nothing crashes, and once a device is back,
no key, scan, picture, slip or call is lost.

The moment at which a hand pulls is drawn by a seed: before a sale, in the middle of a press, while a slip prints.
tests/contract/test_nodes.py runs the story of the hands once more, through device nodes."""

import pytest

from hal.events import RETRY_S
from sim.cables import DEVICES
from tests.contract.nodes import through_nodes
from tests.flows.replugging import PRICE, TIMES, at_stall, slips_are_whole

FEW = 6


async def without_keypad(stall):
    """Pulled with a key half down; the sale that was begun goes on where it was."""
    await stall.press("8")
    stall.world.press("5")
    await stall.rest(stall.dice.choice((0, 5, 30)))
    stall.world.set_cable("keypad", False)
    await stall.rest(500)
    stall.world.release("5")  # nobody hears it
    await stall.put("keypad")
    if stall.world.fields().get("value") == "0.08":
        await stall.press("5")
    await stall.press("0")
    await stall.pay(PRICE)


async def without_scanner(stall):
    """Pulled in the middle of a scan; sales go on by keys, and the next scan counts."""
    stall.world.scan("5012345678900")
    await stall.rest(stall.dice.randrange(13))
    stall.world.set_cable("scanner", False)
    await stall.rest(100)
    if stall.world.frame.id == "cart":
        await stall.press("BACK")  # it was through already
    await stall.sell()
    await stall.put("scanner")
    stall.world.scan("5012345678900")
    await stall.rest(100)
    assert stall.world.frame.id == "cart" and stall.world.fields()["lines"] == "1", stall.world.fields()
    await stall.press("BACK")


async def without_panel(stall):
    """Blind, it sells; back, it shows at the next key what it would have shown."""
    if stall.dice.randrange(2):
        stall.world.panel.unplug(after_bytes=stall.dice.randrange(1, 400))  # in the middle of a picture
    await stall.pull("panel")
    await stall.sell()
    assert not any(stall.world.panel.pages())
    await stall.put("panel")
    await stall.sell()
    assert any(stall.world.panel.pages()) and not stall.world.panel.errors


async def without_printer(stall):
    """A slip waits for its printer, and no sale does."""
    await stall.sell()
    await stall.pull("printer")
    await stall.sell()
    await stall.put("printer")
    await stall.slips()
    slips_are_whole(stall)


async def without_modem(stall):
    """No Wi-Fi, and no modem: it sells; with the modem back, everything goes out."""
    world = stall.world
    if world.rig.links.name != "4g":
        world.set_link("4g")
    await stall.rest(10_000)
    await stall.pull("modem")
    await stall.sell()
    await stall.rest(stall.dice.randrange(5000))
    await stall.put("modem")
    for _ in range(90):
        if world.queued() == 0:
            return
        await stall.rest(1000)
    raise AssertionError(f"{world.queued()} sales are still here: {list(world.events.kept)[-12:]}")


async def without_stick(stall):
    """In and out, whatever the till does."""
    stall.world.set_cable("stick", True)
    await stall.pull("stick")
    await stall.sell()
    stall.world.set_cable("stick", True)
    await stall.sell()


STORIES = {
    "keypad": without_keypad,
    "scanner": without_scanner,
    "panel": without_panel,
    "printer": without_printer,
    "modem": without_modem,
    "stick": without_stick,
}


@pytest.mark.parametrize("device", DEVICES)
def test_a_device_pulled_and_put_back_again_and_again_stops_no_sale(device):
    at_stall(STORIES[device], TIMES if device == "modem" else FEW)  # below, the Wi-Fi carries while the modem is out


async def without_hands(stall):
    """Keypad and scanner, each in the middle of what it does."""
    stall.world.scan("5012345678900")
    await stall.rest(stall.dice.randrange(10))
    stall.world.set_cable("scanner", False)
    await without_keypad(stall)
    stall.world.set_cable("scanner", True)
    await stall.rest(1000 * RETRY_S)
    stall.world.scan("5012345678900")
    await stall.rest(100)
    assert stall.world.frame.id == "cart" and stall.world.fields()["lines"] == "1", stall.world.fields()
    await stall.press("BACK")


def test_the_hands_of_a_till_come_and_go():
    at_stall(without_hands, TIMES if through_nodes() else FEW)


async def without_anything(stall):
    """All of them in one round, in any order; with the rest out, it sells by keys; with all back, by scan and key."""
    rest = [device for device in DEVICES if device != "keypad"]
    stall.dice.shuffle(rest)
    for device in rest:
        await stall.pull(device)
    await stall.sell()
    for device in rest:
        stall.world.set_cable(device, True)
    await stall.rest(1000 * RETRY_S + 50)
    stall.world.scan("5012345678900")
    await stall.rest(100)
    assert stall.world.frame.id == "cart", stall.world.frame.id
    await stall.press("BACK")
    await without_keypad(stall)
    assert any(stall.world.panel.pages()) and not stall.world.panel.errors


def test_every_device_pulled_and_put_back_a_hundred_times():
    at_stall(without_anything, TIMES, all_out)


async def all_out(stall):
    """In the end, every slip has printed and every sale is with the fleet."""
    stall.world.set_link("4g")
    await stall.rest(120_000)
    await stall.slips()
    slips_are_whole(stall)
    assert stall.world.queued() == 0
