"""A screen as data. Firmware says what stands on the panel; hal/draw decides where, and measures.

A frame is one of four shapes, told by what is filled in, from the first that fits:
  rows     a list, the selected row lit and in view; `foot` is ruled off below it (TOTAL)
  qr       a code at the left, `label`, `big` and `notes` at the right
  icon     a picture at the left, `heading` and `notes` at the right
  number   `label` at the left, `big` at the right, `notes` below
Every shape has the status bar above (title, then clock, queue, link, battery) and the soft keys below."""

MUST = "must"  # the whole text or, in tests, a raise: amounts, and words that we chose ourselves
ELIDE = "elide"  # may end in an ellipsis: names from a catalogue, file names

ICONS = ("tick", "cross", "doubt", "warn", "paper", "plug", "lock", "scan", "clock", "drawer", "info")


class Text:
    """Words or an amount, and what may happen to them where room is short."""

    def __init__(self, s: str, fit: str = MUST):
        self.s = s
        self.fit = fit


class Row:
    """One line of a list: words at the left, an amount at the right (drawn first, never cut)."""

    def __init__(self, left: Text, right: "Text | None" = None):
        self.left = left
        self.right = right


class Status:
    """The bar above every screen, and the fields that every screen has.

    clock: "14:32", or "--:--" when untrusted. queued: sales that the ledger has not acknowledged.
    link: "wifi", "4g" or "off", the one in use. bars: 0..4. battery: 0..100. offline: no session with the broker.
    near_end: the printer's roll is nearly used up."""

    def __init__(
        self,
        clock: str,
        queued: int,
        link: str,
        bars: int,
        battery: int,
        offline: bool,
        training: bool = False,
        near_end: bool = False,
    ):
        self.clock = clock
        self.queued = queued
        self.link = link
        self.bars = bars
        self.battery = battery
        self.offline = offline
        self.training = training
        self.near_end = near_end


NO_SOFT = (Text(""), Text(""), Text(""))


class Frame:
    """Everything that one screen shows.

    id: its name in script.md. fields: what an operator reads off it, by name, as read ("15.80", "0001", "yes").
    lang: "en" or "zh", which decides type sizes. soft: three texts, "" is a blank key.
    lit: a result, the whole panel in light. selected: index into rows, -1 for none. qr: the text that the code says."""

    def __init__(
        self,
        id: str,
        fields: dict[str, str],
        lang: str = "en",
        status: "Status | None" = None,
        title: "Text | None" = None,
        label: "Text | None" = None,
        big: "Text | None" = None,
        heading: "Text | None" = None,
        notes: "list[Text] | None" = None,
        rows: "list[Row] | None" = None,
        selected: int = -1,
        foot: "Row | None" = None,
        icon: str = "",
        qr: str = "",
        lit: bool = False,
        soft: "tuple[Text, Text, Text]" = NO_SOFT,
    ):
        self.id = id
        self.fields = fields
        self.lang = lang
        self.status = status
        self.title = title
        self.label = label
        self.big = big
        self.heading = heading
        self.notes = notes or []
        self.rows = rows
        self.selected = selected
        self.foot = foot
        self.icon = icon
        self.qr = qr
        self.lit = lit
        self.soft = soft
