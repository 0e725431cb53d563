"""The receipt: a sale's record as paper, in the blocks between which the printer is asked for its status.

Everything comes from the record, so a copy years later says what the first one said. Amounts carry no sign of currency;
it stands once, above them."""

from firmware import wall
from firmware.sale import catalogue, money, proof, quantity, tax
from hal.ports.slip import CENTRE, COLUMNS, Cut, Feed, Line, Qr, Rule, Slip, columns

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.config import Settings
    from firmware.sale.record import Record
    from firmware.ui.words import Words
    from hal.ports.board import Element

GROUP = 6  # lines of goods a block: about what is printed twice when a roll ends


def slip(
    record: "Record",
    settings: "Settings",
    words: "Words",
    copy: int,
    simulated: bool = False,
    printed_s: int | None = None,
    proved: str = "",
    width: int = COLUMNS,
    version: str = "",
) -> Slip:
    """The paper of a sale. copy: 0 for the first, 1.. for duplicates, which keep the time of the sale and say their own
    (printed_s, local seconds) where it is known. simulated: no real money; the footer says so. proved: what
    proof.text gives for this sale, "" where there is none just now; it comes last, and travels while the words are printed.
    width: of the printer's paper, in columns. version: of the till that prints it, whichever sold; no proof covers it."""
    paper = _Paper(record, settings, words, width)
    blocks = [paper.header(copy, printed_s) + paper.heading()]
    for line in record["lines"]:
        if len(blocks[-1]) >= GROUP:
            blocks.append([])
        blocks[-1] += paper.line(line)
    blocks.append(paper.totals())
    blocks.append(paper.footer(simulated) + paper.last(proved, version) + [Cut()])
    return Slip(record["no"], copy, blocks)


class _Paper:
    """The parts of one receipt, from top to bottom."""

    def __init__(self, record: "Record", settings: "Settings", words: "Words", width: int):
        self.width = width
        self.record = record
        self.settings = settings
        self.words = words
        # the sale's own currency, whatever the shop takes today
        self.currency = money.currency(record["cur"]) or settings.currency

    def t(self, key: str, **values: object) -> str:
        return self.words.t("slip." + key, **values)

    def header(self, copy: int, printed_s: int | None) -> "list[Element]":
        record = self.record
        shop = self.settings.shop[self.words.lang]
        block: list[Element] = [Line(shop[0], bold=True, align=CENTRE)]
        block += [Line(line, align=CENTRE) for line in shop[1:]]
        block.append(Feed(1))
        if copy:
            block.append(Line(self.t("copy", n=copy), bold=True, big=True, align=CENTRE))
            if printed_s is not None:
                block.append(Line(self.t("printed", time=wall.text(printed_s)), align=CENTRE))
            block.append(Feed(1))
        block.append(Line(wall.text(record["at"] + record["off"]), self.t("no", no=f"{record['no']:04d}")))
        if not record["trusted"]:
            block.append(Line(self.t("clock")))
        return block

    def heading(self) -> "list[Element]":
        return [Rule(), Line(self.t("item"), self.currency.code)]

    def line(self, line: "Record") -> "list[Element]":
        name = catalogue.in_language(line["names"], self.words.lang) or self.t("open")
        mark = self._mark(line["rate"])
        block: list[Element] = [Line(_clean(name) + (" " + mark if mark else ""), self.currency.text(line["total"]))]
        if line["qty"] != quantity.ONE:
            qty, price = quantity.text(line["qty"]), self.currency.text(line["price"])
            block.append(Line("  " + self.t("times", qty=qty, price=price)))
        if line["code"] and not line["names"]:
            block.append(Line("  " + _clean(line["code"])))
        return block

    def totals(self) -> "list[Element]":
        record, text = self.record, self.currency.text
        block: list[Element] = [Rule()]
        added = [row for row in record["tax"] if row["mode"] == tax.ADDED and row["bp"]]
        if added:
            block.append(Line(self.t("subtotal"), text(sum(line["total"] for line in record["lines"]))))
        for row in added:
            block += self._tax("tax_added", row)
        block.append(self._large(self.t("total"), text(record["total"])))
        if record["rounding"]:
            block.append(Line(self.t("rounding"), text(record["rounding"])))
            block.append(Line(self.t("to_pay"), text(record["total"] + record["rounding"]), bold=True))
        for leg in record["legs"]:
            block.append(Line(self.t(leg["tender"]), text(leg["given"])))
            if leg["change"]:
                block.append(Line(self.t("change"), text(leg["change"]), bold=True))
        for row in record["tax"]:
            if row["mode"] == tax.INCLUDED and row["bp"]:
                block += self._tax("tax_included", row)
        return block

    def footer(self, simulated: bool) -> "list[Element]":
        block: list[Element] = [Feed(1), Line(self.t("thanks"), align=CENTRE)]
        if simulated:
            block.append(Line(self.t("simulated"), align=CENTRE))
        return block

    def last(self, proved: str, version: str) -> "list[Element]":
        """Proof and version on one line, and the code; a version that is too long for the line is left out."""
        left = self.t("proof", code=proof.code(proved)) if proved else ""
        right = self.t("version", version=version) if version else ""
        if columns(left) + 1 + columns(right) > self.width:
            right = ""
        block: list[Element] = []
        if left or right:
            block.append(Line(left, right) if right else Line(left, align=CENTRE))
        return block + ([Qr(proved)] if proved else [])

    def _tax(self, key: str, row: "Record") -> "list[Element]":
        """One rate; what it is worked out on stands beside it where the receipt has several, or below where room is short."""
        rate, mark = self.settings.taxes.get(row["rate"]), self._mark(row["rate"])
        name = catalogue.in_language(rate.label, self.words.lang) if rate else row["rate"]
        left = (mark + " " if mark else "") + self.t(key, tax=name, percent=tax.percent(row["bp"]))
        right = self.currency.text(row["tax"])
        if len(self.record["tax"]) == 1:
            return [Line(left, right)]
        net = self.t("tax_on", net=self.currency.text(row["net"]))
        if columns(left) + 1 + columns(net) + 1 + columns(right) <= self.width:
            return [Line(left + " " + net, right)]
        return [Line(left, right), Line("  " + net)]

    def _large(self, left: str, right: str) -> Line:
        """Letters of double width where both fit on one line."""
        return Line(left, right, bold=True, big=2 * (columns(left) + 1 + columns(right)) <= self.width)

    def _mark(self, name: str) -> str:
        rate = self.settings.taxes.get(name)
        return rate.mark if rate else ""


def _clean(text: str) -> str:
    """A scanned code or a name of long ago, with nothing in it that could steer a printer."""
    return "".join(c if catalogue.printable(c) else "?" for c in text)
