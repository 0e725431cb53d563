"""What `python -m hal check` says of the header: which of the till's lines are free, and who has the others. No level is set."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from hal import gpio_lines, pwm
from hal.board_file import BoardFile, lines
from hal.gpio import header

BUZZER = "gpio.buzzer_bcm"
HELP = "is the package python3-lgpio installed, and this user in the group gpio?"


def gpio(board: BoardFile, opened: Callable[[], Any] = header) -> str:
    """Whether each line is free. The buzzer's is left alone: who asks for one that the kernel's PWM has, ends its tones."""
    chip = gpiochip(opened)
    asked = [(key, line) for key, line in lines(board) if key != BUZZER]
    busy = [f"{key}: {words}" for key, line in asked if (words := taken(chip, line))]
    if busy:
        raise OSError(f"{'; '.join(busy)}; is the till stopped?")
    return "free: " + ", ".join(f"{key} {line}" for key, line in asked)


def gpiochip(opened: Callable[[], Any]) -> int:
    """N of /dev/gpiochipN, where lgpio gets at the header. Raises OSError."""
    try:
        factory = opened()
    except OSError as fault:
        raise OSError(f"{fault}; {HELP}") from fault
    chip: int = factory.chip
    factory.close()
    return chip


def taken(chip: int, line: int) -> str:
    """Why a line is not free; "" where it is."""
    try:
        gpio_lines.free(chip, line)
    except OSError as fault:
        return fault.strerror or str(fault)
    return ""


def buzzer(pin: int, folder: Path = pwm.CLASS, tree: Path = pwm.TREE, opened: Callable[[], Any] = header) -> str:
    """Who makes its tones, and why. Without the kernel's PWM it sounds all the same, where its line is to be had."""
    try:
        chip, number = pwm.channel(pin, folder, tree)
        return f"BCM {pin}, {chip.name}/pwm{number} of the kernel"
    except OSError as fault:
        why = str(fault)
    try:
        gpio_lines.free(gpiochip(opened), pin)
    except OSError as fault:
        raise OSError(f"{why}; and no thread of lgpio's: {fault.strerror or fault}") from fault
    return f"BCM {pin}, by a thread of lgpio's, which wakes for ever after the first tone: {why}"
