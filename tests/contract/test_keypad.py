"""The keypad's contract: what firmware gets for what a hand does, however the contacts and the cable behave."""

import asyncio
from functools import partial

from hal.keymap import Keymap
from hal.keypad import Keypad
from sim.chips.keyboard import EV_KEY, EV_SYN, SYN_DROPPED
from tests.contract.nodes import keypad_chip
from tests.contract.wires import Notes, clock, run, wait_ms

KEYMAP = Keymap({79: "1", 82: "0", 96: "OK"}, 8)


class Desk:
    """A keypad on its cable, and what it posted."""

    def __init__(self, loop, bounce_ms=0):
        self.log = Notes()
        self.chip = keypad_chip(KEYMAP, loop)
        self.chip.bounce_ms = bounce_ms
        self.keypad = Keypad(self.chip, KEYMAP, clock(), self.log)
        self.keys = []

    def start(self):
        self.keypad.start(self.keys.append)

    def edges(self):
        return [(key.name, key.down) for key in self.keys]


def at_desk(story, **knobs):
    """Run a story at a desk, in virtual time."""

    async def main():
        desk = Desk(asyncio.get_running_loop(), **knobs)
        desk.start()
        await story(desk)
        desk.keypad.stop()
        desk.chip.close()

    run(main())


def test_a_press_gives_both_edges_stamped_when_they_happened():
    async def story(desk):
        await wait_ms(100)
        desk.chip.press("OK")
        await wait_ms(60)
        desk.chip.release("OK")
        await wait_ms(60)
        assert [(k.name, k.down, k.ms) for k in desk.keys] == [("OK", True, 100), ("OK", False, 160)]

    at_desk(story)


def test_a_bounce_of_5_ms_gives_one_press():
    async def story(desk):
        desk.chip.press("1")
        await wait_ms(60)
        assert desk.edges() == [("1", True)]
        desk.chip.release("1")
        await wait_ms(60)
        assert desk.edges() == [("1", True), ("1", False)]

    at_desk(story, bounce_ms=5)


def test_a_key_let_go_while_it_is_shut_is_put_right():
    async def story(desk):
        desk.chip.press("1")
        await wait_ms(3)
        desk.chip.release("1")
        assert desk.edges() == [("1", True)]
        await wait_ms(10)
        assert desk.edges() == [("1", True), ("1", False)]

    at_desk(story)


def test_two_presses_that_arrive_together_after_a_stall_are_two():
    async def story(desk):
        for seconds, down in ((0.0, True), (0.06, False), (0.12, True), (0.18, False)):
            desk.chip.stamp = partial(float, seconds)  # noted by the kernel while our loop was busy
            desk.chip.edge(79, down)
        await wait_ms(20)
        assert desk.edges() == [("1", True), ("1", False)] * 2

    at_desk(story)


def test_keys_roll_over():
    async def story(desk):
        desk.chip.press("1")
        desk.chip.press("0")
        desk.chip.release("1")
        await wait_ms(20)
        desk.chip.release("0")
        await wait_ms(20)
        assert desk.edges() == [("1", True), ("0", True), ("1", False), ("0", False)]

    at_desk(story)


def test_autorepeat_is_not_a_press():
    async def story(desk):
        desk.chip.press("1")
        await wait_ms(250)
        for _ in range(10):
            desk.chip.emit(EV_KEY, 79, 2)
            await wait_ms(33)
        assert desk.edges() == [("1", True)]

    at_desk(story)


def test_an_unplugged_keypad_is_no_crash_and_works_again_when_it_is_back():
    async def story(desk):
        desk.chip.press("1")
        await wait_ms(20)
        desk.chip.unplug()
        await wait_ms(5000)
        assert desk.edges() == [("1", True), ("1", False)], "nobody holds a key that is gone"
        missed = [line.lower() for line in desk.log.lines if "not there" in line]
        assert missed == [f"key {desk.chip.name} is not there: no such device"], "said once"
        desk.chip.plug()
        await wait_ms(1000)
        desk.chip.press("OK")
        await wait_ms(20)
        assert desk.edges()[2:] == [("OK", True)] and f"key {desk.chip.name} is back" in desk.log.lines

    at_desk(story)


def test_a_keypad_that_is_missing_at_boot_is_found_later():
    async def story(desk):
        desk.keypad.stop()
        desk.chip.unplug()
        desk.start()
        await wait_ms(3500)
        desk.chip.plug()
        await wait_ms(1000)
        desk.chip.press("1")
        await wait_ms(20)
        assert desk.edges() == [("1", True)]

    at_desk(story)


def test_edges_that_the_kernel_lost_leave_no_key_held():
    async def story(desk):
        desk.chip.press("OK")
        await wait_ms(20)
        desk.chip.emit(EV_SYN, SYN_DROPPED, 0)
        await wait_ms(20)
        assert desk.edges() == [("OK", True), ("OK", False)]

    at_desk(story)


def test_a_hostile_keyboard_gets_nothing_through_and_cannot_flood_the_log():
    async def story(desk):
        for code in range(0, 0x10000, 61):
            for value in (1, 0, 2, -1, 0x7FFFFFFF):
                desk.chip.emit(code % 7, code, value)
            await wait_ms(1)
        await wait_ms(100)
        assert all(name in KEYMAP.keys.values() for name, _ in desk.edges())
        assert len(desk.log.lines) <= 20

    at_desk(story)


def test_a_driver_that_lost_its_power_hears_nothing_and_the_next_one_everything():
    async def story(desk):
        desk.chip.close()
        again = Desk(asyncio.get_running_loop())
        again.keypad = Keypad(desk.chip, KEYMAP, clock(), again.log)
        again.start()
        desk.chip.press("1")
        await wait_ms(50)
        assert desk.edges() == [] and again.edges() == [("1", True)]
        again.keypad.stop()

    at_desk(story)


def test_after_stop_nothing_is_heard():
    async def story(desk):
        desk.keypad.stop()
        desk.chip.press("1")
        await wait_ms(50)
        assert desk.edges() == []

    at_desk(story)
