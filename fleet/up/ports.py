"""Ports of the loopback, and whether somebody answers there."""

import socket

HOST = "127.0.0.1"


def answers(port: int) -> bool:
    try:
        socket.create_connection((HOST, port), 1).close()
    except OSError:
        return False
    return True
