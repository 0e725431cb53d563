"""python -m fleet ca: the fleet's own certificate authority, and the certificates of its brokers and collectors.

ca init [NAME]          once; ca.crt goes into each till's configuration as fleet-ca.crt
ca server HOST...       all that a broker of these names needs, in one folder; again, to renew it
ca collector NAME       all that a collector needs, collector-1 to collector-99
ca crl                  the list of what is revoked, made anew"""

import argparse
from pathlib import Path

from fleet.authority import Authority
from fleet.certificates import NotCertified
from fleet.commands import REFUSED, show, state_dir
from fleet.mosquitto import files
from fleet.put import SECRET, put


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    command = commands.add_parser("ca", help="the fleet's certificate authority: init, server, collector, crl")
    acts = command.add_subparsers(dest="act", required=True)
    init = acts.add_parser("init", help="make it, once")
    init.add_argument("name", nargs="?", default="Barrow fleet", help="what people call the fleet")
    server = acts.add_parser("server", help="certificates of a broker and of the door beside it")
    server.add_argument("hosts", nargs="+", metavar="HOST", help="each name and address that tills call it by")
    acts.add_parser("collector", help="a collector's certificate").add_argument("name", help="collector-1 to collector-99")
    acts.add_parser("crl", help="what is revoked, anew")
    for act in acts.choices.values():
        with_ca(act)
    command.set_defaults(run=run)


def with_ca(command: argparse.ArgumentParser) -> None:
    """--ca DIR."""
    default = state_dir() / "ca"
    command.add_argument("--ca", type=Path, default=default, metavar="DIR", help="the authority's folder: guard it")


def run(told: argparse.Namespace) -> int:
    if told.act == "init":
        made = Authority.init(told.ca, told.name)
        show(f"{made.folder}: keep ca.key to yourself; ca.crt is each till's fleet-ca.crt")
        return 0
    authority = Authority(told.ca)
    try:
        with authority.alone():
            if told.act == "crl":
                authority.write_crl()
                show(f"{told.ca / 'crl.pem'}: {len(authority.revoked())} revoked")
            else:
                folder = authority.server(told.hosts) if told.act == "server" else authority.collector(told.name)
                for name, text in files().items() if told.act == "server" else ():
                    put(folder / name, text.encode(), SECRET)
                show(f"{folder}")
    except NotCertified as fault:
        show(f"not certified: {fault}")
        return REFUSED
    return 0
