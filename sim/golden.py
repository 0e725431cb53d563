"""Golden pictures: 1-bit PNGs that people looked at, compared pixel by pixel, accepted only by hand (never by CI)."""

import os
from pathlib import Path

from PIL import Image

from hal.ports.frame import Frame

HEIGHT = 64


def picture(pages: bytes) -> Image.Image:
    """Page bytes of a panel 64 dots high (page p, column x at p * width + x, bit 0 on top) as a 1-bit image."""
    width = len(pages) * 8 // HEIGHT
    image = Image.new("1", (width, HEIGHT))
    image.putdata([pages[(y // 8) * width + x] >> (y % 8) & 1 for y in range(HEIGHT) for x in range(width)])
    return image


class Golden:
    """The golden pictures of one script in one language: folder/SCRIPT/LANG/NAME.png.

    accept: write what is seen. seen: every picture of this run, for the gallery: name -> (image, "same"|"changed"|"new").
    shots: what the firmware showed for each, and what the panel then held: name -> (frame, pages)."""

    def __init__(self, folder: Path, accept: bool = False) -> None:
        self.folder = folder
        self.accept = accept and "CI" not in os.environ
        self.seen: dict[str, tuple[Image.Image, str]] = {}
        self.shots: dict[str, tuple[Frame, bytes]] = {}

    def compare(self, name: str, frame: Frame, pages: bytes) -> str:
        """ "" when the picture is the golden one, else what is wrong."""
        self.shots[name] = (frame, pages)
        return self.compare_image(name, picture(pages))

    def compare_image(self, name: str, image: Image.Image) -> str:
        path = self.folder / f"{name}.png"
        state = verdict(path, image)
        if state != "same" and self.accept:
            path.parent.mkdir(parents=True, exist_ok=True)
            image.save(path, optimize=True)
            state = "accepted"
        self.seen[name] = (image, state)
        if state == "new":
            return f"there is no golden picture {path.name}; look at it, then make golden-accept"
        return f"the picture {path.name} has changed" if state == "changed" else ""


def verdict(path: Path, image: Image.Image) -> str:
    if not path.exists():
        return "new"
    with Image.open(path) as golden:
        return "same" if golden.size == image.size and golden.convert("1").tobytes() == image.tobytes() else "changed"
