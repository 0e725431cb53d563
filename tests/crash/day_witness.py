"""Who stands beside the till all day and knows only what anybody there could know: what the panel said was PAID, what came out
of the printer, how often the power went. In the evening the journal and the fleet's ledger must agree with that."""

import hashlib
import json
import re

from hal.ports.frame import Frame
from sim.script.play import death
from sim.setup import profile_folder
from sim.world import World
from tests.crash.campaign import ALTERED, DOUBLED, LOST, Wrong

SLIP_NO = re.compile(r"\bNo (\d{4,})$")
SLIP_TOTAL = re.compile(r"^TOTAL +([\d.]+)$")


def shop_of(profile: str) -> str:
    """What stands at the top of each of its slips, in English."""
    merchant = json.loads((profile_folder(profile) / "merchant.json").read_text(encoding="utf-8"))
    return str(merchant["shop"]["en"][0])


class Witness:
    """Of one world. shown: (number, total) as PAID or as recovered said it; trace: a hash of all that happened."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.shown: dict[str, str] = {}
        self.cuts = 0
        self.trace = hashlib.sha256()
        self.on = False
        world.watch(self.frame)
        world.events.subscribe(lambda event: self.trace.update("\t".join(event).encode()))

    def frame(self, frame: Frame) -> None:
        """The panel shows this."""
        self.trace.update(json.dumps([frame.id, frame.fields], sort_keys=True, default=str).encode())
        self.cuts += self.on and frame.id == "off"
        self.on = frame.id != "off"
        if frame.id in ("paid", "recovered"):
            no, total = str(frame.fields["no"]), str(frame.fields["total"])
            if self.shown.setdefault(no, total) != total:
                raise Wrong(DOUBLED, f"sale {no} was shown with {self.shown[no]}, and now with {total}")

    def judge(self) -> int:
        """How many sales the day had. Raises Wrong."""
        world = self.world
        if died := death(world):
            raise Wrong(LOST, f"the firmware died: {died}")
        sales = [row for row in world.journal_fields() if row["kind"] == "sale"]
        numbers = [row["no"] for row in sales]
        totals = {row["no"]: row["total"] for row in sales}
        if len(totals) != len(numbers):
            raise Wrong(DOUBLED, f"a number stands twice in the journal: {sorted(numbers)[-5:]}")
        for no, total in self.shown.items():
            if no not in totals:
                raise Wrong(LOST, f"sale {no} of {total} was shown as paid, and is not in the journal")
            if totals[no] != total:
                raise Wrong(ALTERED, f"sale {no} was shown with {total}, the journal has {totals[no]}")
        unseen = [no for no in numbers if no not in self.shown]
        if len(unseen) > self.cuts:
            raise Wrong(DOUBLED, f"{len(unseen)} sales were never shown, with {self.cuts} power cuts: {unseen[:5]}")
        if not world.books.read().main.chain_ok:
            raise Wrong(ALTERED, "the journal's chain is broken")
        self._paper(totals)
        self._ledger()
        self.trace.update("\n".join([*world.journal_text(), *world.printer.text()]).encode())
        return len(sales)

    def _paper(self, totals: "dict[str, str]") -> None:
        """Only slips in English are read. Of a printer that answers nothing, whose cable was pulled besides, a slip may have lost
        its number: its total is nobody's, and not the slip's before it."""
        shop, no = shop_of(self.world.setup.profile), ""
        for line in self.world.printer.text():
            if line.strip() == shop:
                no = ""
            elif match := SLIP_NO.search(line):
                no = match[1]
                if no not in totals:
                    raise Wrong(LOST, f"a slip says No {no}, which is not in the journal")
            elif (match := SLIP_TOTAL.match(line)) and no and totals[no] != match[1]:
                raise Wrong(ALTERED, f"the slip of {no} says {match[1]}, the journal {totals[no]}")

    def _ledger(self) -> None:
        """The evening's last sync has brought every record, once, as it is; but for what only rides with the next sale."""
        mine = [json.loads(line) for line in self.world.journal_text()]
        theirs = [record for _, record in self.world.ends.ledger().records()]
        if len(theirs) > len(mine):
            raise Wrong(DOUBLED, f"the ledger has {len(theirs)} records, the journal {len(mine)}")
        if theirs != mine[: len(theirs)]:
            raise Wrong(ALTERED, "a record of the ledger is not that of the journal")
        if any(record["kind"] == "sale" for record in mine[len(theirs) :]):
            raise Wrong(LOST, f"the ledger has {len(theirs)} records, the journal {len(mine)}, with sales among the rest")
