"""The ways in which a broker says no, apart from those in which the line fails."""

from hal.ports.faults import LinkDown


class Refused(LinkDown):
    """The broker answered, and its answer is no. busy: it says so to everybody for now."""

    busy = False


class Busy(Refused):
    """It takes nobody for now."""

    busy = True


class OldBroker(Refused):
    """It does not know MQTT 5: it says so, or just hangs up."""


class Mute(LinkDown):
    """It took the call and says nothing: a dead line, or a broker of 3.1.1 that waits for the rest of what it misread."""


# Of the reasons in a CONNACK of MQTT 5 (3.2.2.2 of its standard; paho turns those of 3.1.1 into them): no such protocol;
# and unavailable, busy, quota, rate, which are meant for everybody.
FAULTS: dict[int, type[LinkDown]] = {0x84: OldBroker, 0x88: Busy, 0x89: Busy, 0x97: Busy, 0x9F: Busy}
