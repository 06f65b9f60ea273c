"""Standard Markdown as HTML, for the ``markdown`` block, with Slack's mentions and emoji in it."""

import re
from collections.abc import Sequence
from functools import cache
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markupsafe import Markup

from bot.sandbox.page.look import Look
from bot.sandbox.page.mrkdwn import plain, reference
from bot.sandbox.page.tags import address, tag

_REFERENCE = re.compile(r"<([@#!][^<>\n]+)>")
_ALIGN = re.compile(r"text-align:(left|center|right)")

Env = dict[str, Any]


def markdown(text: str, look: Look) -> Markup:
    """Return Markdown as HTML: no raw HTML, no images, links to http, https and mailto alone."""
    return Markup(_parser().render(text.replace("\0", ""), {"look": look}))  # noqa: S704 - escaped by the library


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable(["table", "strikethrough"])
    parser.validateLink = lambda url: address(url) is not None  # type: ignore[method-assign]
    parser.inline.ruler.before("autolink", "reference", _find_reference)
    parser.core.ruler.push("tame", _tame)
    parser.add_render_rule("reference", _draw_reference)
    parser.add_render_rule("image", _draw_image)
    parser.add_render_rule("text", _draw_text)
    return parser


def _find_reference(state: StateInline, silent: bool) -> bool:  # noqa: FBT001 - the library calls it so
    found = _REFERENCE.match(state.src, state.pos)
    if not found:
        return False
    if not silent:
        state.push("reference", "", 0).content = found[1]
    state.pos = found.end()
    return True


def _tame(state: StateCore) -> None:
    for block in state.tokens:
        for token in (block, *(block.children or [])):
            if found := _ALIGN.fullmatch(str(token.attrs.pop("style", ""))):
                token.attrs["class"] = f"align-{found[1]}"
            if token.type == "link_open":
                token.attrs.update({"target": "_blank", "rel": "noopener noreferrer", "class": "link"})


def _env_look(env: Env) -> Look:
    look: Look = env["look"]
    return look


def _draw_reference(_self: RendererHTML, tokens: Sequence[Token], at: int, _options: object, env: Env) -> str:
    inside = tokens[at].content
    return reference(inside, _env_look(env)) or str(tag("span", f"<{inside}>"))


def _draw_text(_self: RendererHTML, tokens: Sequence[Token], at: int, _options: object, env: Env) -> str:
    return plain(tokens[at].content, _env_look(env))


def _draw_image(_self: RendererHTML, tokens: Sequence[Token], at: int, _options: object, _env: Env) -> str:
    return tag("span", tokens[at].content or "image", class_="image", role="img")
