"""What the program that is killed sells, in the dialect: sale `no` is always the same, so that a stranger can check it."""

PADS = (0, 0, 40, 180, 700, 0, 1500)  # bytes: frames of one to five sectors


def body(no: int) -> dict:
    """The body of sale `no`."""
    return {"at": 1795270000 + no, "lines": [{"n": n} for n in range(no % 5)], "note": "x" * PADS[no % 7], "receipt": "auto"}
