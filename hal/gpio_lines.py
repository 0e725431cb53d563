"""A line of the header is had, or another has it: then the OSError says who, where the kernel knows.

The numbers are those of linux/gpio.h, version 2 of that interface (Linux 5.10 and later)."""

import fcntl
import os
import struct
import sys
from collections.abc import Callable
from typing import Any

from gpiozero import GPIOZeroError

REQUEST = struct.Struct("=I252x32sQ264xII20xi")  # gpio_v2_line_request: one line, flags, no attributes
INFO = struct.Struct("=32x32sI4xQ176x")  # gpio_v2_line_info: consumer, which line, flags
GET_INFO, GET_LINE = 0xC100B405, 0xC250B407  # ioctls
USED = 1 << 0  # gpio_v2_line_flag
AS_IT_IS = 0  # neither made an input nor an output
USER = b"barrow"  # as `gpioinfo` shows it
CHIP = "/dev/gpiochip{}"


def claimed(device: Callable[..., Any], factory: Any, pin: int, **how: Any) -> Any:
    """A device of gpiozero's on a line. Raises OSError."""
    try:
        return device(pin, pin_factory=factory, **how)
    except refusals() as fault:
        raise OSError(f"BCM {pin}: {fault}{held_by(factory, pin)}") from fault


def refusals() -> tuple[type[Exception], ...]:
    """What gpiozero lets out where a line is another's: lgpio's own error is none of its."""
    return (GPIOZeroError, getattr(sys.modules.get("lgpio"), "error", GPIOZeroError))


def held_by(factory: Any, pin: int) -> str:
    """ ", held by NAME" where the kernel says so; on a header that is none, nobody knows."""
    if not hasattr(factory, "chip"):
        return ""
    try:
        node = opened(factory.chip)
    except OSError:
        return ""
    try:
        return holder(node, pin)
    finally:
        os.close(node)


def free(chip: int, number: int) -> None:
    """Raises OSError where the line is another's. Nothing moves: it is asked for as it is, and let go."""
    os.close(requested(chip, number, AS_IT_IS))


def requested(chip: int, number: int, flags: int) -> int:
    """The descriptor of a line. chip: N of /dev/gpiochipN. Raises OSError."""
    node = opened(chip)
    try:
        request = bytearray(REQUEST.pack(number, USER, flags, 1, 0, -1))
        fcntl.ioctl(node, GET_LINE, request)
    except OSError as fault:
        raise OSError(fault.errno, f"BCM {number}: {fault.strerror}{holder(node, number)}") from fault
    finally:
        os.close(node)
    line: int = REQUEST.unpack(request)[-1]
    return line


def opened(chip: int) -> int:
    """Raises OSError."""
    return os.open(CHIP.format(chip), os.O_RDONLY | os.O_CLOEXEC)


def holder(node: int, number: int) -> str:
    """As held_by; node: of the chip, open."""
    info = bytearray(INFO.pack(b"", number, 0))
    try:
        fcntl.ioctl(node, GET_INFO, info)
    except OSError:
        return ""
    name, _, flags = INFO.unpack(info)
    return f", held by {name.split(bytes(1))[0].decode('ascii', 'replace') or 'somebody'}" if flags & USED else ""
