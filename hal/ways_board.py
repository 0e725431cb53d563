"""A Pi's ways out, as config/board.json and brokers.json say them: its network, its modem, the brokers behind them, and the door
at which a till without a certificate asks."""

from pathlib import Path
from typing import Any, NamedTuple

from hal import board_file, modem_set, tls
from hal.brokers import Brokers
from hal.budget import Budget
from hal.caller import Line
from hal.claim_line import door
from hal.identity import AUTHORITY, Identity
from hal.ip_line import IpLine
from hal.keystore import Keys
from hal.knock import knocker
from hal.lines import Lines
from hal.modem import ModemLine
from hal.modem_power import Supply, supply
from hal.mqtt import MqttLink
from hal.ports.board import Clock, Link, Log, Store
from hal.serial_port import Device, open_serial


class WaysOut(NamedTuple):
    """network: the OS's own. identity: where brokers want a certificate. door: where one can be asked for. feed: of the modem."""

    lines: Lines
    network: IpLine
    link: MqttLink
    identity: Identity | None
    door: Link | None
    feed: Supply | None


def ways_out(
    config_dir: Path, parts: board_file.BoardFile, far: Brokers, pins: Any, store: Store, keys: Keys, clock: Clock, log: Log
) -> WaysOut:
    """pins: of the header; None where there is none. Raises ConfigFault."""
    authority, secure = config_dir / AUTHORITY, any(each.tls for each in far.brokers)
    own = Identity(Path(parts.store), authority, parts.terminal, keys.learn) if secure else None
    identity = own or tls.Nobody()
    modem, feed = modem_line(config_dir, parts.modem, pins, clock, log)
    network = IpLine(far.loopback)
    ways: list[Line] = [network, *([modem] if modem else [])]
    lines = Lines(ways, clock, log, knocker(far.brokers, identity), Budget(parts.metered, store, clock, log))
    return WaysOut(
        lines,
        network,
        MqttLink(lines, far.brokers, identity, clock, log),
        own,
        door(lines, far.claim, authority, clock, log) if own and far.claim else None,
        feed,
    )


def modem_line(
    config_dir: Path, modem: board_file.Modem | None, pins: Any, clock: Clock, log: Log
) -> tuple[ModemLine | None, Supply | None]:
    """The line over the modem and what feeds it, where there are such. Raises ConfigFault."""
    if modem is None:
        return None, None
    feed = supply(pins, modem.power_bcm, log)

    def opened() -> Device:
        return open_serial(modem.port, modem.baud, modem.rtscts)

    return ModemLine(opened, modem_set.load(config_dir, modem.set), modem, feed, clock, log), feed
