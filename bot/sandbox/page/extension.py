"""What whoever runs a workspace may add to its page: parts, sections of the panel, actions, a stylesheet."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from multidict import MultiDictProxy

from bot.sandbox.page.where import Scene

Form = MultiDictProxy[str]


class Trouble(Exception):  # noqa: N818 - what a person calls it
    """What was done did not work, in words for the person who did it."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What an action leaves for the page: where to go, or a part to draw."""

    go: str = ""
    html: str = ""


Action = Callable[[Scene, Form], Awaitable[Outcome | None]]
Part = Callable[[Scene], str]
Section = Callable[[Scene], Awaitable[str]]


def _nothing(_scene: Scene) -> str:
    return ""


@dataclass(frozen=True, kw_only=True)
class Extension:
    """Additions to the page; every one of them is drawn in the eyes of the person of a window."""

    banner: Part = _nothing
    """Above everything."""
    aside: Part = _nothing
    """At the foot of the sidebar."""
    panel: Mapping[str, Section] = field(default_factory=dict)
    """The sections of the panel on the right, by their names; without any there is no panel."""
    panel_title: str = "Panel"
    actions: Mapping[str, Action] = field(default_factory=dict)
    """What forms and ``data-do`` buttons in these parts do, by name."""
    style: Path | None = None


@cache
def templates(*packages: str) -> Environment:
    """Return the templates of some packages, and those of the page, which they may import."""
    loaders = [PackageLoader(each) for each in (*packages, "bot.sandbox.page")]
    return Environment(
        loader=ChoiceLoader(loaders), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
