"""The sandbox could be lifted out as a package of its own: it imports and says nothing of Warroom."""

import ast
import re

from tests.house.sources import ROOT, modules

OURS = re.compile(
    r"warroom|war[ _-]room|incident|commander|liaison|\bscribe\b|severity|\bsev[1-5]\b|postmortem|nudge"
    r"|backstage|can update|\bowed?\b|\bowes\b|theatre|\bdeeds?\b",
    re.IGNORECASE,
)
WRITTEN = (".py", ".html", ".css", ".js", ".md")


def test_no_word_of_warroom_stands_in_the_sandbox() -> None:
    files = [path for path in (ROOT / "bot" / "sandbox").rglob("*") if path.suffix in WRITTEN]

    said = [
        (str(path.relative_to(ROOT)), number, found[0])
        for path in files
        if path.name != "htmx.min.js"
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if (found := OURS.search(line))
    ]

    assert len(files) > 40
    assert said == []


def test_the_sandbox_imports_nothing_of_the_bot_but_itself() -> None:
    strangers = [
        (path, node.module)
        for path, tree in modules().items()
        if path.startswith("bot/sandbox/")
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        and (node.module or "").startswith("bot")
        and not (node.module or "").startswith("bot.sandbox")
    ]

    assert strangers == []
