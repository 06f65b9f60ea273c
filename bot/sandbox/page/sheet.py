"""What the blocks of one message, modal or home have in common, and the small parts they are made of."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from markupsafe import Markup

from bot.sandbox.page.control import Control, held_state
from bot.sandbox.page.controls import control
from bot.sandbox.page.look import Look
from bot.sandbox.page.mrkdwn import mrkdwn, plain
from bot.sandbox.page.rich_text import words
from bot.sandbox.page.tags import NOTHING, link, tag
from bot.sandbox.wire import Json


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """What blocks are drawn on: in whose eyes, where, with what entered and what wrong."""

    look: Look
    where: str
    held: Mapping[str, Mapping[str, Json]]
    errors: Mapping[str, str]
    draw: Callable[[Json, "Sheet"], Markup]
    """Draws a block, for those that hold others."""


def text(value: object, look: Look) -> Markup:
    """Return a text object, nothing where there is none."""
    if not isinstance(value, dict):
        return NOTHING
    if value.get("type") == "mrkdwn":
        return mrkdwn(words(value.get("text")), look, verbatim=value.get("verbatim") is True)
    return plain(words(value.get("text")), look)


def picture(image: Json) -> Markup:
    """Return the place of a picture with its description; nothing is loaded from elsewhere."""
    said = words(image.get("alt_text")) or "image"
    place = link(words(image.get("image_url")), said, class_="picture", title="Opens the image elsewhere")
    shown = place or tag("span", said, class_="picture", role="img", aria_label=said)
    return tag("span", shown, class_="image")


def element(part: Json, block: Json, sheet: Sheet) -> Markup:
    """Return an element that stands by itself: an image, or a control that sends each choice."""
    if part.get("type") == "image":
        return picture(part)
    name = words(block.get("block_id"))
    return control(
        Control(
            element=part, block_id=name, where=sheet.where, look=sheet.look, in_input=False,
            state=held_state(part, sheet.held.get(name, {})),
        )
    )  # fmt: skip
