"""An import goes down, never up, and never sideways; the rules import nothing but themselves."""

import ast
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.house.sources import ROOT, modules


@pytest.fixture(scope="module")
def contracts() -> list[dict[str, object]]:
    """Return import-linter's contracts as pyproject states them."""
    stated = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
    assert "importlinter" in stated, "pyproject.toml states no contracts for import-linter"
    found: list[dict[str, object]] = stated["importlinter"]["contracts"]
    return found


def test_every_contract_of_the_layers_is_kept() -> None:
    linter = Path(sys.executable).with_name("lint-imports")

    done = subprocess.run(  # noqa: S603 - our own tool, in our own environment
        [linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False, timeout=100
    )

    assert done.returncode == 0, done.stdout + done.stderr


def test_the_contracts_are_those_the_house_was_built_on(contracts: list[dict[str, object]]) -> None:
    by_id = {contract["id"]: contract for contract in contracts}

    assert {"layers", "storage", "rules", "slack", "sql", "circles"} <= set(by_id)
    assert by_id["layers"]["exhaustive"] is True
    ignored = {str(one) for contract in contracts for one in contract.get("ignore_imports", ())}  # type: ignore[attr-defined]
    assert not ignored, "an exception nobody agreed on"


@pytest.mark.parametrize("layer", ["domain", "usecases"])
def test_the_rules_import_the_standard_library_and_themselves(layer: str) -> None:
    allowed = {"domain": ("bot.domain",), "usecases": ("bot.domain", "bot.usecases")}[layer]
    strangers = []
    for path, tree in modules().items():
        if not path.startswith(f"bot/{layer}/"):
            continue
        for node in ast.walk(tree):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            strangers += [
                (path, name)
                for name in names
                if name.split(".")[0] not in sys.stdlib_module_names and not name.startswith(allowed)
            ]

    assert not strangers


def test_the_domain_waits_for_nothing_and_touches_nothing() -> None:
    found = []
    for path, tree in modules().items():
        if not path.startswith("bot/domain/"):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.AsyncFunctionDef | ast.Await):
                found.append((path, "await"))
            if isinstance(node, ast.Name) and node.id in {"open", "print", "input"}:
                found.append((path, node.id))

    assert not found
