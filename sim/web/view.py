"""What the page says about the bench, as data: one message of each kind, the same until something changes."""

from typing import Any

from hal.ports.frame import Frame, Row, Status, Text
from sim.cables import DEVICES
from sim.chips.stick import OUT
from sim.records import Record, fields
from sim.world import World

ROWS = 40  # of the journal and the ledger that the page shows
Message = dict[str, Any]


class View:
    """Looks at one world. `picture()` is kind of message -> its fields."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.ledger_of: tuple[int, int] | None = None  # records and queue for which the ledger was read
        self.ledger: Message = {}

    def picture(self) -> dict[str, Message]:
        books = self.world.books.read()
        queued = books.queued()
        picture = {
            "screen": self.screen(),
            "state": self.state(),
            "keypad": self.keypad(),
            "journal": self.journal(books.records),
            "queue": self.queue(books.records, queued),
        }
        if self.ledger_of != (len(books.records), queued):
            self.ledger_of = (len(books.records), queued)
            self.ledger = self.read_ledger()
        picture["ledger"] = self.ledger
        return picture

    def screen(self) -> Message:
        frame: Frame = self.world.frame
        return {"id": frame.id, "lang": frame.lang, "fields": self.world.fields(), "says": says(frame)}

    def state(self) -> Message:
        world, rig = self.world, self.world.rig
        status = world.frame.status
        return {
            "power": "dead" if world.crashed else "up" if world.powered else "off",
            "powered": world.powered,
            "terminal": rig.solder.terminal,
            "profile": world.setup.profile.rpartition("/")[2],
            "wall": world.wall()[:8],
            "trusted": world.clock.trusted(),
            "lamps": dict(rig.gpio.lamps),
            "kicks": rig.gpio.kicks,
            "net": rig.links.name,
            **self.lines(status),
            "online": status is not None and not status.offline,
            "battery": rig.battery.percent,
            "paper": world.printer.paper,
            "cover": world.printer.cover,
            "silent": world.printer.silent,
            "metres": f"{world.printer.metres:.1f}",
            **self.hardware(),
            "disk_full": rig.disk.full,
            "stick": rig.stick.state,
        }

    def hardware(self) -> Message:
        """What is fitted, by the names of sim/fittings.py; plug_NAME: is the cable in?"""
        rig = self.world.rig
        plugs = {f"plug_{device}": device not in rig.cables.out for device in DEVICES}
        return {**rig.fitted(), **plugs, "plug_stick": rig.stick.state != OUT}

    def keypad(self) -> Message:
        """The keypad's map, scan code -> key name, and the same after shift."""
        fitted = self.world.rig.keypad.keymap
        return {"name": self.world.rig.fitted()["keypad"], "keys": fitted.keys, "shift": fitted.shift, "shifted": fitted.shifted}

    def lines(self, status: Status | None) -> Message:
        """The ways out, as they are. bytes: that they have carried; percent: of the data budget that is used."""
        rig = self.world.rig
        links, modem, lines = rig.links, rig.modem, rig.lines
        percent = rig.budget.percent if rig.budget else 0
        carried = modem.spent() if modem else 0
        ways = lines.ways() if lines and self.world.powered else []
        return {
            "link": status.link if status else "off",
            "queued": status.queued if status else 0,
            "latency": links.air.latency_ms,
            "loss": links.air.loss,
            "rate": links.air.rate // 1000,
            "csq": links.modem.csq,
            "pin": links.modem.pin != "",
            "registration": links.modem.registration,
            "lost": links.cell and not links.modem.covered,
            "dropped": links.cell and links.modem.covered and not links.modem.air.clear.is_set(),
            "hung": links.modem.hung,
            "wifi": kilo(links.wifi.carried),
            "cell": kilo(carried),
            "percent": percent,
            "trouble": [way.trouble for way in ways],
            "where": modem.where if modem and self.world.powered else "",
        }

    def journal(self, records: list[Record]) -> Message:
        tail = self.world.books.main
        head = tail.head.hex()
        rows = [self.row(record) for record in records[: -ROWS - 1 : -1]]
        return {"head": f"{head[:4]}…{head[-2:]}", "frames": len(records), "sound": tail.chain_ok, "rows": rows}

    def row(self, record: Record) -> Message:
        """A record in the words of the .sale language."""
        said = fields(record, self.world.currency)
        return {
            "seq": record["seq"],
            "kind": said["kind"],
            "no": said.get("no", ""),
            "copy": int(said.get("copy", 0)),
            "reason": said.get("reason", ""),
            "amount": said.get("total", ""),
        }

    def queue(self, records: list[Record], queued: int) -> Message:
        waiting = [record for record in records if record["kind"] == "sale"][-queued:] if queued else []
        return {
            "waiting": queued,
            "offline": not self.world.rig.links.any,
            "rows": [self.row(record) for record in waiting[:ROWS]],
        }

    def read_ledger(self) -> Message:
        rows = [row for row in self.world.ledger_fields() if row["kind"] == "sale"]
        return {"count": len(rows), "rows": rows[: -ROWS - 1 : -1]}


def kilo(size: int) -> str:
    """Bytes in kB, with one decimal."""
    return f"{size / 1000:.1f}"


def says(frame: Frame) -> list[str]:
    """Every text on the frame, in the order in which one reads it."""
    lines = [frame.title, frame.label, frame.big, frame.heading]
    rows = [*(frame.rows or []), *([frame.foot] if frame.foot else [])]
    texts = [text.s for text in lines if text] + [row_text(row) for row in rows] + [text.s for text in frame.notes]
    return [text for text in [*texts, " | ".join(soft.s for soft in frame.soft if soft.s)] if text]


def row_text(row: Row) -> str:
    right: Text | None = row.right
    return f"{row.left.s} {right.s}" if right else row.left.s
