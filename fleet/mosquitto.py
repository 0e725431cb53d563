"""Debian's mosquitto in place of the embedded broker: this very process becomes it, so that its id is the broker's."""

import os
import shutil
import socket
import time
from collections.abc import Callable

HOST = "127.0.0.1"
READY_S = 10
# without a persistence file a restart forgets all, as our clean sessions expect; nodelay spares 41 ms an answer
CONFIG = """listener {port} {host}
allow_anonymous true
set_tcp_nodelay true
persistence false
log_type error
"""


def find() -> str | None:
    """Where it is installed; Debian keeps it where a user's PATH does not look."""
    return shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin:/opt/homebrew/sbin")


def serve(port: int, say: Callable[[str], None]) -> int:
    """Never returns when all is well. A child waits until it takes connections, and says so. Raises OSError."""
    program = find()
    if program is None:
        raise OSError("mosquitto is not installed")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((HOST, port))  # a port that is taken is said in words, before mosquitto says it in its own
    config, writing = os.pipe()  # its configuration, without a file that would be left behind
    os.write(writing, CONFIG.format(host=HOST, port=port).encode())
    os.close(writing)
    os.set_inheritable(config, True)
    if os.fork() == 0:
        if answers(port):
            say(f"broker on {HOST}:{port}")
        os._exit(0)
    os.execv(program, [program, "-c", f"/dev/fd/{config}"])


def answers(port: int) -> bool:
    """Does it take connections, within READY_S?"""
    end = time.monotonic() + READY_S
    while time.monotonic() < end:
        try:
            socket.create_connection((HOST, port), 1).close()
            return True
        except OSError:
            time.sleep(0.02)
    return False
