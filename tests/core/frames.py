"""A frame as a value that JSON carries, and back: how the tests hand every golden frame to MicroPython."""

from hal.ports.frame import Frame, Row, Status, Text

PLAIN = ("id", "fields", "lang", "selected", "icon", "qr", "lit")
TEXTS = ("title", "label", "big", "heading")


def packed(frame):
    """The value."""
    value = {name: getattr(frame, name) for name in PLAIN}
    for name in TEXTS:
        value[name] = _text(getattr(frame, name))
    bar = frame.status
    value["status"] = bar and [bar.clock, bar.queued, bar.link, bar.bars, bar.battery, bar.offline, bar.training, bar.near_end]
    value["notes"] = [_text(note) for note in frame.notes]
    value["soft"] = [_text(word) for word in frame.soft]
    value["rows"] = None if frame.rows is None else [_row(row) for row in frame.rows]
    value["foot"] = frame.foot and _row(frame.foot)
    return value


def unpacked(value):
    """The frame."""
    frame = Frame(value["id"], value["fields"])
    for name in PLAIN:
        setattr(frame, name, value[name])
    for name in TEXTS:
        setattr(frame, name, _read_text(value[name]))
    frame.status = Status(*value["status"]) if value["status"] else None
    frame.notes = [_read_text(note) for note in value["notes"]]
    frame.soft = tuple([_read_text(word) for word in value["soft"]])
    frame.rows = None if value["rows"] is None else [_read_row(row) for row in value["rows"]]
    frame.foot = _read_row(value["foot"]) if value["foot"] else None
    return frame


def _text(text):
    return None if text is None else [text.s, text.fit]


def _read_text(value):
    return None if value is None else Text(value[0], value[1])


def _row(row):
    return [_text(row.left), _text(row.right)]


def _read_row(value):
    return Row(_read_text(value[0]), _read_text(value[1]))
