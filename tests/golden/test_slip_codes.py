"""The codes on the golden slips are read back by a decoder that Barrow has no part in, as they are and as they come in a
pocket: smaller, askew, faded, soiled."""

import random

import pytest
import zxingcpp
from PIL import Image, ImageDraw, ImageFilter

from firmware.sale import proof
from tests.golden.book import FOLDER

SLIPS = sorted(FOLDER.glob("*/*/slip-*.png"))


def codes(picture):
    return [found.text for found in zxingcpp.read_barcodes(picture)]


@pytest.mark.parametrize("path", SLIPS, ids=lambda path: "-".join(path.relative_to(FOLDER).with_suffix("").parts))
def test_the_code_on_a_slip_says_what_the_slip_says(path):
    (text,) = codes(Image.open(path).convert("L"))
    said = proof.read(text)
    assert said.terminal == "BARROW-0001" and said.no >= 1 and len(proof.code(text)) == 9


def pocketed(picture, chance):
    """A photo of a slip: a third smaller, a few degrees askew, grey on grey, with thirty specks of dirt and white."""
    photo = picture.convert("L").point(lambda dot: 90 if dot == 0 else 220)
    paint = ImageDraw.Draw(photo)
    for _ in range(30):
        x, y = chance.randrange(photo.width), chance.randrange(photo.height)
        paint.ellipse((x, y, x + 4, y + 4), fill=chance.choice((90, 220)))
    photo = photo.rotate(chance.uniform(-8, 8), Image.Resampling.BILINEAR, expand=True, fillcolor=160)
    photo = photo.resize((photo.width * 2 // 3, photo.height * 2 // 3), Image.Resampling.BILINEAR)
    return photo.filter(ImageFilter.GaussianBlur(0.6))


def test_the_code_is_read_from_a_slip_that_was_in_a_pocket():
    chance, slips = random.Random(8), [Image.open(path) for path in SLIPS]
    read = [codes(pocketed(slip, chance)) == codes(slip.convert("L")) for slip in slips for _ in range(2)]
    assert sum(read) >= 0.95 * len(read)


def test_a_slip_with_its_code_torn_off_says_nothing():
    """The control."""
    slip = Image.open(SLIPS[0])
    assert codes(slip.crop((0, 0, slip.width, slip.height - 220)).convert("L")) == []
