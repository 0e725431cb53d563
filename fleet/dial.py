"""TCP, and TLS over it, without blocking the loop."""

import asyncio
import os
import socket
import ssl
from collections.abc import Awaitable, Callable
from pathlib import Path

DIAL_S = 10


def context(ca: Path, cert: Path | None, key: Path | None) -> ssl.SSLContext:
    """TLS 1.2 or later towards a broker that the authority vouches for, by its name; with our own certificate when there
    is one. Raises OSError, with the file's name."""
    for path in (ca, cert, key):
        if path is not None:
            path.open("rb").close()  # ssl's own fault would not say which file
    try:
        made = ssl.create_default_context(cafile=ca)
        made.minimum_version = ssl.TLSVersion.TLSv1_2
        if cert is not None:
            made.load_cert_chain(cert, key)
    except ssl.SSLError as fault:
        raise OSError(f"{ca}, {cert}, {key}: no certificates: {fault.reason or fault}") from fault
    return made


def dialler(host: str, port: int, tls: ssl.SSLContext | None = None) -> Callable[[], Awaitable[socket.socket]]:
    """What a collector calls for each connection: a connected, non-blocking socket, shaken hands, or OSError."""

    async def dial() -> socket.socket:
        loop = asyncio.get_running_loop()
        fault: OSError = OSError(f"{host}: no address")
        for family, kind, proto, _, address in await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM):
            sock = socket.socket(family, kind, proto)
            sock.setblocking(False)
            try:
                await asyncio.wait_for(loop.sock_connect(sock, address), DIAL_S)
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # Nagle and delayed ACK: 41 ms an answer
                return await asyncio.wait_for(shaken(sock, tls, host), DIAL_S) if tls else sock
            except ssl.SSLError as why:
                fault = OSError(f"{host}:{port}: no TLS: {why.reason or why}")
            except (OSError, asyncio.TimeoutError) as why:
                code = why.errno if isinstance(why, OSError) else None
                fault = OSError(f"{host}:{port}: {os.strerror(code) if code else 'no answer'}")
            except BaseException:
                sock.close()
                raise
            sock.close()
        raise fault

    return dial


async def shaken(sock: socket.socket, tls: ssl.SSLContext, name: str) -> ssl.SSLSocket:
    """TLS over a connected socket, after the handshake. Raises OSError."""
    loop = asyncio.get_running_loop()
    secure = tls.wrap_socket(sock, server_hostname=name, do_handshake_on_connect=False)
    try:
        while True:
            moved = loop.create_future()
            try:
                secure.do_handshake()
                return secure
            except ssl.SSLWantReadError:
                watch, forget = loop.add_reader, loop.remove_reader
            except ssl.SSLWantWriteError:
                watch, forget = loop.add_writer, loop.remove_writer
            watch(secure, settle, moved)
            try:
                await moved
            finally:
                forget(secure)
    except BaseException:
        secure.close()
        raise


def settle(moved: "asyncio.Future[None]") -> None:
    """The socket can be read, or written, again."""
    if not moved.done():
        moved.set_result(None)
