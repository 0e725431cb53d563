"""The log on a stick: MENU 9 4 6."""

from tests.core.board import day
from tests.core.memory_stick import MemoryStick

NAME = "STALL-0001-LOG.TXT"


def logged(till):
    """The double keeps no lines; these stand in."""
    till.log.recent = lambda most: ["14:32:06.012 jrn sale 1 synced", "14:32:07.000 sys drawer kicked"][-most:]


def test_the_log_is_a_text_file_on_the_stick():
    async def story(till):
        logged(till)
        await till.keys("MENU 9 4 6")
        till.see("notice", text="Log is on the stick")
        assert bytes(till.stick.files[NAME]) == b"14:32:06.012 jrn sale 1 synced\n14:32:07.000 sys drawer kicked\n"

    day(story, stick=MemoryStick())


def test_while_it_is_written_the_screen_says_to_leave_the_stick_in():
    async def story(till):
        logged(till)
        till.stick.after[1] = lambda: till.see("backup", state="writing")
        await till.keys("MENU 9 4 6")
        till.see("notice", text="Log is on the stick")

    day(story, stick=MemoryStick())


def test_without_a_stick_nothing_happens_but_words():
    async def story(till):
        logged(till)
        await till.keys("MENU 9 4 6")
        till.see("notice", text="Plug in a stick")
        assert till.refused()

    day(story, stick=MemoryStick("out"))
