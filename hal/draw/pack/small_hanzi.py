"""Hanzi in 12 x 12 dots, the smallest size in which they can be read: the best picture there is of each.

Noto's are drawn by FreeType at several sizes and places a fraction of a dot apart; of these the one wins that is nearest to
the outline's true coverage, with the fewest blots (two by two dots lit) and a free edge. Galmuri's, drawn dot by dot, take
its place where China and Japan write alike in twelve dots (Noto draws both), or where they are nearer to the Chinese
outline, blots counted, than what Noto gives. A gate lost its lintel to every candidate: the few that must have it are drawn
here."""

from itertools import pairwise
from pathlib import Path

from PIL import Image, ImageChops, ImageDraw, ImageFont, ImageStat

from hal.draw.pack.art import columns
from hal.draw.pack.bitmap import Columns, load, read_bdf

SIDE, BASELINE = 12, 10  # ink in eleven rows; the twelfth parts the lines
FINE = 16  # dots of the fine drawing for one of ours
SIZES, ACROSS, DOWN = (11.5, 12.0), (0.0, 0.25, 0.5), (10.0, 10.25, 10.5, 10.75)
THIN = 1.6  # one-dot strokes are thinner than a dot in the outline; this makes up for it
BLOT, EDGE = 1.1, 0.3  # what each costs, where a wrong dot costs 1
HAND = 13.0  # dots that a steady hand is worth
ALIKE = 4.0  # dots by which two forms may differ and still be read as one
SC, JP = 2, 0  # faces of Noto Sans CJK
GATE, BESIDE = "..#.#######. ...#......#.", "..#.#.#####. ..#..#....#."
POSTS, SILL = " .#........#.", " .#......###. ............"
REDRAWN = {
    "门": GATE + 8 * POSTS + SILL,
    "闩": GATE + 3 * POSTS + " .#.######.#." + 4 * POSTS + SILL,
    "闷": f"{GATE} .#...#....#. .#....#...#. .#.##.#.#.#. .#.##...#.#. .##.#..##.#. .##.#..#..#. .#...###..#.{POSTS}{SILL}",
    "们": f"{BESIDE} .##.#.....#. .##.#.....#. #.#.#.....#.{5 * ' ..#.#.....#.'} ..#.#...###. ............",
    "扪": f"{BESIDE} #####.....#.{2 * ' ..#.#.....#.'} ..###.....#. ###.#.....#.{3 * ' ..#.#.....#.'} .##.#...###. ............",
}


def small_hanzi(noto: Path, galmuri: Path, wanted: set[int]) -> dict[int, Columns]:
    """One picture for each code point that either font has."""
    pick, found = Picker(noto), {}
    by_hand = read_bdf(galmuri, BASELINE + 1, SIDE, {code for code in wanted if 0x4E00 <= code < 0xA000})
    for code in wanted:
        drawn, best = by_hand.get(code), pick.best(chr(code))
        if drawn is not None and len(drawn) == SIDE and pick.prefers(chr(code), drawn, best):
            found[code] = drawn
        elif best is not None:
            found[code] = best
    found.update({ord(char): columns(rows.split(" ")) for char, rows in REDRAWN.items()})
    return found


class Picker:
    """Draws candidates and judges them."""

    def __init__(self, noto: Path) -> None:
        self._faces = [load(noto, size, SC) for size in SIZES]
        self._chinese, self._japanese = load(noto, SIDE * FINE, SC), load(noto, SIDE * FINE, JP)
        self._none = self._coverage(self._chinese, "\uffff").tobytes()

    def prefers(self, char: str, by_hand: Columns, best: Columns | None) -> bool:
        """Whether the picture drawn by hand is the better one for a Chinese reader."""
        forms = (self._coverage(face, char) for face in (self._chinese, self._japanese))
        if best is None or ImageStat.Stat(ImageChops.difference(*forms)).sum[0] / 255 <= ALIKE:
            return True
        truth, mine = self._truth(char), picture(by_hand)
        places = [ImageChops.offset(mine, x, y) for x in (0, 1) for y in (0, 1)]  # its last row and column are blank
        return min(self._cost(place, truth) for place in places) <= self._cost(picture(best), truth) + HAND

    def _truth(self, char: str) -> Image.Image:
        return self._coverage(self._chinese, char).point(lambda v: min(255, int(v * THIN)))

    def best(self, char: str) -> Columns | None:
        """The candidate that costs least; None for a character that the font lacks."""
        outline = self._coverage(self._chinese, char)
        if char != "\u3000" and outline.tobytes() == self._none:
            return None
        truth = self._truth(char)
        candidates = {image.tobytes(): image for image in self._candidates(char)}
        image = min(candidates.values(), key=lambda each: (self._cost(each, truth), each.tobytes()))
        return [sum(1 << y for y in range(SIDE) if image.getpixel((x, y))) for x in range(SIDE)]

    @staticmethod
    def _coverage(face: ImageFont.FreeTypeFont, char: str) -> Image.Image:
        image = Image.new("L", (SIDE * FINE, SIDE * FINE))
        ImageDraw.Draw(image).text((0, int(10.5 * FINE)), char, font=face, fill=255, anchor="ls")
        return image.resize((SIDE, SIDE), Image.Resampling.BOX)

    def _candidates(self, char: str) -> list[Image.Image]:
        found = []
        for face in self._faces:
            for x in ACROSS:
                for y in DOWN:
                    image = Image.new("1", (SIDE, SIDE + 2))
                    pen = ImageDraw.Draw(image)
                    pen.fontmode = "1"
                    pen.text((x + (SIDE - face.size) / 2, y), char, font=face, fill=1, anchor="ls")
                    found.append(image)
        whole = [image for image in found if image.crop((0, SIDE, SIDE, SIDE + 2)).getbbox() is None]
        return [image.crop((0, 0, SIDE, SIDE)) for image in whole or found]

    @staticmethod
    def _cost(image: Image.Image, truth: Image.Image) -> float:
        grey = image.convert("L")
        wrong: float = ImageStat.Stat(ImageChops.difference(grey, truth)).sum[0] / 255
        rows = [int.from_bytes(image.tobytes()[2 * y : 2 * y + 2], "big") for y in range(SIDE)]
        pairs = [above & below for above, below in pairwise(rows)]
        blots = sum((pair & pair >> 1).bit_count() for pair in pairs)
        edge = rows[-1].bit_count() + sum(row >> 4 & 1 for row in rows)  # bit 4: the last of twelve columns
        return wrong + BLOT * blots + EDGE * edge


def picture(columns: Columns) -> Image.Image:
    """Columns as an image."""
    image = Image.new("1", (SIDE, SIDE))
    for x, column in enumerate(columns):
        for y in range(SIDE):
            if column >> y & 1:
                image.putpixel((x, y), 1)
    return image
