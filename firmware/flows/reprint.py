"""Reprint: the last slip once more."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.till import Till


async def reprint(till: "Till") -> bool:
    """False when nothing was sold yet."""
    record = till.rollup.last_sale
    if record is None:
        return False
    till.paper.submit(record)
    return True
