"""A virtual panel: a chip that decodes every byte, on an I2C bus as smbus2 offers it or an SPI node as spidev does.

What someone sees is `pages()`; what the driver did wrong is in `errors`, aloud. The chips: oled_ssd1306.py, oled_ssd1309.py,
oled_sh1106.py, oled_ssd1322.py."""

import errno
from collections.abc import Callable, Iterable
from typing import ClassVar, NamedTuple


class Message(NamedTuple):
    """One write on the bus, as smbus2.i2c_msg.write makes it."""

    addr: int
    payload: bytes

    def __bytes__(self) -> bytes:
        return self.payload


class Oled:
    """The wire and the chip. Knobs: unplug(), plug(), mute. Meters: bytes_seen, busy_us, transfers, errors.

    on_change is called after each transfer that changed what is seen. clock_hz: of the wire; on I2C 9 bits a byte, start and
    stop. mute: it takes bytes and gives none, as some modules do. max_speed_hz, mode: as spidev has them."""

    name: ClassVar[str]
    width: ClassVar[int] = 128
    status: ClassVar[int] = 0x03  # what it answers when it is read, beside whether it is on

    def __init__(self, address: int = 0x3C, clock_hz: int = 400_000) -> None:
        self.address = address
        self.clock_hz = clock_hz
        self.on_change: Callable[[], None] = lambda: None
        self.errors: list[str] = []
        self.bytes_seen = 0
        self.bits_seen = 0
        self.transfers = 0
        self.absent = self.mute = False
        self.bytes_left: int | None = None  # until the plug falls out; None: it holds
        self.max_speed_hz = clock_hz
        self.mode = 0
        self.is_data = False  # the D/C line
        self.power_on()

    # -- what each chip is

    def power_on(self) -> None:
        """The state after power on: dark, its memory full of noise."""
        raise NotImplementedError

    def shown(self) -> object:
        """Whatever changes what is seen, beside the memory."""
        raise NotImplementedError

    def lit(self) -> bool:
        """Whether it is on."""
        raise NotImplementedError

    def pages(self) -> bytes:
        """What one sees, upright: page p, column x at p * width + x, bit 0 on top. Dark is zeros."""
        raise NotImplementedError

    def command(self, byte: int) -> None:
        """A byte that came with D/C low."""
        raise NotImplementedError

    def data(self, data: bytes) -> bool:
        """Bytes that came with D/C high. True when one of them changed a dot."""
        raise NotImplementedError

    # -- knobs and meters

    def power_off(self) -> None:
        """Dark at once; what it held is lost."""
        self.power_on()
        self.on_change()

    def unplug(self, after_bytes: int = 0) -> None:
        """It falls off its wire, now or in the middle of a transfer."""
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
        """How long the wire was busy so far."""
        return self.bits_seen * 1_000_000 // self.clock_hz

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

    def read_byte(self, address: int) -> int:
        """Its status. Raises OSError(EREMOTEIO) when nothing answers at the address."""
        if self.absent or self.mute or address != self.address:
            raise OSError(errno.EREMOTEIO, "no chip answers")
        self._count(2, 2 * 9 + 2)
        return self.status | (0 if self.lit() else 0x40)

    def open(self, port: int, device: int) -> None:
        """As spidev.SpiDev.open."""

    def close(self) -> None:
        """The program lets go of the wire; the chip does not notice."""

    def _count(self, count: int, bits: int) -> None:
        self.bytes_seen += count
        self.bits_seen += bits
        self.transfers += 1

    def _transfer(self, address: int, payload: bytes) -> None:
        if self.absent or address != self.address:
            raise OSError(errno.EREMOTEIO, "no chip answers")
        heard = self._until_it_falls(payload, 1)
        self._count(1 + len(heard), (1 + len(heard)) * 9 + 2)
        self._hear(lambda: self._decode(heard))
        if len(heard) < len(payload):
            self.unplug()
            raise OSError(errno.EREMOTEIO, "the chip stopped answering")

    def _until_it_falls(self, payload: bytes, ahead: int) -> bytes:
        if self.bytes_left is None:
            return payload
        heard = payload[: max(0, self.bytes_left - ahead)]
        self.bytes_left -= len(payload) + ahead
        return heard

    def _decode(self, payload: bytes) -> bool:
        """Control byte, then bytes of that kind up to the next control byte (SSD1306 datasheet, 8.1.5.2)."""
        at, drawn = 0, False
        while at < len(payload):
            control = payload[at]
            if control & 0x3F:
                self.errors.append(f"control byte {control:02X}h")
            single = control & 0x80
            body = payload[at + 1 : at + 2] if single else payload[at + 1 :]
            drawn = self._take(body, bool(control & 0x40)) or drawn
            at += 1 + max(1, len(body))
        return drawn

    # -- the node, as spidev.SpiDev

    def writebytes(self, values: "list[int] | bytes") -> None:
        """Nobody answers on SPI: a chip that is not there hears nothing, and nothing is raised."""
        payload = bytes(values)
        self._count(len(payload), len(payload) * 8)
        if self.absent:
            return
        heard = self._until_it_falls(payload, 0)
        self._hear(lambda: self._take(heard, self.is_data))
        if len(heard) < len(payload):
            self.unplug()

    def dc(self, level: float, hertz: int = 0) -> None:
        """The D/C line moved."""
        self.is_data = bool(level)

    def res(self, level: float, hertz: int = 0) -> None:
        """The RES line moved; low resets."""
        if not level:
            self.reset()

    def reset(self) -> None:
        """As after power on, but for its memory; what it is told is new."""
        self.power_on()
        self.on_change()

    # -- both

    def _hear(self, decode: Callable[[], bool]) -> None:
        before = self.shown()
        drawn = decode()
        if (drawn and self.lit()) or before != self.shown():
            self.on_change()

    def _take(self, body: bytes, is_data: bool) -> bool:
        if is_data:
            return self.data(body)
        for byte in body:
            self.command(byte)
        return False
