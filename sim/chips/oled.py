"""A virtual SSD1306 panel: an I2C bus as smbus2 offers it, with one chip on it that decodes every byte.

What someone sees is `pages()`; what the driver did wrong is in `errors`, aloud. SSD1306 datasheet rev 1.1: section 8.1.5
the I2C frame, 9 and 10 the commands. Not modelled, and refused: scrolling, start line, offset, other sizes than 128x64."""

import errno
from collections.abc import Callable, Iterable
from typing import NamedTuple

WIDTH, PAGES = 128, 8
# command -> how many arguments follow it
ARGUMENTS = {0x20: 1, 0x21: 2, 0x22: 2, 0x81: 1, 0x8D: 1, 0xA8: 1, 0xD3: 1, 0xD5: 1, 0xD9: 1, 0xDA: 1, 0xDB: 1}
# what these must be set to on a 128x64 panel; anything else gives a picture that we do not model
FIXED = {0xA8: 0x3F, 0xD3: 0x00, 0xDA: 0x12}
ELECTRICAL = (0xD5, 0xD9, 0xDB)  # oscillator, pre-charge, VCOMH: no effect that one could see here
HORIZONTAL, VERTICAL, PAGE = 0, 1, 2
MIRRORED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


class Message(NamedTuple):
    """One write on the bus, as smbus2.i2c_msg.write makes it."""

    addr: int
    payload: bytes

    def __bytes__(self) -> bytes:
        return self.payload


class Oled:
    """The bus and the chip. Knobs: unplug(), plug(). Meters: bytes_seen, busy_us, transfers, errors.

    on_change is called after each transfer that changed what is seen. clock_hz: of the bus; 9 bits a byte, start and stop."""

    def __init__(self, address: int = 0x3C, clock_hz: int = 400_000) -> None:
        self.address = address
        self.clock_hz = clock_hz
        self.on_change: Callable[[], None] = lambda: None
        self.errors: list[str] = []
        self.bytes_seen = 0
        self.transfers = 0
        self.absent = False
        self.bytes_left: int | None = None  # until the plug falls out; None: it holds
        self.power_on()

    def power_on(self) -> None:
        """The state after power on: dark, its memory full of noise."""
        self.ram = bytearray((7 * i ^ i >> 3) & 0xFF for i in range(WIDTH * PAGES))
        self.on = self.inverse = self.all_on = self.pump = False
        self.contrast = 0x7F
        self.upright_columns = self.upright_rows = False
        self.mode = PAGE
        self.columns = (0, WIDTH - 1)
        self.rows = (0, PAGES - 1)
        self.column = self.row = 0
        self.pending: list[int] = []  # a command that still waits for its arguments

    def power_off(self) -> None:
        """Dark at once; what it held is lost."""
        self.power_on()
        self.on_change()

    # -- knobs and meters

    def unplug(self, after_bytes: int = 0) -> None:
        """It falls off the bus, now or in the middle of a transfer."""
        if after_bytes:
            self.bytes_left = after_bytes
            return
        self.absent = True
        self.bytes_left = None
        self.power_off()

    def plug(self) -> None:
        """It is back, as after power on."""
        self.absent = False
        self.bytes_left = None

    @property
    def busy_us(self) -> int:
        """How long the bus was busy so far."""
        return (self.bytes_seen * 9 + self.transfers * 2) * 1_000_000 // self.clock_hz

    def pages(self) -> bytes:
        """The 1,024 bytes that one sees, upright: page p, column x at p*128+x, bit 0 on top. Dark is zeros."""
        if not (self.on and self.pump):
            return bytes(WIDTH * PAGES)
        if self.all_on:
            return b"\xff" * (WIDTH * PAGES)
        seen = bytes(self.ram)
        if not self.upright_rows:
            rows = [seen[start : start + WIDTH] for start in range(0, len(seen), WIDTH)]
            seen = b"".join(reversed(rows)).translate(MIRRORED)
        return bytes(byte ^ 0xFF for byte in seen) if self.inverse else seen

    # -- the bus, as smbus2.SMBus

    @staticmethod
    def message(address: int, payload: Iterable[int]) -> Message:
        """As smbus2.i2c_msg.write, which needs Linux."""
        return Message(address, bytes(payload))

    def write_i2c_block_data(self, address: int, register: int, values: list[int]) -> None:
        """Raises OSError(EREMOTEIO) when nothing answers at the address."""
        self._transfer(address, bytes([register]) + bytes(values))

    def i2c_rdwr(self, *messages: Message) -> None:
        """Writes only. Raises OSError(EREMOTEIO) when nothing answers at the address."""
        for message in messages:
            self._transfer(message.addr, bytes(message))

    def close(self) -> None:
        """The program lets go of the bus; the chip does not notice."""

    # -- the chip

    def _transfer(self, address: int, payload: bytes) -> None:
        if self.absent or address != self.address:
            raise OSError(errno.EREMOTEIO, "no chip answers")
        heard = payload
        if self.bytes_left is not None:
            heard = payload[: max(0, self.bytes_left - 1)]
            self.bytes_left -= len(payload) + 1
        self.bytes_seen += 1 + len(heard)
        self.transfers += 1
        if self._decode(heard):
            self.on_change()
        if len(heard) < len(payload):
            self.unplug()
            raise OSError(errno.EREMOTEIO, "the chip stopped answering")

    def _decode(self, payload: bytes) -> bool:
        """Control bytes and what follows them (8.1.5.2): Co, then D/C, then zeros. True when the picture changed."""
        before = self._look()
        drawn = False
        at = 0
        while at < len(payload):
            control = payload[at]
            if control & 0x3F:
                self.errors.append(f"control byte {control:02X}h")
            single = control & 0x80
            body = payload[at + 1 : at + 2] if single else payload[at + 1 :]
            if control & 0x40:
                drawn = self._draw(body) or drawn
            else:
                for byte in body:
                    self._command(byte)
            at += 1 + max(1, len(body))
        return (drawn and self.on) or before != self._look()

    def _look(self) -> tuple[object, ...]:
        return (self.on and self.pump, self.inverse, self.all_on, self.contrast, self.upright_rows)

    def _draw(self, data: bytes) -> bool:
        changed = False
        for byte in data:
            # the segment remap acts on what is written after it, not on what the memory holds (10.1.8)
            seen = self.column if self.upright_columns else WIDTH - 1 - self.column
            at = self.row * WIDTH + seen
            changed = changed or self.ram[at] != byte
            self.ram[at] = byte
            self._advance()
        return changed

    def _advance(self) -> None:
        """The pointer after a byte (10.1.3)."""
        if self.mode == PAGE:
            self.column = (self.column + 1) % WIDTH
        elif self.mode == HORIZONTAL:
            self.column = self._next(self.column, self.columns)
            if self.column == self.columns[0]:
                self.row = self._next(self.row, self.rows)
        else:
            self.row = self._next(self.row, self.rows)
            if self.row == self.rows[0]:
                self.column = self._next(self.column, self.columns)

    @staticmethod
    def _next(value: int, window: tuple[int, int]) -> int:
        return window[0] if value == window[1] else value + 1

    def _command(self, byte: int) -> None:
        self.pending.append(byte)
        code, *values = self.pending
        if len(values) < ARGUMENTS.get(code, 0):
            return
        self.pending = []
        if values:
            self._set(code, values)
        elif not self._switch(code) and not self._point(code):
            self.errors.append(f"unknown command {code:02X}h")

    def _set(self, code: int, values: list[int]) -> None:
        if code == 0x20 and values[0] in (HORIZONTAL, VERTICAL, PAGE):
            self.mode = values[0]
        elif code == 0x21 and values[0] <= values[1] < WIDTH:
            self.columns = (values[0], values[1])
            self.column = values[0]
        elif code == 0x22 and values[0] <= values[1] < PAGES:
            self.rows = (values[0], values[1])
            self.row = values[0]
        elif code == 0x81:
            self.contrast = values[0]
        elif code == 0x8D and values[0] in (0x10, 0x14):
            self.pump = values[0] == 0x14
        elif FIXED.get(code) != values[0] and code not in ELECTRICAL:
            self.errors.append(f"command {code:02X}h with {bytes(values).hex(' ')}")

    def _switch(self, code: int) -> bool:
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

    def _point(self, code: int) -> bool:
        """Pointers of the page addressing mode (10.1.1, 10.1.2, 10.1.13)."""
        if code <= 0x0F:
            self.column = self.column & 0x70 | code
        elif code <= 0x17:
            self.column = self.column & 0x0F | (code & 0x07) << 4
        elif 0xB0 <= code <= 0xB7:
            self.row = code & 0x07
        else:
            return False
        return True
