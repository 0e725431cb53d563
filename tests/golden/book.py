"""The golden book: every frame that a scenario names and every slip that it prints, in both languages, compared by pixels."""

from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from hal.ports.frame import Frame
from sim.golden import Golden
from sim.headless import Options, run_script
from sim.script.parse import load

ROOT = Path(__file__).parents[2]
FOLDER = Path(__file__).parent
SCENARIOS = ROOT / "sim/scenarios"
DOTS = 384
# slips that are golden: the first one, a copy, and money of other places
SLIPS = ("first-sale", "reprint", "tokyo", "kuwait", "zurich", "chengdu", "vancouver")


@dataclass
class Page:
    """What one script showed. seen: name -> (picture, "same", "changed", "new" or "accepted"); why: what failed in it.
    shots: name -> (frame, what the panel held)."""

    script: str
    lang: str
    seen: "dict[str, tuple[Image.Image, str]]"
    why: str
    shots: "dict[str, tuple[Frame, bytes]]"


def scripts(only: str = "") -> "list[Path]":
    """Every scenario, or the two of one name."""
    return [path for path in sorted(SCENARIOS.glob("*.sale")) if not only or path.name.split(".")[0] == only]


def read(path: Path, accept: bool = False) -> Page:
    """Play a scenario and compare all that it shows."""
    script = load(path)
    result = run_script(script, Options(golden=FOLDER, out=ROOT / "out", accept=accept, echo=None))
    golden = result.world.golden
    name = script.name.split(".")[0]
    if name in SLIPS:
        compare_slips(result.world.printer.slips, golden)
    return Page(name, script.setup.lang, golden.seen, "" if not result.code else result.report, golden.shots)


def compare_slips(slips: "list", golden: Golden) -> None:  # type: ignore[type-arg]
    for number, slip in enumerate(slips, 1):
        golden.compare_image(f"slip-{number}", paper(slip.rows))


def paper(rows: bytes) -> Image.Image:
    """384-dot rows, 48 bytes each, a set bit is a dot of ink: black on white."""
    height = len(rows) // (DOTS // 8)
    return Image.frombytes("1", (DOTS, height), bytes(byte ^ 0xFF for byte in rows))


def unused(pages: "list[Page]") -> "list[str]":
    """Golden pictures that no scenario shows any more."""
    shown = {FOLDER / page.script / page.lang / f"{name}.png" for page in pages for name in page.seen}
    return sorted(str(path.relative_to(FOLDER)) for path in FOLDER.glob("*/*/*.png") if path not in shown)
