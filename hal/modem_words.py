"""What a modem means by its numbers, in words for the log. From 3GPP TS 27.007, the same for every maker."""

CME = {
    3: "operation not allowed",
    4: "operation not supported",
    5: "the SIM asks for its phone's PIN",
    10: "no SIM",
    11: "the SIM asks for its PIN",
    12: "the SIM asks for its PUK",
    13: "the SIM fails",
    14: "the SIM is busy",
    15: "the wrong SIM",
    16: "the wrong PIN",
    30: "no network",
    31: "the network does not answer",
    32: "the network takes emergency calls only",
    50: "wrong parameters",
    100: "unknown error",
    103: "the network knows this SIM as illegal",
    106: "the network knows this modem as illegal",
    107: "the network allows this SIM no data",
    111: "the network is not allowed for this SIM",
    112: "the SIM is not allowed in this area",
    113: "the SIM may not roam here",
    132: "the network has no such service",
    133: "data is not in the SIM's subscription",
    134: "the network is out of order for now",
    148: "the network refuses data and does not say why",
    149: "the network refuses the name or password",
}  # section 9.2

REGISTRATION = {
    0: "not registered",
    1: "registered at home",
    2: "searching for a network",
    3: "the network denies this SIM",
    4: "no network can be heard",
    5: "registered, roaming",
}  # section 7.2
REGISTERED = (1, 5)

UNKNOWN_RSSI = 99
BARS = (2, 10, 15, 20)  # +CSQ that each bar begins at: -109, -93, -83 and -73 dBm (section 8.5)


def bars(rssi: int) -> int:
    """0..4 of what +CSQ says."""
    return 0 if rssi == UNKNOWN_RSSI else sum(rssi >= least for least in BARS)


def shown(text: str) -> str:
    """Bytes of a stranger, for the log: short, and without control codes."""
    return "".join(c if " " <= c <= "~" else "?" for c in text[:80])
