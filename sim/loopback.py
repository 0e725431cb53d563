"""Ports of the loopback for servers that are about to start."""

import socket
from contextlib import ExitStack
from random import SystemRandom

HOST = "127.0.0.1"
FIRST, END = 16000, 32000  # the kernel gives callers theirs from 32768 on (ip_local_port_range), and never one of these
TRIES = 200


def free_port(row: int = 1) -> int:
    """The first of so many ports in a row that nobody has now. Raises OSError."""
    for _ in range(TRIES):
        first = SystemRandom().randrange(FIRST, END - row)  # another run on this machine looks for one too
        with ExitStack() as held:
            try:
                for port in range(first, first + row):
                    held.enter_context(socket.create_server((HOST, port)))
            except OSError:
                continue
            return first
    raise OSError(f"no {row} free ports in a row on {HOST}")
