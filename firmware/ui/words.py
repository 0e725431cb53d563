"""Words: every text that people read, from config/text, by a flat key."""


class Words:
    """One language. table: key -> text with {named} places."""

    def __init__(self, lang: str, table: "dict[str, str]"):
        self.lang = lang
        self.table = table

    def t(self, key: str, **values: object) -> str:
        """The text of a key with its places filled; "?key?" stands out where a key is missing."""
        text = self.table.get(key)
        if text is None:
            return f"?{key}?"
        return text.format(**values) if values else text


def places(text: str) -> "list[str] | None":
    """The sorted names of the {places} in a text; None when its braces do not pair or hold more than a plain name."""
    names = []
    for part in text.split("{")[1:]:
        name, brace, rest = part.partition("}")
        if not brace or not name or "}" in rest or not all("a" <= c <= "z" or c == "_" for c in name):
            return None
        names.append(name)
    return None if "}" in text.partition("{")[0] else sorted(names)
