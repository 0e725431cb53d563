"""What a script may name: the screens and kinds of sim/README.md with their fields. A typo is an error, never a miss."""

ALWAYS = ("offline", "queued", "link", "battery", "training", "near_end")

SCREENS: "dict[str, tuple[str, ...]]" = {
    "off": (),
    "boot": ("version",),
    "fault": ("file", "key"),
    "switch_off": ("why", "cart"),
    "idle": ("total",),
    "amount": ("value", "qty", "total"),
    "cart": ("total", "lines"),
    "item": ("name", "price"),
    "not_found": ("code",),
    "tender": ("due",),
    "cash": ("due", "given"),
    "paid": ("total", "change", "no"),
    "refused": ("reason", "due"),
    "receipt": ("no",),
    "held": (),
    "paper_out": ("no",),
    "recovered": ("no", "total", "change"),
    "confirm": ("act",),
    "notice": ("text",),
    "clock_check": ("time",),
    "menu": ("title",),
    "network": ("wifi", "4g", "data"),
    "locked": ("text",),
    "message": ("text",),
    "backup": ("state", "backups", "percent", "sales", "head"),
    "receipts": ("ask", "found", "more", "no", "total"),
    "check": ("verdict", "terminal", "no"),
}
LATER_SCREENS = (
    "card", "qr", "scan", "approved", "in_doubt", "refund", "void", "login", "override", "x_report", "z_report", "member",
    "prepaid", "limit", "diagnostics",
)  # fmt: skip

KINDS: "dict[str, tuple[str, ...]]" = {
    "sale": ("no", "total", "tax", "rounding", "tender", "given", "change", "lines"),
    "print": ("no", "copy", "done"),
    "no_sale": ("reason",),
    "document": ("doc", "version", "order"),
    "read": ("version",),
}
LATER_KINDS = ("void", "refund", "intent", "result", "shift", "staff")

LATER_WORDS = ("tap", "bank", "phone")
NOT_BUILT = "not built yet"
