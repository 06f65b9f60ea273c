"""Block Kit's interactive elements as HTML: what is pressed, typed, picked and ticked."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2s

from markupsafe import Markup

from bot.sandbox.elements import DEFAULT_LENGTH, HOLDS, initial, options
from bot.sandbox.page.dates import LOCAL_TIME, local
from bot.sandbox.page.look import Look
from bot.sandbox.page.mrkdwn import mrkdwn, plain
from bot.sandbox.page.tags import NOTHING, address, link, tag
from bot.sandbox.render import Screen
from bot.sandbox.wire import Json, dicts, text_of, words

CLICK = "/page/click"
Attributes = dict[str, object]


@dataclass(frozen=True, kw_only=True)
class Control:
    """One element where it stands: in an input (a field of a form) or by itself (each choice is sent)."""

    element: Json
    block_id: str
    where: str
    look: Look
    held: Mapping[str, Json]
    """What was entered in its block so far, by action id."""
    in_input: bool = False
    dispatches: bool = False
    described_by: str | None = None
    invalid: bool = False
    required: bool = False

    @property
    def kind(self) -> str:
        """The type of the element."""
        return words(self.element.get("type"))

    @property
    def action_id(self) -> str:
        """The id of the element."""
        return words(self.element.get("action_id"))

    @property
    def field(self) -> str:
        """Its name in a form."""
        return f"{self.block_id}/{self.action_id}" if self.in_input else "selected"

    @property
    def id(self) -> str:
        """The id of its HTML element, the same on every drawing."""
        return html_id(self.where, self.block_id, self.action_id)

    @property
    def value(self) -> object:
        """What it holds: what was entered, else what it starts from."""
        state = self.held.get(self.action_id)
        return (state if isinstance(state, dict) else initial(self.element)).get(HOLDS[self.kind][0])

    @property
    def chosen(self) -> list[Json]:
        """The options it holds; for people, options with their names."""
        if self.kind == "users_select":
            return [_person(words(self.value), self.look)] if self.value else []
        return dicts(self.value if isinstance(self.value, list) else [self.value])

    @property
    def placeholder(self) -> str:
        """What stands in it as long as it holds nothing."""
        return text_of(self.element.get("placeholder"))

    def asks(self, *, trigger: str | None = None, include: str | None = None, **more: str) -> Attributes:
        """Return the attributes that send a click or a choice, with the question that comes before it."""
        vals = {"where": self.where, "block_id": self.block_id, "action_id": self.action_id, **more}
        return {
            "hx_post": CLICK, "hx_vals": json.dumps(vals), "hx_trigger": trigger, "hx_include": include,
            **self._confirm(),
        }  # fmt: skip

    def _confirm(self) -> Attributes:
        confirm = self.element.get("confirm")
        if not isinstance(confirm, dict):
            return {}
        title, text = (self._asked(confirm.get(each)) for each in ("title", "text"))
        return {
            "hx_confirm": f"{title}\n{text}", "data_confirm_title": title, "data_confirm_text": text,
            "data_confirm_ok": text_of(confirm.get("confirm")) or "Yes",
            "data_confirm_deny": text_of(confirm.get("deny")) or "Cancel",
            "data_confirm_style": words(confirm.get("style")) or None,
        }  # fmt: skip

    def _asked(self, part: object) -> str:
        """Return words of a question as they read; only mrkdwn has mentions to name."""
        marked = isinstance(part, dict) and part.get("type") == "mrkdwn"
        return Screen(self.look.workspace).words(text_of(part)) if marked else text_of(part)

    def sends(self, *, trigger: str = "change", include: str | None = None) -> Attributes:
        """Return what an element that holds a value sends by itself: nothing in a field that is submitted."""
        if self.in_input and not self.dispatches:
            return {}
        return self.asks(trigger=trigger, include=include)

    def attributes(self, *, many: bool = False) -> Attributes:
        """Return the attributes of its HTML element, or with ``many`` of what holds its several ones."""
        named = {} if many else {"name": self.field, "form": None if self.in_input else ""}
        return {
            **named, "id": self.id,
            "aria_label": None if self.in_input else self.placeholder or self.kind.replace("_", " "),
            "aria_describedby": self.described_by, "aria_invalid": "true" if self.invalid else None,
            "aria_required": "true" if self.required and not many else None,
            "autofocus": self.element.get("focus_on_load") is True and not many,
        }  # fmt: skip


def html_id(*parts: str) -> str:
    """Return an id for an HTML element, of safe characters whatever the ids of the app are."""
    return "k" + blake2s("\0".join(parts).encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def unknown(what: str, kind: str) -> Markup:
    """Return the placeholder of something that cannot be shown."""
    said = f"This kind of {what} ({kind or 'without a type'}) is not shown here."
    return tag("div", said, class_="unknown", data_type=kind)


def control(this: Control) -> Markup:
    """Return an element as HTML, an unknown one as a placeholder that says its type."""
    draw = _DRAWN.get(this.kind)
    return draw(this) if draw else unknown("element", this.kind)


# What is pressed


def _button(this: Control) -> Markup:
    face, style = plain(text_of(this.element.get("text"))), this.element.get("style")
    how = f"button {style}" if style in ("primary", "danger") else "button"
    said = {"class_": how, "aria_label": words(this.element.get("accessibility_label")) or None}
    url = address(words(this.element.get("url")))
    if url:
        anchor = link(url, face, data_url=url, **{**said, "class_": f"{how} opens"})
        return tag("span", anchor or NOTHING, class_="linked", id=this.id, **this.asks(trigger="click"))
    return tag("button", face, type="button", id=this.id, **said, **this.asks())


def _overflow(this: Control) -> Markup:
    items = []
    for option in dicts(this.element.get("options")):
        asks = this.asks(selected=words(option.get("value")))
        face = plain(text_of(option.get("text")))
        item = tag("button", face, _description(option, this), type="button", class_="choice", **asks)
        items.append(tag("li", item))
    dots = "\N{MIDLINE HORIZONTAL ELLIPSIS}"
    summary = tag("summary", dots, aria_label="More actions", title="More actions")
    return tag("details", summary, tag("ul", *items, class_="menu"), class_="overflow", id=this.id)


# What is typed and picked


def _typed(this: Control) -> Markup:
    text, element = words(this.value), this.element
    config = element.get("dispatch_action_config")
    when = config.get("trigger_actions_on") if isinstance(config, dict) else None
    each_letter = isinstance(when, list) and "on_character_entered" in when
    attributes: Attributes = {
        "class_": "typed", "placeholder": this.placeholder or None, "autocomplete": "off",
        "minlength": _count(element.get("min_length")),
        "maxlength": _count(element.get("max_length")) or str(DEFAULT_LENGTH),
        **this.attributes(), **this.sends(trigger="input changed delay:400ms" if each_letter else "change"),
    }  # fmt: skip
    if element.get("multiline") is True:
        # A browser drops the first line break of a text area, so there is one to drop.
        return tag("textarea", f"\n{text}", rows="4", **attributes)
    return tag("input", type="url" if this.kind == "url_text_input" else "text", value=text, **attributes)


def _count(value: object) -> str | None:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else None


def _moment(this: Control) -> Markup:
    seconds = this.value if isinstance(this.value, int) and not isinstance(this.value, bool) else None
    when = None if seconds is None else local(seconds, this.look)
    picker = tag(
        "input", type="datetime-local", class_="picker", value=when.strftime(LOCAL_TIME) if when else "",
        title=this.look.zone.key, **this.attributes(), **this.sends(trigger="change delay:400ms"),
    )  # fmt: skip
    if not this.in_input:
        return picker
    zone = tag("input", type="hidden", name=f"{this.field}/zone", value=this.look.zone.key)
    was = tag("input", type="hidden", name=f"{this.field}/was", value=seconds) if when else NOTHING
    return NOTHING.join([picker, zone, was])


# What is chosen


def _person(user: str, look: Look) -> Json:
    return {"value": user, "text": {"type": "plain_text", "text": f"@{look.name(user)}"}}


def _offered(this: Control) -> list[Json]:
    if this.kind == "users_select":
        return [
            _person(each.id, this.look) for each in this.look.workspace.users.values() if not each.deleted
        ]
    return options(this.element)


def _gone(this: Control) -> list[Json]:
    """Return what it holds although it is not offered any more."""
    offered = [each.get("value") for each in _offered(this)]
    return [each for each in this.chosen if each.get("value") not in offered]


def _grouped(this: Control) -> list[tuple[str, list[Json]]]:
    groups = dicts(this.element.get("option_groups"))
    named = [(text_of(each.get("label")), dicts(each.get("options"))) for each in groups]
    return named or [("", _offered(this))]


def _select(this: Control) -> Markup:
    on = {words(each.get("value")) for each in this.chosen}
    inside = [tag("option", this.placeholder or "Choose an option", value="", selected=not on)]
    for label, choices in _grouped(this):
        drawn = _options(choices, on)
        inside += [tag("optgroup", *drawn, label=label)] if label else drawn
    inside += _options(_gone(this), on)
    return tag("select", *inside, class_="select", **this.attributes(), **this.sends())


def _options(choices: Sequence[Json], on: set[str]) -> list[Markup]:
    drawn = []
    for each in choices:
        value, text, more = (
            words(each.get("value")),
            text_of(each.get("text")),
            text_of(each.get("description")),
        )
        shown = f"{text} \N{EN DASH} {more}" if more else text
        drawn.append(tag("option", shown, value=value, selected=value in on))
    return drawn


def _ticked_menu(this: Control) -> Markup:
    names = ", ".join(text_of(each.get("text")) for each in this.chosen)
    summary = tag(
        "summary", names or this.placeholder or "Choose options", class_=None if names else "placeholder"
    )
    lists = [
        tag("li", tag("strong", label) if label else NOTHING, _ticks(this, choices))
        for label, choices in [*_grouped(this), ("", _gone(this))] if choices
    ]  # fmt: skip
    return tag(
        "details", summary, _there(this), tag("ul", *lists, class_="menu"), class_="multi",
        data_max=_count(this.element.get("max_selected_items")), **this.attributes(many=True),
        **this.sends(trigger="change delay:600ms", include="this"),
    )  # fmt: skip


def _there(this: Control) -> Markup:
    """Return what tells an emptied field from one that was never on the form."""
    return tag("input", type="hidden", name=this.field, value="") if this.in_input else NOTHING


def _ticks(this: Control, choices: Sequence[Json]) -> Markup:
    return tag("ul", *(tag("li", _tick(this, each, "checkbox")) for each in choices))


def _tick(this: Control, option: Json, kind: str) -> Markup:
    value, text = words(option.get("value")), option.get("text")
    on = value in {words(each.get("value")) for each in this.chosen}
    alone = kind == "radio" and not this.in_input
    box = tag(
        "input", type=kind, name=this.id if alone else this.field, value=value, checked=on,
        form=None if this.in_input else "", **(this.asks(trigger="change", selected=value) if alone else {}),
    )  # fmt: skip
    name = tag("span", _words(text, this), class_="name")
    return tag("label", box, tag("span", name, _description(option, this)), class_="tick")


def _words(text: object, this: Control) -> Markup:
    marked = isinstance(text, dict) and text.get("type") == "mrkdwn"
    return mrkdwn(text_of(text), this.look) if marked else plain(text_of(text))


def _description(option: Json, this: Control) -> Markup:
    text = option.get("description")
    return tag("span", _words(text, this), class_="description") if isinstance(text, dict) else NOTHING


def _boxes(this: Control) -> Markup:
    is_radio = this.kind == "radio_buttons"
    ticks = [
        _tick(this, each, "radio" if is_radio else "checkbox") for each in dicts(this.element.get("options"))
    ]
    sends = {} if is_radio and not this.in_input else this.sends(trigger="change delay:300ms", include="this")
    role = "radiogroup" if is_radio else "group"
    shown = this.attributes(many=True)
    return tag("div", _there(this), *ticks, class_=f"ticks {this.kind}", role=role, **shown, **sends)


_DRAWN: dict[str, Callable[[Control], Markup]] = {
    "button": _button,
    "overflow": _overflow,
    "plain_text_input": _typed,
    "url_text_input": _typed,
    "datetimepicker": _moment,
    "static_select": _select,
    "users_select": _select,
    "multi_static_select": _ticked_menu,
    "checkboxes": _boxes,
    "radio_buttons": _boxes,
}
GROUPED = frozenset({"checkboxes", "radio_buttons", "multi_static_select"})
"""Elements of several controls, which a legend names rather than a label."""
