"""A virtual SH1106, of the 1.3 inch panels (datasheet rev 2.3, the command table): pages of 132 columns, the middle 128 on
the glass, and one pointer that moves along its page. It knows no windows and no addressing modes.

luma.oled sets it up with some codes of an SSD1306 that it has not; real chips take 20h and 8Dh for nothing, and so does this.
Windows (21h, 22h), which would end in a torn picture, are refused aloud."""

from sim.chips.oled_ssd1306 import Ssd1306

ARGUMENTS = {0x81: 1, 0xA8: 1, 0xAD: 1, 0xD3: 1, 0xD5: 1, 0xD9: 1, 0xDA: 1, 0xDB: 1}
FROM_LUMA = (0x20, 0x8D)


class Sh1106(Ssd1306):
    """1.3 inch; its DC-DC converter is on unless ADh says otherwise."""

    name = "sh1106"
    arguments = ARGUMENTS
    columns_held = 132
    first_shown = 2
    pumped = True
    status = 0x08  # its ID; on or off in bit 6 (command 22)

    def power_on(self) -> None:
        super().power_on()
        self.pump = True

    def advance(self) -> None:
        """It stops at the last column (command 1: "does not wrap")."""
        self.column = min(self.column + 1, self.columns_held - 1)

    def set(self, code: int, values: list[int]) -> bool:
        if code == 0xAD and values[0] in (0x8A, 0x8B):
            self.pump = values[0] == 0x8B
            return True
        return super().set(code, values)

    def switch(self, code: int) -> bool:
        if 0x30 <= code <= 0x33:  # pump voltage
            return True
        return code in FROM_LUMA or super().switch(code)
