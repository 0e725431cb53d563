"""How often a port is looked for whose device is not there: at first soon, since a cable is put back at once or not for long."""

SOON_S, LATER_S = 1.0, 60.0
TRIES = 30  # soon; from then on it must not wake the machine for nothing


def pause_s(tries: int) -> float:
    """Seconds until the next look, after so many in vain."""
    return SOON_S if tries < TRIES else LATER_S
