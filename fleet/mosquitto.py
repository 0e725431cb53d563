"""Debian's mosquitto in place of the embedded broker: this very process becomes it, so that its id is the broker's.

For one laptop it listens on loopback and lets everybody in. With certificates it is the broker of fleet/deploy, its
configuration as it stands there but for paths, ports and address."""

import ctypes
import getpass
import os
import secrets
import shutil
import signal
import socket
import time
from collections.abc import Callable
from pathlib import Path

from fleet.collectors import COLLECTORS
from fleet.put import OPEN, SECRET, put

HOST = "127.0.0.1"
READY_S = 10
DEPLOY = Path(__file__).with_name("deploy")
PLACE, TILLS, DOOR = "/etc/barrow/broker", 8883, 8884  # in deploy/mosquitto.conf and door.conf
PARENT_DIES = 1  # PR_SET_PDEATHSIG, prctl(2)
PID = "broker.pid"  # beside the configuration: who revokes a till finds the broker by it
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
    program = installed()
    unused(port)
    config, writing = os.pipe()  # its configuration, without a file that would be left behind
    os.write(writing, CONFIG.format(host=HOST, port=port).encode())
    os.close(writing)
    os.set_inheritable(config, True)
    return become([program, "-c", f"/dev/fd/{config}"], port, say)


def serve_tls(folder: Path, port: int, door: int, say: Callable[[str], None]) -> int:
    """deploy/mosquitto.conf and door.conf, on loopback, with what is in folder (`ca server`), where the configuration goes
    too: SIGHUP reads it and the revocations again. Never returns when all is well. Raises OSError."""
    program = installed()
    for each in (port, door):
        unused(each)
    for name in ("ca.crt", "server.crt", "server.key", "crl.pem", "door.crt", "door.key"):
        (folder / name).stat()
    write_config(folder, port, door)
    put(folder / PID, f"{os.getpid()}\n".encode(), OPEN)
    if os.fork() == 0:
        ctypes.CDLL(None).prctl(PARENT_DIES, signal.SIGTERM)  # the door ends with its broker
        os.execv(program, [program, "-c", str(folder / "door.conf")])
    return become([program, "-c", str(folder / "mosquitto.conf")], port, say)


def write_config(folder: Path, port: int, door: int) -> None:
    """The files of deploy/ for this folder, these ports and loopback."""
    place, user = str(folder.resolve()), getpass.getuser()
    for name, text in files().items():
        text = text.replace(PLACE, place).replace(f"{HOST}:{TILLS}", f"{HOST}:{port}")
        text = text.replace(f"listener {TILLS}", f"listener {port} {HOST}").replace(f"listener {DOOR}", f"listener {door} {HOST}")
        # started by root it would become the user mosquitto, who may not read our folder
        put(folder / name, f"user {user}\n{text}".encode() if name.endswith(".conf") else text.encode(), SECRET)


def files() -> "dict[str, str]":
    """The files of deploy/ by their names: the first collector's rights for every collector, and the secret of the door's
    bridge drawn anew."""
    found = {name: (DEPLOY / name).read_text(encoding="utf-8") for name in ("acl", "door.acl", "mosquitto.conf", "door.conf")}
    rights, first = found["acl"].split("user collector-1\n")
    found["acl"] = rights + "\n".join(f"user {name}\n{first}" for name in COLLECTORS)
    return found | {"door.conf": found["door.conf"].replace("door-SECRET", f"door-{secrets.token_hex(16)}")}


def installed() -> str:
    """Raises OSError."""
    program = find()
    if program is None:
        raise OSError("mosquitto is not installed")
    return program


def unused(port: int) -> None:
    """A port that is taken is said in words, before mosquitto says it in its own. Raises OSError."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((HOST, port))


def become(command: "list[str]", port: int, say: Callable[[str], None]) -> int:
    """This process is the broker from here on."""
    if os.fork() == 0:
        if answers(port):
            say(f"broker on {HOST}:{port}")
        os._exit(0)
    os.execv(command[0], command)


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
