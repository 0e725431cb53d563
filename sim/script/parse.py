"""A .sale file as the acts it says, read and checked whole before anything runs."""

import re
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from sim.chips.modem import MAKERS
from sim.fittings import PARTS
from sim.links import LINKS_AT_START
from sim.script.acts import act
from sim.script.outcomes import Act
from sim.script.tokens import ScriptError, Words
from sim.setup import Setup, profile_folder

LANG = re.compile(r"[a-z]{2}\Z")
CHOICES: "dict[str, tuple[str, ...]]" = {"link": tuple(LINKS_AT_START), "modem": tuple(MAKERS)} | PARTS


class Step(NamedTuple):
    """file and number: where it stands. text: the line, as written."""

    file: str
    number: int
    text: str
    act: Act


class Script(NamedTuple):
    """A whole script. name: its file's name without .sale."""

    name: str
    setup: Setup
    steps: "list[Step]"


def load(path: Path) -> Script:
    """Read a script. Raises ScriptError."""
    return parse(path.name.removesuffix(".sale"), str(path), read(path, str(path)), path.parent)


def parse(name: str, file: str, text: str, folder: Path) -> Script:
    """A script from its text; `include` looks in folder. Raises ScriptError."""
    lines = [words for words in words_of(file, text) if words.tokens]
    if not lines or lines[0].peek() != "use":
        raise ScriptError(f"{file}:1:1: a script starts with `use PROFILE`")
    return Script(name, use(lines[0]), steps(lines[1:], folder, (Path(file).resolve(),)))


def read(path: Path, said_by: str) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ScriptError(f"{said_by}: cannot be read: {error}") from None


def words_of(file: str, text: str) -> "list[Words]":
    return [Words(file, number, line) for number, line in enumerate(text.splitlines(), 1)]


def steps(lines: "list[Words]", folder: Path, opened: "tuple[Path, ...]") -> "list[Step]":
    found: list[Step] = []
    for words in lines:
        if words.peek() == "include":
            found += included(words, folder, opened)
        elif words.peek() == "use":
            raise words.wrong("`use` is the first line, and there is one", words.tokens[0])
        else:
            found.append(Step(words.file, words.line, words.text.strip(), act(words)))
    return found


def included(words: Words, folder: Path, opened: "tuple[Path, ...]") -> "list[Step]":
    words.take("include")
    token = words.take("a file")
    words.end()
    path = (folder / token.text).resolve()
    if path in opened:
        raise words.wrong(f"{token.text} includes itself", token)
    text = read(path, f"{words.file}:{words.line}:{token.column}: {token.text}")
    lines = [line for line in words_of(token.text, text) if line.tokens]
    return steps(lines, path.parent, (*opened, path))


def use(words: Words) -> Setup:
    """use PROFILE lang= seed= at= link= panel= keypad= scanner= printer= modem="""
    words.take("use")
    named = words.take("a profile")
    if not profile_folder(named.text).is_dir():
        raise words.wrong(f"there is no profile {named.text!r}", named)
    given = words.pairs(("lang", "seed", "at", *CHOICES), "use")
    words.end()
    first = words.tokens[0]
    setup = Setup(profile=named.text)
    if "lang" in given:
        if not LANG.match(given["lang"]):
            raise words.wrong(f"lang is two letters, not {given['lang']!r}", first)
        setup.lang = given["lang"]
    if "seed" in given:
        if not given["seed"].isdecimal():
            raise words.wrong(f"seed is a number, not {given['seed']!r}", first)
        setup.seed = int(given["seed"])
    if "at" in given:
        try:
            setup.at = datetime.fromisoformat(given["at"])
        except ValueError:
            raise words.wrong(f"at is a local time like 2026-11-21T14:32, not {given['at']!r}", first) from None
    for name in CHOICES.keys() & given.keys():
        if given[name] not in CHOICES[name]:
            raise words.wrong(f"{name} is one of {', '.join(CHOICES[name])}, not {given[name]!r}", first)
        setattr(setup, name, given[name])
    return setup
