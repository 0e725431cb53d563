"""Draws config/wiring.svg: the 40-pin header and what hangs on each pin, read from board.json and the keypad's overlay, so that
the drawing cannot be wrong while the till is right. `make wiring`."""

import json
import re
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

CONFIG = Path(__file__).parents[1] / "config"
# Raspberry Pi 40-pin header, by place: a BCM number, or a supply
HEADER: tuple[int | str, ...] = (
    "3V3", "5V", 2, "5V", 3, "GND", 4, 14, "GND", 15, 17, 18, 27, "GND", 22, 23, "3V3", 24, 10, "GND",
    9, 25, 11, 8, "GND", 7, 0, 1, 5, "GND", 6, 12, 13, "GND", 19, 16, 26, 20, "GND", 21,
)  # fmt: skip
BUSES = {2: "SDA: panel, RTC, gauge", 3: "SCL: panel, RTC, gauge", 14: "TX: to the printer's RX", 15: "RX: from the printer's TX"}
SPI = {8: "panel on SPI: CS", 10: "panel on SPI: MOSI", 11: "panel on SPI: SCLK", 9: "panel on SPI: D/C"}
PWM = (12, 13, 18, 19)  # the kernel's, made by hardware
WAKE = 3  # a halted Pi Zero 2, 3 or 4 starts when this line goes to ground
HAT = {0: "HAT's EEPROM: leave free", 1: "HAT's EEPROM: leave free"}
INK = {
    "keypad": "#1f6f54", "bus": "#2a5d9f", "line": "#a5541a", "5V": "#b3261e", "3V3": "#b3261e", "GND": "#222222", "": "#8a8a8a",
}  # fmt: skip
ROW, TOP, MIDDLE = 22, 70, 450
FACE = 'font-family="Helvetica, Arial, sans-serif" font-size="13"'
TITLE = "Barrow on the 40-pin header of a Raspberry Pi"
HOW = "seen from above, the SD card at the top; numbers in circles are places, BCM numbers stand beside them"


def labels(board: dict[str, Any], overlay: str) -> dict[int, tuple[str, str]]:
    """BCM number -> what hangs there, and of which kind it is."""
    gpio, found = board["gpio"], {}
    for words, kind in ((BUSES, "bus"), (SPI, "bus"), (HAT, "")):
        found.update({pin: (text, kind) for pin, text in words.items()})
    for word, name in (("row", "row"), ("col", "column")):
        line = re.search(rf"{word}-gpios = (.*);", overlay)
        for place, pin in enumerate(re.findall(r"&gpio (\d+)", line[1] if line else "")):
            found[int(pin)] = (f"keypad, {name} {place + 1}", "keypad")
    found[gpio["drawer_bcm"]] = ("drawer: gate of its transistor", "line")
    found[gpio["buzzer_bcm"]] = ("buzzer, passive" + "; the kernel's PWM" * (gpio["buzzer_bcm"] in PWM), "line")
    if gpio["power_key_bcm"] is not None:
        beside = f"; {SPI[gpio['power_key_bcm']]}" if gpio["power_key_bcm"] in SPI else ""
        found[gpio["power_key_bcm"]] = (f"power key, to ground{beside}", "line")
        found[WAKE] = (found[WAKE][0] + "; power key, 2nd pole", "bus")
    for lamp, pin in gpio["lamps_bcm"].items():
        found[pin] = (f"lamp “{lamp}”, 330 Ω to its LED", "line")
    if "modem" in board and board["modem"]["power_bcm"] is not None:
        found[board["modem"]["power_bcm"]] = ("modem: enable of its load switch", "line")
    return found


def drawing(board: dict[str, Any], overlay: str) -> str:
    """The SVG, the same bytes for the same wiring."""
    told = labels(board, overlay)
    height = TOP + 20 * ROW + 50
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 900 {height}" {FACE}>',
        f'<rect width="900" height="{height}" fill="#ffffff"/>',
        f'<text x="450" y="28" text-anchor="middle" font-size="18" font-weight="bold">{TITLE}</text>',
        f'<text x="450" y="48" text-anchor="middle" fill="#555555">{HOW}</text>',
        f'<rect x="{MIDDLE - 34}" y="{TOP - 6}" width="68" height="{20 * ROW + 12}" rx="6" fill="#e8e8e8" stroke="#444444"/>',
    ]
    for place, pin in enumerate(HEADER, 1):
        out += pin_drawn(place, pin, told)
    out.append(
        f'<text x="450" y="{height - 16}" text-anchor="middle" fill="#555555">Every line is 3.3 V. Print head and drawer have a '
        "supply of their own; only its ground is shared.</text>"
    )
    return "\n".join([*out, "</svg>"]) + "\n"


def pin_drawn(place: int, pin: int | str, told: dict[int, tuple[str, str]]) -> list[str]:
    left = place % 2 == 1
    x, y = MIDDLE + (-16 if left else 16), TOP + (place - 1) // 2 * ROW + ROW // 2
    text, kind = (pin, pin) if isinstance(pin, str) else told.get(pin, ("free", ""))
    name = text if isinstance(pin, str) else f"{text}   {pin}" if left else f"{pin}   {text}"
    ink, end = INK[kind], x - 62 if left else x + 62
    anchor, beside = ("end", end - 6) if left else ("start", end + 6)
    return [
        f'<line x1="{x + (-11 if left else 11)}" y1="{y}" x2="{end}" y2="{y}" stroke="{ink}" stroke-width="2"/>',
        f'<circle cx="{x}" cy="{y}" r="10" fill="#ffffff" stroke="{ink}" stroke-width="2"/>',
        f'<text x="{x}" y="{y + 4}" text-anchor="middle" font-size="10">{place}</text>',
        f'<text x="{beside}" y="{y + 4}" text-anchor="{anchor}" fill="{ink}" xml:space="preserve">{escape(name)}</text>',
    ]


def main() -> None:
    board = json.loads((CONFIG / "board.json").read_text())
    overlay = (CONFIG / "overlays/barrow-keypad-overlay.dts").read_text()
    (CONFIG / "wiring.svg").write_text(drawing(board, overlay))


if __name__ == "__main__":
    main()
