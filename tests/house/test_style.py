"""How a file reads: what it is for, how long its functions are, and where it may catch everything."""

import ast
import re

import pytest

from tests.house.sources import ROOT, Function, functions, modules, tracked

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

FORBIDDEN_ENDS = ("Manager", "Handler", "Service", "Helper")
LONGEST, USUAL, USUALLY = 60, 35, 0.95


@pytest.mark.parametrize("path", modules())
def test_a_module_says_in_one_sentence_what_it_is_for(path: str) -> None:
    said = ast.get_docstring(modules()[path])

    assert said, f"{path} does not say what it is for"
    first = " ".join(said.split("\n\n", maxsplit=1)[0].split())
    assert re.search(r"[.:!]$", first), f"{path}: {first}"


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
        if isinstance(node, ast.ClassDef) and node.name.endswith(FORBIDDEN_ENDS)
    ]
    shelves = [path for path in modules() if path.rsplit("/", 1)[-1] in {"utils.py", "helpers.py", "misc.py"}]

    assert not named
    assert not shelves


def test_public_functions_and_classes_say_what_comes_back() -> None:
    silent = [
        (path, node.name)
        for path, tree in modules().items()
        for node in tree.body
        if isinstance(node, Function | ast.ClassDef)
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
    ]

    assert not silent


# Written in pieces, so that this file does not hold what it forbids.
UNFINISHED = re.compile("|".join([r"\bTO" + r"DO\b", r"\bFIX" + r"ME\b", r"\bX" + r"XX\b", "for " + "now,"]))
REGISTRIES = ("py" + "pi.org", "python" + "hosted.org", "npm" + "js.org", "npm" + "js.com")
MACHINES = tuple("/" + place for place in ("work/", "home/", "root/", "Users/", "tmp/"))


def _texts() -> list[tuple[str, str]]:
    found = []
    for path in tracked():
        try:
            found.append((str(path.relative_to(ROOT)), path.read_text(encoding="utf-8")))
        except UnicodeDecodeError:
            continue
    return found


def test_nothing_is_left_unfinished() -> None:
    assert not [(name, UNFINISHED.findall(text)) for name, text in _texts() if UNFINISHED.search(text)]


@pytest.mark.parametrize("forbidden", REGISTRIES)
def test_no_file_names_a_package_registrys_host(forbidden: str) -> None:
    assert not [name for name, text in _texts() if forbidden in text]


@pytest.mark.parametrize("place", MACHINES)
def test_no_file_names_a_place_of_somebodys_machine(place: str) -> None:
    wanted = re.compile(rf"(?<![\w.:/~-]){re.escape(place)}\w")

    assert not [(name, wanted.findall(text)) for name, text in _texts() if wanted.search(text)]
