"""Fields: what a person types, picks a date or time in, or chooses a file with."""

import json
from collections.abc import Callable

from markupsafe import Markup

from bot.sandbox.elements import DEFAULT_LENGTH
from bot.sandbox.page.control import Control, count
from bot.sandbox.page.dates import LOCAL_TIME, local
from bot.sandbox.page.rich_text import spoken, words
from bot.sandbox.page.tags import NOTHING, tag
from bot.sandbox.wire import text_of

_LONGEST = 100_000


def native(kind: str) -> Callable[[Control], Markup]:
    """Return how a date or a time is picked, with the browser's own control."""

    def draw(this: Control) -> Markup:
        sends = this.sends(trigger="change delay:400ms")
        return tag("input", type=kind, class_="picker", value=words(this.value), **this.common(), **sends)

    return draw


def datetimepicker(this: Control) -> Markup:
    """Return a picker of a moment, in the viewer's zone."""
    seconds = this.value if isinstance(this.value, int) and not isinstance(this.value, bool) else None
    when = None if seconds is None else local(seconds, this.look)
    picker = tag(
        "input", type="datetime-local", class_="picker", value=when.strftime(LOCAL_TIME) if when else "",
        title=this.look.zone.key, **this.common(), **this.sends(trigger="change delay:400ms"),
    )  # fmt: skip
    if not this.in_input:
        return picker
    zone = tag("input", type="hidden", name=f"{this.field}/zone", value=this.look.zone.key)
    was = tag("input", type="hidden", name=f"{this.field}/was", value=seconds) if when else NOTHING
    return NOTHING.join([picker, zone, was])


# What is typed


def typed(kind: str, mode: str | None = None) -> Callable[[Control], Markup]:
    """Return how something of that kind is typed."""

    def draw(this: Control) -> Markup:
        text = words(this.value)
        if this.element.get("multiline") is True:
            # A browser drops the first line break of a text area, so there is one to drop.
            return tag(
                "textarea",
                f"\n{text}",
                class_="typed",
                rows="4",
                **_limits(this),
                **this.common(),
                **_typing(this),
            )
        return tag(
            "input", type=kind, inputmode=mode, class_="typed", value=text,
            **_limits(this), **this.common(), **_typing(this),
        )  # fmt: skip

    return draw


def _typing(this: Control) -> dict[str, object]:
    config = this.element.get("dispatch_action_config")
    when = config.get("trigger_actions_on") if isinstance(config, dict) else None
    each_letter = isinstance(when, list) and "on_character_entered" in when
    return this.sends(trigger="input changed delay:400ms" if each_letter else "change")


def _limits(this: Control) -> dict[str, object]:
    element = this.element
    return {
        "placeholder": text_of(element.get("placeholder")) or None,
        "minlength": count(element.get("min_length")),
        "maxlength": count(element.get("max_length")) or str(DEFAULT_LENGTH),
        "min": words(element.get("min_value")) or None, "max": words(element.get("max_value")) or None,
        "autocomplete": "off",
    }  # fmt: skip


def rich_text_input(this: Control) -> Markup:
    """Return an area for rich text, which is shown and typed as its words."""
    held = this.value if isinstance(this.value, dict) else None
    text = spoken(held, this.look).removesuffix("\n") if held else ""
    was = json.dumps({"text": text, "block": held}) if held else None
    area = tag(
        "textarea", f"\n{text}", class_="typed rich", rows="5",
        placeholder=text_of(this.element.get("placeholder")) or None, **this.common(), **_typing(this),
    )  # fmt: skip
    kept = (
        tag("input", type="hidden", name=f"{this.field}/was", value=was)
        if was and len(was) < _LONGEST
        else NOTHING
    )
    return area + kept


def file_input(this: Control) -> Markup:
    """Return a chooser of files, with those chosen before."""
    kinds = this.element.get("filetypes")
    wanted = (
        ",".join(f".{each}" for each in kinds if isinstance(each, str)) if isinstance(kinds, list) else ""
    )
    chooser = tag(
        "input", type="file", class_="files", accept=wanted or None,
        multiple=this.element.get("max_files") != 1, **this.common(),
    )  # fmt: skip
    kept = [
        tag(
            "label",
            tag("input", type="checkbox", checked=True, name=f"{this.field}/kept", value=json.dumps(each)),
            tag("span", words(each.get("name")) or "file", class_="name"),
            class_="tick",
        )
        for each in this.held
    ]
    return NOTHING.join([chooser, *kept])
