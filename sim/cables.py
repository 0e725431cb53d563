"""The cables of one till: what a hand pulls out, and puts back, while it runs."""

import array
import asyncio
import errno

from hal.printer_usb import LPGETSTATUS
from sim.chips.keypad import KeypadChip
from sim.chips.modem import Modem
from sim.chips.oled import Oled
from sim.chips.scanner import ScannerChip
from sim.chips.scanner_serial import SerialScannerChip
from sim.chips.stick import IN, OUT, StickChip
from sim.chips.thermal import Thermal
from sim.chips.uart import Wire

DEVICES = ("keypad", "scanner", "panel", "printer", "modem", "stick")


class Cables:
    """Pulled out, a printer and a modem keep their own power: a slip goes on to its end, a call is forgotten."""

    def __init__(
        self,
        keypad: KeypadChip,
        scanner: ScannerChip | SerialScannerChip,
        panel: Oled,
        printer: Thermal,
        modem: Modem,
        stick: StickChip,
    ) -> None:
        self.keypad = keypad
        self.scanner = scanner
        self.panel = panel
        self.printer = printer
        self.modem = modem
        self.stick = stick
        self.out: set[str] = set()
        self._came = asyncio.Event()

    def pull(self, device: str) -> None:
        """One of DEVICES, out of its socket."""
        self.out.add(device)
        if device == "stick":
            self.stick.put(OUT)
        else:
            {
                "keypad": self.keypad.unplug,
                "scanner": self.scanner.unplug,
                "panel": self.panel.unplug,
                "printer": self.printer.unplug,
                "modem": self.modem.unplug,
            }[device]()

    def put(self, device: str) -> None:
        """Back into it; drivers find it when they look."""
        self.out.discard(device)
        if device == "stick":
            self.stick.put(IN)
        elif device in ("keypad", "scanner", "panel"):
            self._came.set()
            {"keypad": self.keypad.plug, "scanner": self.scanner.plug, "panel": self.panel.plug}[device]()

    def open_scanner(self) -> Wire:
        """What opening a serial scanner's port gives. Raises OSError while its cable is out."""
        self._there("scanner")
        assert isinstance(self.scanner, SerialScannerChip)
        return self.scanner.take_host()

    async def came(self) -> None:
        """Returns once a device was plugged in since the last time, as a kernel tells it."""
        await self._came.wait()
        self._came.clear()

    def open_printer(self) -> Wire:
        """What opening the printer's port gives. Raises OSError while its cable is out."""
        self._there("printer")
        self.printer.plug()
        assert self.printer.uart.host is not None
        return self.printer.uart.host

    def ask_printer(self, fd: int, request: int, into: "array.array[int]") -> int:
        """The ioctl of a USB printer's node: LPGETSTATUS, and no other. Raises OSError, ENODEV while its cable is out."""
        self._there("printer", errno.ENODEV)
        if request != LPGETSTATUS:
            raise OSError(errno.ENOTTY, "not a request of this node")
        into[0] = self.printer.class_status()
        return 0

    def open_modem(self) -> Wire:
        """What opening the modem's port gives. Raises OSError while its cable is out."""
        self._there("modem")
        return self.modem.take_host()

    def _there(self, device: str, fault: int = errno.ENOENT) -> None:
        if device in self.out:
            raise OSError(fault, "no such device")
