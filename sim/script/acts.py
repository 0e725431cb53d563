"""The words of the language that do something, each one small class: it reads its line, then acts."""

from collections.abc import Callable

from sim.script import checks, hands, knobs
from sim.script.cable import Bounce, Cable, Fit
from sim.script.modem import Modem
from sim.script.outcomes import Act
from sim.script.push import push
from sim.script.tokens import Words
from sim.script.vocabulary import LATER_WORDS, NOT_BUILT

ACTS: "dict[str, Callable[[Words], Act]]" = {
    "keys": hands.Keys,
    "scan": hands.Scan,
    "wait": hands.Wait,
    "within": hands.Within,
    "never": hands.Never,
    "frame": hands.Shot,
    "net": knobs.Net,
    "modem": Modem,
    "broker": lambda words: knobs.FarEnd(words, "broker"),
    "paper": knobs.Paper,
    "cover": knobs.Cover,
    "printer": knobs.PrinterVoice,
    "battery": knobs.Battery,
    "clock": knobs.Clock,
    "disk": knobs.Disk,
    "stick": knobs.Stick,
    "cable": Cable,
    "bounce": Bounce,
    "fit": Fit,
    "power": knobs.power,
    "push": push,
}


def act(words: Words) -> Act:
    """The act or the bare check that this line says."""
    token = words.take("a word")
    if token.text in LATER_WORDS:
        raise words.wrong(NOT_BUILT, token)
    far_end = token.text == "fleet" and words.peek() in ("up", "down")
    if token.text in checks.CHECKS and not far_end:
        words.at -= 1
        found: Act = hands.Now(words)
    elif far_end:
        found = knobs.FarEnd(words, "fleet")
    elif token.text in ACTS:
        found = ACTS[token.text](words)
    else:
        raise words.wrong(f"there is no word {token.text!r}", token)
    words.end()
    return found
