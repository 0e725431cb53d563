"""Ports of the loopback: whether somebody answers there, and whether we may."""

import socket

HOST = "127.0.0.1"


def answers(port: int) -> bool:
    try:
        socket.create_connection((HOST, port), 1).close()
    except OSError:
        return False
    return True


def claim(port: int) -> None:
    """Raises OSError in words when somebody has it: our server would fail, and his would answer for it."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as fault:
            raise OSError(f"port {port}: {fault.strerror}") from fault
