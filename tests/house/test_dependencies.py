"""What is declared is imported, and what is imported is declared; the page's own needs are an extra."""

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions

from tests.house.sources import ROOT, modules

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
BY_NAME_ALONE = {"aiosqlite", "asyncpg", "httptools", "tzdata"}
"""What a database URL, uvicorn or a time zone names, and no import does."""


def distributions(declared: list[str]) -> set[str]:
    """Return the names of requirements without versions and extras."""
    return {re.split(r"[\[<>=!;\s]", each, maxsplit=1)[0] for each in declared}


def imported(*folders: str) -> set[str]:
    """Return the distributions that the code below these folders imports."""
    known = packages_distributions()
    names: set[str] = set()
    for path, tree in modules().items():
        if not path.startswith(folders):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                names |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names.add(node.module.partition(".")[0])
    strangers = names - sys.stdlib_module_names - {"bot", "storage"}
    return {known[name][0].lower().replace("_", "-") for name in strangers}


def test_everything_that_is_imported_is_declared_and_nothing_else() -> None:
    declared = distributions(PROJECT["dependencies"]) | distributions(
        PROJECT["optional-dependencies"]["demo"]
    )

    assert imported("bot/", "storage/") - declared == set()
    assert declared - imported("bot/", "storage/") - BY_NAME_ALONE == set()


def test_the_bot_runs_without_what_only_the_page_needs() -> None:
    extra = distributions(PROJECT["optional-dependencies"]["demo"])
    folders = tuple(
        f"bot/{each.name}" for each in (ROOT / "bot").iterdir() if each.name not in {"sandbox", "demo"}
    )

    assert imported(*folders, "storage/") & extra == set()
    assert extra <= imported("bot/sandbox/page/")
