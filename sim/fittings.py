"""What can be fitted to a till: panels, keypads and printers by name, as a script and the page say them."""

from hal import keymap
from hal.keymap import Keymap
from hal.printer_model import HEADS, Model
from sim.chips.oled_chips import CHIPS
from sim.setup import CONFIG

KEYPADS = ("matrix-28", "pad-4x4", "usb-number-pad")  # config/keymaps
PRINTERS = {f"{width}mm": width for width in HEADS}
PARTS: dict[str, tuple[str, ...]] = {"panel": tuple(CHIPS), "keypad": KEYPADS, "printer": tuple(PRINTERS)}


def pad(name: str) -> Keymap:
    """A keypad's map."""
    return keymap.load(CONFIG, name)


def model(shipped: Model, printer: str) -> Model:
    """config/board.json's printer, or one with a roll of another width; those of 80 mm are sold with a cutter."""
    width_mm = PRINTERS.get(printer, shipped.width_mm)
    return shipped if width_mm == shipped.width_mm else shipped._replace(width_mm=width_mm, cutter=width_mm == 80)
