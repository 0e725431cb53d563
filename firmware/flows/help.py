"""Help: the keys that start everything, on one screen."""

from firmware.ui.ask import notice

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.till import Till


async def help_page(till: "Till") -> None:
    """Until any key."""
    await notice(till.ui, "screen.notice.help", "info")
