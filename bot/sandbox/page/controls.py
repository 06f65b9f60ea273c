"""Block Kit's interactive elements as HTML: buttons, and which control draws which type."""

from collections.abc import Callable

from markupsafe import Markup

from bot.sandbox.page.control import Control, description, unknown
from bot.sandbox.page.fields import datetimepicker, file_input, native, rich_text_input, typed
from bot.sandbox.page.menus import checkboxes, radio_buttons, select
from bot.sandbox.page.mrkdwn import plain
from bot.sandbox.page.rich_text import dicts, words
from bot.sandbox.page.tags import NOTHING, address, link, tag
from bot.sandbox.wire import text_of


def control(this: Control) -> Markup:
    """Return an element as HTML, an unknown one as a placeholder that says its type."""
    draw = _DRAWN.get(this.kind)
    return draw(this) if draw else unknown("element", this.kind)


def _style(this: Control) -> str:
    style = this.element.get("style")
    return f"button {style}" if style in ("primary", "danger") else "button"


def _button(this: Control) -> Markup:
    face = plain(text_of(this.element.get("text")), this.look)
    label = words(this.element.get("accessibility_label")) or None
    url = address(words(this.element.get("url")))
    if url:
        anchor = link(url, face, class_=f"{_style(this)} opens", data_url=url, aria_label=label)
        return tag("span", anchor or NOTHING, class_="linked", id=this.id, **this.asks(trigger="click"))
    return tag(
        "button", face, type="button", class_=_style(this), id=this.id, aria_label=label, **this.asks()
    )


def _workflow_button(this: Control) -> Markup:
    face = plain(text_of(this.element.get("text")), this.look)
    return tag("button", face, type="button", class_=_style(this), disabled=True, title="Starts a workflow")


def _icon_button(this: Control) -> Markup:
    face = plain(text_of(this.element.get("text")), this.look)
    label = words(this.element.get("accessibility_label")) or None
    return tag(
        "button", face, type="button", class_="button icon", id=this.id, aria_label=label, **this.asks()
    )


def _feedback_buttons(this: Control) -> Markup:
    buttons = [
        tag(
            "button", plain(text_of(each.get("text")), this.look), type="button", class_="button icon",
            aria_label=words(each.get("accessibility_label")) or None,
            **this.asks(selected=words(each.get("value"))),
        )
        for name in ("positive_button", "negative_button") if isinstance(each := this.element.get(name), dict)
    ]  # fmt: skip
    return tag("span", *buttons, class_="feedback", id=this.id)


def _overflow(this: Control) -> Markup:
    items = []
    for option in dicts(this.element.get("options")):
        url = words(option.get("url"))
        asks = this.asks(selected=words(option.get("value")))
        face = plain(text_of(option.get("text")), this.look)
        opened = link(url, face, class_="choice opens", data_url=url) if url else None
        if opened:
            item = tag("span", opened, class_="linked", **{**asks, "hx_trigger": "click"})
        else:
            item = tag("button", face, description(option, this), type="button", class_="choice", **asks)
        items.append(tag("li", item))
    summary = tag(
        "summary", "\N{MIDLINE HORIZONTAL ELLIPSIS}", aria_label="More actions", title="More actions"
    )
    return tag("details", summary, tag("ul", *items, class_="menu"), class_="overflow", id=this.id)


_DRAWN: dict[str, Callable[[Control], Markup]] = {
    "button": _button,
    "workflow_button": _workflow_button,
    "icon_button": _icon_button,
    "feedback_buttons": _feedback_buttons,
    "overflow": _overflow,
    **{
        f"{many}{kind}_select": select
        for many in ("", "multi_")
        for kind in ("static", "external", "users", "channels", "conversations")
    },
    "checkboxes": checkboxes,
    "radio_buttons": radio_buttons,
    "datepicker": native("date"),
    "timepicker": native("time"),
    "datetimepicker": datetimepicker,
    "plain_text_input": typed("text"),
    "email_text_input": typed("email"),
    "url_text_input": typed("url"),
    # A native number field hides what it cannot read; here the person sees it, and what is wrong with it.
    "number_input": typed("text", "decimal"),
    "rich_text_input": rich_text_input,
    "file_input": file_input,
}
GROUPED = frozenset(
    [
        "checkboxes",
        "radio_buttons",
        *(f"multi_{each}_select" for each in ("static", "users", "channels", "conversations")),
    ]
)
"""Elements of several controls, which a legend names rather than a label."""
