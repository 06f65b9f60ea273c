"""Where the code stands, and its modules as syntax trees."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
OURS = ("bot", "storage")


@cache
def modules() -> dict[str, ast.Module]:
    """Return every module of the product by its path within the repository."""
    return {
        str(path.relative_to(ROOT)): ast.parse(path.read_text(encoding="utf-8"))
        for package in OURS
        for path in sorted((ROOT / package).rglob("*.py"))
    }


def modules_by_name() -> dict[str, ast.Module]:
    """Return every module of the product by the name it is imported by."""
    return {
        path.removesuffix(".py").removesuffix("/__init__").replace("/", "."): tree
        for path, tree in modules().items()
    }


Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions() -> Iterator[tuple[str, Function]]:
    """Yield every function of the product with the path it stands in."""
    for path, tree in modules().items():
        for node in ast.walk(tree):
            if isinstance(node, Function):
                yield path, node


def constants(path: str) -> set[str]:
    """Return every string a module writes down."""
    return {
        node.value
        for node in ast.walk(modules()[path])
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
