"""A virtual SSD1306: commands and memory by its datasheet, rev 1.1, sections 9 and 10.

Not modelled, and refused: scrolling, start line, offset, other sizes than 128x64."""

from sim.chips.oled import Oled

PAGES = 8
# command -> how many arguments follow it
ARGUMENTS = {0x20: 1, 0x21: 2, 0x22: 2, 0x81: 1, 0x8D: 1, 0xA8: 1, 0xD3: 1, 0xD5: 1, 0xD9: 1, 0xDA: 1, 0xDB: 1}
# what these must be set to on a 128x64 panel; anything else gives a picture that we do not model
FIXED = {0xA8: 0x3F, 0xD3: 0x00, 0xDA: 0x12}
ELECTRICAL = (0xD5, 0xD9, 0xDB)  # oscillator, pre-charge, VCOMH: no effect that one could see here
HORIZONTAL, VERTICAL, PAGE = 0, 1, 2
MIRRORED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


class Ssd1306(Oled):
    """0.96 inch; the panel's supply is the chip's own charge pump."""

    name = "ssd1306"
    arguments = ARGUMENTS
    columns_held = 128  # of its memory
    first_shown = 0  # the column of its memory at the left edge of the glass
    pumped = True  # dark until its charge pump runs

    def power_on(self) -> None:
        """The state after power on: dark, its memory full of noise."""
        self.ram = bytearray((7 * i ^ i >> 3) & 0xFF for i in range(self.columns_held * PAGES))
        self.on = self.inverse = self.all_on = self.pump = False
        self.contrast = 0x7F
        self.upright_columns = self.upright_rows = False
        self.mode = PAGE
        self.columns = (0, self.columns_held - 1)
        self.rows = (0, PAGES - 1)
        self.column = self.row = 0
        self.pending: list[int] = []  # a command that still waits for its arguments

    def lit(self) -> bool:
        return self.on

    def shown(self) -> object:
        return (self.on and self._fed(), self.inverse, self.all_on, self.contrast, self.upright_rows)

    def _fed(self) -> bool:
        return self.pump or not self.pumped

    def pages(self) -> bytes:
        """What one sees."""
        if not (self.on and self._fed()):
            return bytes(self.width * PAGES)
        if self.all_on:
            return b"\xff" * (self.width * PAGES)
        rows = [self._row(page) for page in range(PAGES)]
        if not self.upright_rows:
            rows = [row.translate(MIRRORED) for row in reversed(rows)]
        seen = b"".join(rows)
        return bytes(byte ^ 0xFF for byte in seen) if self.inverse else seen

    def _row(self, page: int) -> bytes:
        start = page * self.columns_held + self.first_shown
        return bytes(self.ram[start : start + self.width])

    def data(self, data: bytes) -> bool:
        """Dots of the memory, eight a byte."""
        changed = False
        for byte in data:
            # the segment remap acts on what is written after it, not on what the memory holds (10.1.8)
            seen = self.column if self.upright_columns else self.columns_held - 1 - self.column
            at = self.row * self.columns_held + seen
            changed = changed or self.ram[at] != byte
            self.ram[at] = byte
            self.advance()
        return changed

    def advance(self) -> None:
        """The pointer after a byte (10.1.3)."""
        if self.mode == PAGE:
            self.column = (self.column + 1) % self.columns_held
        elif self.mode == HORIZONTAL:
            self.column = following(self.column, self.columns)
            if self.column == self.columns[0]:
                self.row = following(self.row, self.rows)
        else:
            self.row = following(self.row, self.rows)
            if self.row == self.rows[0]:
                self.column = following(self.column, self.columns)

    def command(self, byte: int) -> None:
        """A code, or one of its arguments."""
        self.pending.append(byte)
        code, *values = self.pending
        if len(values) < self.arguments.get(code, 0):
            return
        self.pending = []
        if values:
            if not self.set(code, values):
                self.errors.append(f"command {code:02X}h with {bytes(values).hex(' ')}")
        elif not self.switch(code) and not self.point(code):
            self.errors.append(f"unknown command {code:02X}h")

    def set(self, code: int, values: list[int]) -> bool:
        """A command with arguments; False when there is none such."""
        value = values[0]
        if code == 0x20 and value in (HORIZONTAL, VERTICAL, PAGE):
            self.mode = value
        elif code == 0x21 and value <= values[1] < self.columns_held:
            self.columns = (value, values[1])
            self.column = value
        elif code == 0x22 and value <= values[1] < PAGES:
            self.rows = (value, values[1])
            self.row = value
        elif code == 0x81:
            self.contrast = value
        elif code == 0x8D and value in (0x10, 0x14):
            self.pump = value == 0x14
        else:
            return FIXED.get(code) == value or code in ELECTRICAL
        return True

    def switch(self, code: int) -> bool:
        """A command without arguments; False when there is none such."""
        if code in (0xA0, 0xA1):
            self.upright_columns = code == 0xA1
        elif code in (0xC0, 0xC8):
            self.upright_rows = code == 0xC8
        elif code in (0xA4, 0xA5):
            self.all_on = code == 0xA5
        elif code in (0xA6, 0xA7):
            self.inverse = code == 0xA7
        elif code in (0xAE, 0xAF):
            self.on = code == 0xAF
        else:
            return code in (0x40, 0xE3)  # start line 0; no operation
        return True

    def point(self, code: int) -> bool:
        """Pointers of the page addressing mode (10.1.1, 10.1.2, 10.1.13)."""
        if code <= 0x0F:
            self.column = self.column & 0xF0 | code
        elif 0x10 <= code <= 0x10 | (self.columns_held - 1) >> 4:
            self.column = self.column & 0x0F | (code & 0x0F) << 4
        elif 0xB0 <= code <= 0xB7:
            self.row = code & 0x07
        else:
            return False
        return True


def following(value: int, window: tuple[int, int]) -> int:
    return window[0] if value == window[1] else value + 1
