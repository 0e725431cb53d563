"""An i2c bus that may come later, or never: a till with no panel still sells, and says in its log what it misses."""

from collections.abc import Callable
from typing import Any


class LateBus:
    """Opened by the first transfer that can; until then each one raises OSError, as a dead bus does. open_bus: number -> an
    open bus, as smbus2.SMBus."""

    def __init__(self, number: int, open_bus: Callable[[int], Any]) -> None:
        self._number = number
        self._open_bus = open_bus
        self._bus: Any = None

    def i2c_rdwr(self, *messages: Any) -> None:
        """As smbus2; luma's way for pictures. Raises OSError."""
        self._open().i2c_rdwr(*messages)

    def write_i2c_block_data(self, address: int, register: int, data: list[int]) -> None:
        """As smbus2; luma's way for commands. Raises OSError."""
        self._open().write_i2c_block_data(address, register, data)

    def read_byte(self, address: int) -> int:
        """As smbus2; how a panel is asked whether it is on. Raises OSError."""
        byte: int = self._open().read_byte(address)
        return byte

    def _open(self) -> Any:
        if self._bus is None:
            self._bus = self._open_bus(self._number)
        return self._bus
