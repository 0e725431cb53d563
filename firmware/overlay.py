"""Documents of the fleet laid over the profile's files: the shop as the fleet wants it, checked as strictly as a boot does.

Of a file that people edit on the till, a wrong catalogue row is left out, so that one slip of the finger stops no stall. A
document was made and signed elsewhere, and whoever made it can mend it: one wrong row refuses all of it, with the row and
the reason, because a half of a price list is worse than the last whole one."""

import json

from firmware import config, schema
from firmware.sync.document import Declined
from firmware.ui.words import places
from hal.ports.faults import ConfigFault

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.config import Profile, Settings

SHOWN = ("settings", "texts", "catalogue")  # kinds that make Settings; what stands later is checked against what is before it
KEPT = ("limits", "staff")  # kinds that later rooms read: an object, and no more is known of it here


def over(profile: "Profile", kind: str, body: bytes) -> "Profile":
    """The same profile with one document laid over it. Raises ConfigFault."""
    file = f"document {kind}"
    if kind == "settings":
        return config.Profile(schema.parse(file, body).only(config.KEYS + config.MAY), profile.rows, profile.tables)
    if kind == "catalogue":
        return config.Profile(profile.merchant, schema.parse(file, body).only(("items",)).at("items"), profile.tables)
    return config.Profile(profile.merchant, profile.rows, _texts(file, body, profile.tables))


def _texts(file: str, body: bytes, tables: "dict[str, dict[str, str]]") -> "dict[str, dict[str, str]]":
    """Some words of some languages, each in place of one that is there."""
    changed = {lang: dict(table) for lang, table in tables.items()}
    for lang, node in schema.parse(file, body).entries():
        if lang not in tables:
            raise node.fault("is not a language of this till")
        for key, text in node.entries():
            if key not in tables[lang]:
                raise text.fault("is not a key of the words")
            changed[lang][key] = text.text(200, least=0)
            if places(changed[lang][key]) != places(tables[lang][key]):
                raise text.fault("has not the places of the words before")
    return changed


def settle(profile: "Profile", kind: str, bad_before: int) -> "Settings":
    """What the profile comes to with a new document of this kind in it. bad_before: catalogue rows that were wrong anyway.
    Raises Declined, with the key, or the row, and the reason."""
    try:
        settings = config.settle(profile)
    except ConfigFault as fault:
        raise Declined("content", str(fault)) from None
    bad = settings.bad_rows
    if len(bad) > (0 if kind == "catalogue" else bad_before):
        raise Declined("content", f"row {bad[0][0]}: {bad[0][1]}")
    lost = [lang for lang in settings.languages if lang not in profile.tables]
    if lost or sorted(profile.tables) != settings.languages:
        raise Declined("content", "languages: are not those of this till")
    return settings


def check_kept(body: bytes) -> None:
    """A document that nobody here reads yet: a JSON object. Raises Declined."""
    try:
        value = json.loads(str(body, "utf-8"))
    except (ValueError, RuntimeError, MemoryError):
        value = None
    if not isinstance(value, dict):
        raise Declined("content", "not a JSON object")
