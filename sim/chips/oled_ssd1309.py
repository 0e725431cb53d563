"""A virtual SSD1309, of the 2.42 inch panels: an SSD1306 whose supply comes from outside (datasheet rev 1.1, tables 9-1 and 9-2).

Its command lock (FDh) is modelled. It has no 8Dh; luma.oled sends one with 14h after it, and real chips take the two for
nothing and for a column pointer: so does this."""

from sim.chips.oled_ssd1306 import ARGUMENTS, Ssd1306

UNLOCK, LOCK = 0x12, 0x16


class Ssd1309(Ssd1306):
    """2.42 inch."""

    name = "ssd1309"
    arguments = {code: count for code, count in ARGUMENTS.items() if code != 0x8D} | {0xFD: 1}
    pumped = False

    def power_on(self) -> None:
        """Unlocked."""
        super().power_on()
        self.locked = False

    def command(self, byte: int) -> None:
        """Locked, it hears nothing but FDh."""
        if self.locked and not self.pending and byte != 0xFD:
            self.errors.append(f"command {byte:02X}h while locked")
            return
        super().command(byte)

    def set(self, code: int, values: list[int]) -> bool:
        if code == 0xFD and values[0] in (UNLOCK, LOCK):
            self.locked = values[0] == LOCK
            return True
        return super().set(code, values)

    def switch(self, code: int) -> bool:
        return code == 0x8D or super().switch(code)
