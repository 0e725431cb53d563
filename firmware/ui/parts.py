"""Somebody's words, too long for one screen, in parts that each fit whole. Firmware measures nothing: it counts cells, two for
a hanzi, and stays below what the smallest letters hold beside no picture."""

ROWS, CELLS = 4, 18  # of hanzi, and of the letters that stand among them
LATIN_ROWS, LATIN_CELLS = 6, 20
MARKS = "。！？；，、：.!?;,"


def parts(text: str, lang: str, less: int = 0) -> "list[str]":
    """lang: of the screen. less: rows that something else takes. A part ends behind a mark if its second half
    has one."""
    latin = lang == "en" and max([_cells(char) for char in text] + [1]) == 1
    rows, cells = (LATIN_ROWS, LATIN_CELLS) if latin else (ROWS, CELLS)
    words, found = _words(text, cells), []
    while words:
        count = _fit(words, rows - less, cells)
        found.append("".join(words[:count]).strip(" \n"))
        words = words[count:]
    return found


def _fit(words: "list[str]", rows: int, cells: int) -> int:
    """How many of the words one part takes."""
    row, used, mark = 1, 0, 0
    for i, word in enumerate(words):
        bare = word.rstrip(" \n")
        if used and used + _cells(bare) > cells and not (row == rows and bare in MARKS):
            row, used = row + 1, 2 if bare in MARKS else 0  # a mark takes what it closes along
            if row > rows:
                return mark if 2 * mark > i else i
        used = cells if word.endswith("\n") else used + _cells(word)
        if bare[-1:] and bare[-1] in MARKS:
            mark = i + 1
    return len(words)


def _words(text: str, cells: int) -> "list[str]":
    """A hanzi each, or a word with the spaces behind it. A word longer than a row is broken."""
    found: "list[str]" = []
    for char in text:
        last = found[-1] if found else ""
        if not last or _cells(last[-1]) == 2 or _cells(char) == 2 or (last[-1] == " " and char != " "):
            found.append(char)
        elif char != " " and len(last) == cells:
            found[-1] = last + "\n"
            found.append(char)
        else:
            found[-1] = last + char
    return found


def _cells(text: str) -> int:
    return sum([2 if ord(char) >= 0x2E80 else 1 for char in text])
