"""Three NATS servers with JetStream, which speak MQTT to the tills: a durable buffer in front of the database.

Ports from `base`: MQTT base..base+2, clients base+10.., their own cluster base+20.. ."""

import shutil
from collections.abc import Callable
from pathlib import Path
from string import Template

from fleet.up.children import Children, last_words
from fleet.up.ports import HOST, answers, claim

CONFIG = Path(__file__).parents[1] / "deploy" / "nats.conf"
NODES = 3
CLIENT, CLUSTER = 10, 20


class Nats:
    """The servers in a folder. One that ends is started again, and catches up from the others."""

    def __init__(self, folder: Path, base: int) -> None:
        """Raises OSError where NATS is not installed."""
        self.program = shutil.which("nats-server") or shutil.which("nats-server", path="/usr/sbin:/usr/local/bin") or ""
        if not self.program:
            raise OSError("nats-server is not installed: apt install nats-server")
        self.folder = folder
        self.base = base
        self.numbers = {f"n{i + 1}": i for i in range(NODES)}
        self.children = Children(folder)

    def start(self) -> None:
        """Raises OSError."""
        try:
            for name in self.numbers:
                self._serve(name)
        except BaseException:
            self.children.stop()
            raise

    def told(self) -> str:
        """For whoever started them."""
        tills = ", ".join(f"{HOST}:{self.base + i}" for i in range(NODES))
        return f"three NATS servers, MQTT on {tills}; collect with --nats {self.urls()}"

    def urls(self) -> str:
        return ",".join(f"nats://{HOST}:{self.base + CLIENT + i}" for i in range(NODES))

    def watch(self, say: Callable[[str], None]) -> None:
        """For ever. Raises OSError when one cannot be started again."""

        def died(name: str) -> None:
            say(f"the server {name} ended: {last_words(self.folder / f'{name}.log')}; it is started again")
            self._serve(name)

        self.children.watch(died)

    def _serve(self, name: str) -> None:
        i = self.numbers[name]
        routes = ", ".join(f'"nats://{HOST}:{self.base + CLUSTER + node}"' for node in range(NODES))
        port = self.base + CLIENT + i
        ports = {"client": port, "mqtt": self.base + i, "cluster": self.base + CLUSTER + i}
        for taken in ports.values():
            claim(taken)
        config = self.folder / f"{name}.conf"
        template = Template(CONFIG.read_text(encoding="utf-8"))
        config.write_text(template.substitute(name=name, folder=self.folder, routes=routes, **ports))
        self.children.start(name, [self.program, "-c", str(config)], lambda: answers(port))
