"""The embedded broker, in a process of its own, on loopback alone: amqtt, which needs nothing but Python, good for one
laptop and a few tills; or mosquitto, where it is installed and config/brokers.json asks for it."""

import argparse
import importlib
import json
from collections.abc import Callable
from pathlib import Path

from fleet.commands import announce

CHOICE = Path(__file__).parents[1] / "config" / "brokers.json"
ENGINES = {"amqtt": "fleet.embedded", "mosquitto": "fleet.mosquitto"}


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    command = commands.add_parser("broker", help="an MQTT broker on loopback, for one laptop")
    command.add_argument("--port", type=int, help="1883, or 8883 with --tls")
    command.add_argument("--engine", choices=ENGINES, help="config/brokers.json says which, unless it is said here")
    command.add_argument("--tls", type=Path, metavar="DIR", help="of `ca server`: mosquitto as in fleet/deploy, on loopback")
    command.add_argument("--door", type=int, default=8884, metavar="PORT", help="with --tls: for tills without a certificate")
    command.set_defaults(run=run)


def run(told: argparse.Namespace) -> int:
    if told.tls is None:
        return serve(told.port or 1883, told.engine or chosen(), announce)
    from fleet import mosquitto

    return mosquitto.serve_tls(told.tls, told.port or mosquitto.TILLS, told.door, announce)


def chosen() -> str:
    """What config/brokers.json wants to be embedded. Raises OSError, with the reason."""
    try:
        engine = json.loads(CHOICE.read_text(encoding="utf-8"))["embedded"]
    except (ValueError, LookupError, TypeError):
        engine = None
    if engine not in ENGINES:
        raise OSError(f"{CHOICE.name}: embedded: must be one of {', '.join(ENGINES)}")
    return str(engine)


def serve(port: int, engine: str, say: Callable[[str], None]) -> int:
    """Until it is stopped. Says in one line that it takes connections. Raises OSError, as when the port is taken."""
    code: int = importlib.import_module(ENGINES[engine]).serve(port, say)  # amqtt takes 85 ms to import, and only here
    return code
