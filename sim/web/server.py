"""Serves the page on 127.0.0.1, in the bench's own loop."""

import asyncio
import contextlib
import errno
import socket
from collections.abc import Generator

import uvicorn
from starlette.types import ASGIApp

HOST = "127.0.0.1"
TRIES = 50  # ports after the one that was asked for
GRACE_S = 2  # for open connections when the page is closed


class Quiet(uvicorn.Server):
    """uvicorn without its own signal handling: the bench decides when it ends, and in which order."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield


def bind(port: int) -> socket.socket:
    """A listening socket on the port, or on the next that is free; 0 is any. Raises OSError when none is."""
    for candidate in range(port, min(port + TRIES, 65_536)):
        sock = socket.socket()
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind((HOST, candidate))
            sock.listen(128)
        except OSError as error:
            sock.close()
            if error.errno not in (errno.EADDRINUSE, errno.EACCES):
                raise
            continue
        sock.setblocking(False)
        return sock
    raise OSError(errno.EADDRINUSE, f"no port is free from {port} on")


def url_of(sock: socket.socket) -> str:
    return f"http://{HOST}:{sock.getsockname()[1]}/"


class Site:
    """The page as long as it is served. `await ready()`, later `await stop()`."""

    def __init__(self, app: ASGIApp, sock: socket.socket, message_max: int) -> None:
        config = uvicorn.Config(
            app,
            ws="websockets-sansio",
            ws_max_size=message_max,
            ws_per_message_deflate=False,
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=GRACE_S,
        )
        self.server = Quiet(config)
        self.task = asyncio.create_task(self.server.serve(sockets=[sock]), name="page")

    async def stop(self) -> None:
        """Every connection is closed when this returns."""
        self.server.should_exit = True
        await self.task
