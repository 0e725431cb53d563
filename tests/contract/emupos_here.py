"""emupos, also on a Python that it does not ask for: it wants 3.13 and gets by with 3.11, but for two forms of 3.12."""

import __future__

import importlib
import importlib.util
import os
import re
import sys
from importlib.machinery import PathFinder, SourceFileLoader

import pytest

ALIAS = re.compile(rb"(?m)^type (\w+) = ")
GENERIC = re.compile(rb"(?m)^def (\w+)\[\w+\]\(")


class OlderLoader(SourceFileLoader):
    """Reads `type X = ...` and `def f[T](...)` without the words that are new, and lets nobody evaluate an annotation."""

    def source_to_code(self, data, path, *, _optimize=-1):
        data = GENERIC.sub(rb"def \1(", ALIAS.sub(rb"\1 = ", data))
        return compile(data, path, "exec", flags=__future__.annotations.compiler_flag, dont_inherit=True, optimize=_optimize)


class OlderFinder(PathFinder):
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        spec = super().find_spec(name, path, target) if name.partition(".")[0] == "emupos" else None
        if spec is not None and isinstance(spec.loader, SourceFileLoader):
            spec.loader = OlderLoader(name, spec.loader.path)
        return spec


def emupos(name):
    """One of its modules. Without it: skip aloud; where CI promised it, fail."""
    if importlib.util.find_spec("emupos") is None:
        told = "emupos is not here: make setup"
        if os.environ.get("CI") == "true":
            pytest.fail(told)
        pytest.skip(told, allow_module_level=True)
    if sys.version_info < (3, 12) and OlderFinder not in sys.meta_path:
        sys.meta_path.insert(0, OlderFinder)
    return importlib.import_module(f"emupos.{name}")
