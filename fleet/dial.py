"""TCP, without blocking the loop."""

import asyncio
import os
import socket
from collections.abc import Awaitable, Callable

DIAL_S = 10


def dialler(host: str, port: int) -> Callable[[], Awaitable[socket.socket]]:
    """What Collector.run calls for each connection: a connected, non-blocking socket, or OSError."""

    async def dial() -> socket.socket:
        loop = asyncio.get_running_loop()
        fault: OSError = OSError(f"{host}: no address")
        for family, kind, proto, _, address in await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM):
            sock = socket.socket(family, kind, proto)
            sock.setblocking(False)
            try:
                await asyncio.wait_for(loop.sock_connect(sock, address), DIAL_S)
            except (OSError, asyncio.TimeoutError) as why:
                sock.close()
                code = why.errno if isinstance(why, OSError) else None
                fault = OSError(f"{host}:{port}: {os.strerror(code) if code else 'no answer'}")
                continue
            except BaseException:
                sock.close()
                raise
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # Nagle and delayed ACK: 41 ms an answer
            return sock
        raise fault

    return dial
