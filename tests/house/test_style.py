"""How a file reads: what it is for, how long its functions are, and where it may catch everything."""

import ast
import re

from tests.house.sources import Function, functions, modules, modules_by_name

BORDERS = {
    "bot/jobs/worker.py": "the job border: one job's failure is its own, the loop goes on",
    "bot/web/border.py": "the request border of HTTP",
    "bot/web/health.py": "whatever keeps the database from answering is the finding",
    "bot/cli/border.py": "the process border of the shell",
    "bot/slack/app.py": "the request border of Slack",
    "bot/slack/responder.py": "the same border, for what follows the ack in a task of its own",
    "bot/slack/socket.py": "the process border: whatever ends a connection, another is opened",
    "bot/slack/events/recorder.py": "hands what a commit raised to everybody who waits for it",
}
"""Where everything may be caught, each with why."""

SAYS_NOTHING = ("Manager", "Service", "Helper", "Utils", "Util")
SHELVES = {"utils", "util", "helpers", "helper", "misc", "common", "manager", "service"}
LONGEST, USUAL, USUALLY = 60, 35, 0.95


def test_a_module_says_in_one_sentence_what_it_is_for() -> None:
    said = {path: ast.get_docstring(tree) or "" for path, tree in modules().items()}
    first = {path: " ".join(text.split("\n\n", maxsplit=1)[0].split()) for path, text in said.items()}

    assert {path: text for path, text in first.items() if not re.search(r"[.:!]$", text)} == {}


def test_everything_is_caught_only_at_the_borders() -> None:
    caught = {
        path
        for path, tree in modules().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ExceptHandler) and _catches_everything(node)
    }

    assert caught <= set(BORDERS), sorted(caught - set(BORDERS))
    assert set(BORDERS) <= caught, f"no longer needed: {sorted(set(BORDERS) - caught)}"


def _catches_everything(handler: ast.ExceptHandler) -> bool:
    caught = handler.type
    names = caught.elts if isinstance(caught, ast.Tuple) else [caught]
    return caught is None or any(
        isinstance(name, ast.Name) and name.id in {"Exception", "BaseException"} for name in names
    )


def _length(function: Function) -> int:
    return (function.end_lineno or 0) - function.lineno + 1


def test_a_function_fits_on_a_screen() -> None:
    lengths = sorted(
        ((_length(function), path, function.name) for path, function in functions()), reverse=True
    )

    usual = sum(length < USUAL for length, _, _ in lengths) / len(lengths)

    assert lengths[0][0] <= LONGEST, lengths[:3]
    assert usual >= USUALLY, f"only {usual:.1%} are under {USUAL} lines: {lengths[:40]}"


def test_nothing_is_named_for_what_it_does_not_say() -> None:
    named = [
        (path, node.name)
        for path, tree in modules().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef) and node.name.endswith(SAYS_NOTHING)
    ]
    shelves = [name for name in modules_by_name() if SHELVES & set(name.split("."))]

    assert not named
    assert not shelves
