"""Three mosquittos that know nothing of each other, with every collector on all of them. Ports: base..base+2."""

from collections.abc import Callable
from pathlib import Path
from string import Template

from fleet import mosquitto
from fleet.up.children import Children, last_words
from fleet.up.ports import HOST, answers, claim

CONFIG = Path(__file__).parents[1] / "deploy" / "three.conf"
BROKERS = 3


class Three:
    """The brokers in a folder. One that ends is started again: it kept nothing, so it owes nothing."""

    def __init__(self, folder: Path, base: int) -> None:
        """Raises OSError where mosquitto is not installed."""
        self.program = mosquitto.find() or ""
        if not self.program:
            raise OSError("mosquitto is not installed: apt install mosquitto")
        self.folder = folder
        self.ports = {f"b{i + 1}": base + i for i in range(BROKERS)}
        self.children = Children(folder)

    def start(self) -> None:
        """Raises OSError."""
        try:
            for name in self.ports:
                self._serve(name)
        except BaseException:
            self.children.stop()
            raise

    def told(self) -> str:
        """For whoever started them."""
        return "three brokers; collect with " + " ".join(f"--broker {HOST}:{port}" for port in self.ports.values())

    def watch(self, say: Callable[[str], None]) -> None:
        """For ever. Raises OSError when one cannot be started again."""

        def died(name: str) -> None:
            say(f"the broker {name} ended: {last_words(self.folder / f'{name}.log')}; it is started again")
            self._serve(name)

        self.children.watch(died)

    def _serve(self, name: str) -> None:
        port = self.ports[name]
        claim(port)
        config = self.folder / f"{name}.conf"
        config.write_text(Template(CONFIG.read_text(encoding="utf-8")).substitute(port=port))
        self.children.start(name, [self.program, "-c", str(config)], lambda: answers(port))
