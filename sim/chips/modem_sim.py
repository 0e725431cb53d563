"""The virtual modem's SIM, which stays what it is when the modem starts anew."""

TRIES = 3


class SimCard:
    """pin: "" where it has none. sim: "READY", "SIM PIN", "SIM PUK", "busy", or "" where there is no SIM.

    tries: left before the PUK is asked for. pin_entries: how often somebody typed a PIN."""

    pin = ""
    sim = "READY"
    tries = TRIES
    pin_entries = 0

    def try_pin(self, pin: str) -> bool:
        """Somebody types it."""
        self.pin_entries += 1
        if pin == self.pin:
            self.tries = TRIES
            self.sim = "READY"
            self.unlocked()
            return True
        self.tries -= 1
        if self.tries <= 0:
            self.sim = "SIM PUK"
        return False

    def unlocked(self) -> None:
        """The right PIN was typed."""
        raise NotImplementedError
