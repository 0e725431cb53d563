"""The broker that needs nothing but Python: amqtt, in a process of its own, on loopback alone.

Good for one laptop and a few tills; it speaks MQTT 3.1.1. What stands in production is mosquitto."""

import asyncio
import logging
import signal
from collections.abc import Callable

from amqtt.broker import Broker

HOST = "127.0.0.1"


def serve(port: int, say: Callable[[str], None]) -> int:
    """Until it is stopped. Says in one line that it takes connections. Raises OSError when the port is taken."""
    logging.basicConfig(level=logging.ERROR)
    asyncio.run(run(port, say))
    return 0


async def run(port: int, say: Callable[[str], None]) -> None:
    broker = Broker(
        {
            "listeners": {"default": {"type": "tcp", "bind": f"{HOST}:{port}"}},
            "plugins": {"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}},
        }
    )
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await broker.start()
    say(f"broker on {HOST}:{port}")
    await stop.wait()
    await broker.shutdown()
