"""Refusals: each is a sentence a person can act on."""

import ast
from pathlib import Path

import pytest

import bot.domain
from bot.domain.shared.errors import NotAllowed, NotFound, Overtaken, Refused
from tests.domain.refusing import LONGEST, check_fit

SOURCES = sorted(Path(bot.domain.__file__).parent.rglob("*.py"))


@pytest.mark.parametrize("kind", [Refused, NotFound, NotAllowed, Overtaken])
def test_a_refusal_keeps_its_kind_when_its_field_is_named(kind: type[Refused]) -> None:
    moved = kind("It is already so.").on("title")

    assert type(moved) is kind
    assert (moved.why, moved.field) == ("It is already so.", "title")
    check_fit(moved)


def _sentences(source: Path) -> list[str]:
    """Return the literal parts of each ``msg`` that a module refuses with, values as ``…``."""
    return [
        _literal(node.value)
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8")))
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "msg"
    ]


def _literal(value: ast.expr) -> str:
    match value:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(_literal(part) for part in parts)
        case ast.BinOp(left=left, right=right):
            return _literal(left) + _literal(right)
        case ast.IfExp(body=body):
            return _literal(body)
        case _:
            return "…"


def test_everything_the_domain_refuses_is_said_in_whole_sentences() -> None:
    # What the timeline raises is a mistake of ours, not a refusal.
    said = [sentence for source in SOURCES if source.stem != "timeline" for sentence in _sentences(source)]

    assert len(said) > 20, "the sentences are no longer where this test looks for them"
    assert [sentence for sentence in said if sentence[-1] not in ".?" or len(sentence) >= LONGEST] == []
