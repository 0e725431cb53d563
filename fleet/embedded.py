"""amqtt as a broker on loopback: MQTT 3.1.1, from Python alone."""

import asyncio
import logging
import signal
from collections.abc import Callable

from amqtt.broker import Broker
from amqtt.errors import BrokerError

HOST = "127.0.0.1"


def serve(port: int, say: Callable[[str], None]) -> int:
    """Until it is stopped. Says in one line that it takes connections. Raises OSError, as when the port is taken."""
    logging.basicConfig(level=logging.CRITICAL)
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
    try:
        await broker.start()
    except BrokerError as fault:
        raise OSError(f"no broker on {HOST}:{port}: {fault.__cause__ or fault}") from fault
    say(f"broker on {HOST}:{port}")
    await stop.wait()
    await broker.shutdown()
