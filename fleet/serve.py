"""python -m fleet serve: the read API on the loopback. Its token is in a file that only its owner reads, made when missing."""

import argparse
import os
import secrets
import socket
from pathlib import Path

from fleet.commands import announce, ledger_at, state_dir, with_db

HOST = "127.0.0.1"
TOKEN_MIN = 16  # characters
OTHERS = 0o077  # of a file's mode: any right of group or world


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    command = commands.add_parser("serve", help="the ledger for programs: JSON over HTTP, on the loopback")
    command.add_argument("--port", type=int, default=8790, help="0 is any")
    command.add_argument("--token", type=Path, default=state_dir() / "fleet.token", metavar="FILE")
    with_db(command)
    command.set_defaults(run=run)


def run(told: argparse.Namespace) -> int:
    """Until it is stopped. Raises OSError for a port that is taken, and for a token that others may read."""
    import uvicorn  # 100 ms, which the other commands do without

    from fleet.api import app

    with ledger_at(told.db) as ledger, socket.socket() as listener:
        token = token_of(told.token)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, told.port))
        listener.listen(64)
        config = uvicorn.Config(
            app(ledger, token),
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=2,
        )
        announce(f"serving http://{HOST}:{listener.getsockname()[1]} from {ledger.db.name}; the token is in {told.token}")
        uvicorn.Server(config).run(sockets=[listener])
    return 0


def token_of(path: Path) -> str:
    """What is in the file; one is made where there is none. Raises OSError."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(32) + "\n")
    with path.open() as file:
        if os.fstat(file.fileno()).st_mode & OTHERS:
            raise PermissionError(13, "others may read the token: chmod 600", str(path))
        token = file.read(1000).strip()
    if len(token) < TOKEN_MIN or not token.isascii() or not token.isprintable():
        raise OSError(22, f"a token has {TOKEN_MIN} characters or more, all ASCII", str(path))
    return token
