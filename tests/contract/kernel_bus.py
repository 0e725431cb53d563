"""The bus nodes of the kernel in user space (kernel.py): i2c-dev and spidev, with virtual chips behind them."""

import errno
import struct

I2C_SLAVE, I2C_SLAVE_FORCE, I2C_FUNCS, I2C_RDWR, I2C_SMBUS = 0x0703, 0x0706, 0x0705, 0x0707, 0x0720
FUNCTIONS = 0x0EFF0009  # of the Pi's own controller: I2C, and SMBus emulated
SPI_MODE, SPI_BITS, SPI_SPEED = 0x40016B01, 0x40016B03, 0x40046B04  # _IOW('k', 1, 3, 4): linux/spi/spidev.h
TRANSFER = 4096  # bytes: spidev's bufsiz


class I2c:
    """An i2c-dev node (Documentation/i2c/dev-interface) with one bus of chips behind it."""

    def __init__(self, bus):
        self.bus = bus
        self.address = 0

    def opened(self, program):
        self.address = 0

    closed = opened

    def read(self, program):
        raise OSError(errno.EOPNOTSUPP, "by I2C_RDWR and I2C_SMBUS only")

    def write(self, program, where, size):
        self.read(program)

    def ioctl(self, program, request, argument):
        if request == I2C_FUNCS:
            program.poke(argument, struct.pack("@L", FUNCTIONS))
        elif request in (I2C_SLAVE, I2C_SLAVE_FORCE):
            self.address = argument
        elif request == I2C_RDWR:
            where, count = struct.unpack("@PI", program.peek(argument, 12))
            return sum(self.message(program, *struct.unpack("@HHHxxP", program.peek(where + 16 * i, 16))) for i in range(count))
        elif request == I2C_SMBUS:
            self.smbus(program, *struct.unpack("@BBIP", program.peek(argument, 16)))
        else:
            raise OSError(errno.ENOTTY, "not for i2c")
        return 0

    def message(self, program, address, flags, size, where):
        if flags & 1:
            program.poke(where, bytes(self.bus.read_i2c_block_data(address, 0, size)))
        else:
            self.bus.i2c_rdwr(self.bus.message(address, program.peek(where, size)))
        return 1

    def smbus(self, program, reads, command, kind, where):
        block = 8  # I2C_SMBUS_I2C_BLOCK_DATA; 1 is a byte
        if not reads and kind == block:
            held = program.peek(where, 34)
            self.bus.write_i2c_block_data(self.address, command, list(held[1 : 1 + held[0]]))
        elif reads and kind == 1:
            program.poke(where, bytes([self.bus.read_byte(self.address)]))
        else:
            raise OSError(errno.EOPNOTSUPP, "not built")


class Spi:
    """A spidev node (Documentation/spi/spidev.rst) with one chip behind it: a write is a transfer."""

    def __init__(self, chip):
        self.chip = chip

    def opened(self, program):
        """Nothing to keep."""

    closed = opened

    def read(self, program):
        raise OSError(errno.EOPNOTSUPP, "nothing comes back on this wire")

    def write(self, program, where, size):
        if size > TRANSFER:
            raise OSError(errno.EMSGSIZE, "more than a transfer")
        self.chip.writebytes(program.peek(where, size))
        return size

    def ioctl(self, program, request, argument):
        if request == SPI_MODE:
            (self.chip.mode,) = program.peek(argument, 1)
        elif request == SPI_SPEED:
            (self.chip.max_speed_hz,) = struct.unpack("@I", program.peek(argument, 4))
        elif request != SPI_BITS or program.peek(argument, 1) != b"\x08":
            raise OSError(errno.EINVAL, "not for this wire")
        return 0
