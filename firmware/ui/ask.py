"""Short questions and short answers: screens that any flow may put up."""

from firmware.screens import confirm as confirm_screen
from firmware.screens import notice as notice_screen
from firmware.screens import refused as refused_screen
from firmware.ui.ui import LEAVE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.ui.ui import Ui


async def confirm(ui: "Ui", act: str, amount: int = 0) -> bool:
    """OK is yes, BACK and CANCEL are no; nothing else answers. act: what would be done, amount: the money in question."""
    while True:
        given = await ui.act(lambda look: confirm_screen.frame(look, act, amount))
        if given is not None and given.name in LEAVE:
            return given.name == "OK"
        ui.refuse()


async def notice(ui: "Ui", key: str, icon: str = "info") -> None:
    """Tell, and go on with any key. key: of the words."""
    await ui.any_key(lambda look: notice_screen.frame(look, key, icon))


async def refused(ui: "Ui", reason: str, due: int) -> None:
    """Say why it was not done, and go on with any key. due: what is still owed, minor units."""
    ui.refuse()
    await ui.any_key(lambda look: refused_screen.frame(look, reason, due))
