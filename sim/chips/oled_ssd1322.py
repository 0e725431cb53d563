"""A virtual SSD1322, 256x64 in 16 greys, on SPI (datasheet rev 1.2, sections 9 and 10): a command comes with D/C low, what it
takes with D/C high. Its memory is 120 cells of four dots by 128 rows; this glass shows cells 28 to 91 of the first 64.

Not modelled, and refused: scrolling, start line, offset, partial display, vertical increment, other nibble orders."""

from sim.chips.oled import Oled

CELLS, ROWS = 120, 128
FIRST, HEIGHT = 28, 64  # what is on the glass
# command -> how many arguments follow it, with D/C high
ARGUMENTS = {0x15: 2, 0x75: 2, 0xA0: 2, 0xA1: 1, 0xA2: 1, 0xAB: 1, 0xB1: 1, 0xB3: 1, 0xB4: 2, 0xB5: 1, 0xB6: 1, 0xBB: 1}
ARGUMENTS |= {0xBE: 1, 0xC1: 1, 0xC7: 1, 0xCA: 1, 0xD1: 2, 0xFD: 1}
# what these must be set to on this glass; anything else gives a picture that we do not model
FIXED = {0xA1: 0x00, 0xA2: 0x00, 0xAB: 0x01, 0xB5: 0x00, 0xCA: 0x3F}
ELECTRICAL = (0xB1, 0xB3, 0xB4, 0xB6, 0xBB, 0xBE, 0xC7, 0xD1)
UPRIGHT, TURNED, DUAL_COM = 0x14, 0x06, 0x11  # of A0h: nibbles remapped in both; columns and COM lines the other way
BLANK, ALL_ON, NORMAL, INVERSE = 0xA4, 0xA5, 0xA6, 0xA7
WRITE = 0x5C
LEFT_DOT, RIGHT_DOT = bytes(byte >> 4 for byte in range(256)), bytes(byte & 15 for byte in range(256))
LIT, INVERTED = bytes(byte > 0 for byte in range(256)), bytes(15 - byte & 15 for byte in range(256))


class Ssd1322(Oled):
    """2.8 inch and larger."""

    name = "ssd1322"
    width = 256

    def power_on(self) -> None:
        """Dark, its memory full of noise; unlocked."""
        self.ram = bytearray((5 * i ^ i >> 2) & 0xFF for i in range(CELLS * 2 * ROWS))
        self.on = self.locked = self.writing = self.turned = False
        self.picture = NORMAL
        self.contrast = 0x7F
        self.columns, self.rows = (0, CELLS - 1), (0, ROWS - 1)
        self.column = self.row = 0
        self.half: int | None = None  # the first byte of a cell that waits for its second
        self.code, self.values = 0, [0][:0]

    def lit(self) -> bool:
        return self.on

    def shown(self) -> object:
        return (self.on, self.picture, self.contrast, self.turned)

    def greys(self) -> list[bytes]:
        """64 rows of 256 dots, upright, 0 to 15."""
        if not self.on or self.picture == BLANK:
            return [bytes(self.width)] * HEIGHT
        if self.picture == ALL_ON:
            return [b"\x0f" * self.width] * HEIGHT
        rows = [self._row(row) for row in range(HEIGHT)]
        if self.turned:
            rows = [row[::-1] for row in reversed(rows)]
        return rows if self.picture == NORMAL else [row.translate(INVERTED) for row in rows]

    def _row(self, row: int) -> bytes:
        start = (row * CELLS + FIRST) * 2
        line = self.ram[start : start + self.width // 2]
        dots = bytearray(self.width)
        dots[0::2], dots[1::2] = line.translate(LEFT_DOT), line.translate(RIGHT_DOT)
        return bytes(dots)

    def pages(self) -> bytes:
        """Every dot that is lit at all."""
        rows = [int.from_bytes(row.translate(LIT), "big") for row in self.greys()]
        pages = [sum(rows[page * 8 + bit] << bit for bit in range(8)) for page in range(HEIGHT // 8)]
        return b"".join(page.to_bytes(self.width, "big") for page in pages)

    def command(self, byte: int) -> None:
        """A code. Whatever the last one still waits for is missing."""
        if len(self.values) < ARGUMENTS.get(self.code, 0):
            self.errors.append(f"command {self.code:02X}h without its arguments")
        if self.half is not None:
            self.errors.append("half a cell was written")
        self.code, self.values, self.half, self.writing = byte, [], None, False
        if byte not in ARGUMENTS and not self._switch(byte):
            self.errors.append(f"unknown command {byte:02X}h")

    def _switch(self, code: int) -> bool:
        if self.locked:
            return False
        if code in (BLANK, ALL_ON, NORMAL, INVERSE):
            self.picture = code
        elif code in (0xAE, 0xAF):
            self.on = code == 0xAF
        elif code == WRITE:
            self.writing = True
            self.column, self.row = self.columns[0], self.rows[0]
        else:
            return code in (0xA9, 0xB9)  # no partial display; the linear grey table
        return True

    def data(self, data: bytes) -> bool:
        """Arguments of the last command, or dots."""
        changed = False
        for byte in data:
            if self.writing:
                changed = self._write(byte) or changed
            elif len(self.values) < ARGUMENTS.get(self.code, 0):
                self.values.append(byte)
                if len(self.values) == ARGUMENTS[self.code] and not self._set(self.code, self.values):
                    self.errors.append(f"command {self.code:02X}h with {bytes(self.values).hex(' ')}")
            else:
                self.errors.append(f"data {byte:02X}h that nothing asked for")
        return changed

    def _write(self, byte: int) -> bool:
        """Two bytes fill a cell, and then the pointer goes right, and down at the window's edge (10.1.3)."""
        if self.half is None:
            self.half = byte
            return False
        at, cell = (self.row * CELLS + self.column) * 2, bytes((self.half, byte))
        self.half = None
        changed = self.ram[at : at + 2] != cell
        self.ram[at : at + 2] = cell
        self.column = following(self.column, self.columns)
        if self.column == self.columns[0]:
            self.row = following(self.row, self.rows)
        return changed

    def _set(self, code: int, values: list[int]) -> bool:
        if code == 0xFD and values[0] in (0x12, 0x16):
            self.locked = values[0] == 0x16
        elif self.locked:
            return False
        elif code == 0x15 and values[0] <= values[1] < CELLS:
            self.columns = (values[0], values[1])
        elif code == 0x75 and values[0] <= values[1] < ROWS:
            self.rows = (values[0], values[1])
        elif code == 0xA0 and values[0] in (UPRIGHT, TURNED) and values[1] == DUAL_COM:
            self.turned = values[0] == TURNED
        elif code == 0xC1:
            self.contrast = values[0]
        else:
            return FIXED.get(code) == values[0] or code in ELECTRICAL
        return True


def following(value: int, window: tuple[int, int]) -> int:
    return window[0] if value == window[1] else value + 1
