"""Recovered: the power went between a durable sale and the end of its slip. The sale stands; the slip is asked about."""

from firmware.screens import recovered as recovered_screen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.till import Till


async def recovered(till: "Till") -> None:
    """OK prints the slip, CANCEL or BACK skips it for good."""
    record = till.rollup.slip_due
    while record is not None:
        act = await till.ui.act(lambda look: recovered_screen.frame(look, record))
        name = act.name if act is not None else ""
        if name in ("OK", "PRINT"):
            till.paper.submit(record)
            return
        if name in ("CANCEL", "BACK"):
            till.paper.forget(record)
            return
        till.ui.refuse()
