"""Menus and ticks: what a person chooses from, short ones as plain menus, long ones with a search."""

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

from markupsafe import Markup

from bot.sandbox.page.control import Control, count, description, group, option_text, there
from bot.sandbox.page.rich_text import dicts, words
from bot.sandbox.page.tags import NOTHING, tag
from bot.sandbox.state import Kind
from bot.sandbox.wire import Json, text_of

OPTIONS = "/page/options"
MENU_AT_MOST = 10
"""Choices a plain menu shows; more of them are searched."""
_KINDS = {Kind.IM: "im", Kind.MPIM: "mpim", Kind.PRIVATE: "private", Kind.PUBLIC: "public"}


def _choice(value: str, text: str) -> Json:
    return {"value": value, "text": {"type": "plain_text", "text": text}}


def _people(this: Control) -> list[Json]:
    everybody = this.look.workspace.users.values()
    return [_choice(each.id, f"@{each.name}") for each in everybody if not each.deleted]


def _rooms(this: Control) -> list[Json]:
    chosen = this.element.get("filter")
    filtered = chosen if isinstance(chosen, dict) else {}
    kinds = filtered.get("include") if this.kind.endswith("conversations_select") else ["public"]
    rooms = [
        each for each in this.look.workspace.channels.all.values()
        if this.look.may_know(each) and not each.archived and (not kinds or _KINDS[each.kind] in kinds)
    ]  # fmt: skip
    return [_room(each.id, this) for each in rooms]


def _room(ref: str, this: Control) -> Json:
    found = this.look.channel(ref)
    if found is None or not this.look.may_know(found):
        return _choice(ref, "private channel" if found else ref)
    mark = "" if found.kind in (Kind.IM, Kind.MPIM) else "#"
    return _choice(ref, f"{mark}{this.look.channel_name(found)}")


def offered(this: Control) -> list[Json] | None:
    """Return all a menu offers, None when only the app knows."""
    if this.kind.endswith("external_select"):
        return None
    if this.kind.endswith("users_select"):
        return _people(this)
    if this.kind.endswith(("channels_select", "conversations_select")):
        return _rooms(this)
    grouped = [
        each for group in dicts(this.element.get("option_groups")) for each in dicts(group.get("options"))
    ]
    return [*dicts(this.element.get("options")), *grouped]


def _held_choices(this: Control) -> list[Json]:
    if this.kind.endswith(("static_select", "external_select")):
        return this.held
    several = this.value if isinstance(this.value, list) else [this.value]
    refs = [each for each in several if isinstance(each, str) and each]
    if this.kind.endswith("users_select"):
        return [_choice(each, f"@{this.look.name(each)}") for each in refs]
    return [_room(each, this) for each in refs]


def select(this: Control) -> Markup:
    """Return a menu of any kind."""
    choices = offered(this)
    if choices is None or len(choices) > MENU_AT_MOST:
        return _combobox(this)
    return _ticked_menu(this, choices) if this.many else _menu(this, choices)


def _menu(this: Control, choices: Sequence[Json]) -> Markup:
    chosen = _held_choices(this)
    on = {words(each.get("value")) for each in chosen}
    gone = [each for each in chosen if each.get("value") not in {each.get("value") for each in choices}]
    groups = [
        tag("optgroup", *_options(dicts(each.get("options")), on), label=text_of(each.get("label")))
        for each in dicts(this.element.get("option_groups"))
    ]
    placeholder = text_of(this.element.get("placeholder")) or "Choose an option"
    empty = tag("option", placeholder, value="", selected=not on)
    inside = [empty, *(groups or _options(choices, on)), *_options(gone, on)]
    return tag("select", *inside, class_="select", **this.common(), **this.sends())


def _options(choices: Sequence[Json], on: set[str]) -> list[Markup]:
    drawn = []
    for each in choices:
        value, text = words(each.get("value")), text_of(each.get("text"))
        more = text_of(each.get("description"))
        shown = f"{text} \N{EN DASH} {more}" if more else text
        drawn.append(tag("option", shown, value=value, selected=value in on))
    return drawn


def _ticked_menu(this: Control, choices: Sequence[Json]) -> Markup:
    chosen = _held_choices(this)
    names = ", ".join(text_of(each.get("text")) for each in chosen)
    placeholder = text_of(this.element.get("placeholder")) or "Choose options"
    summary = tag("summary", names or placeholder, class_=None if names else "placeholder")
    gone = [each for each in chosen if each.get("value") not in {each.get("value") for each in choices}]
    groups = [
        tag("li", tag("strong", text_of(each.get("label"))), _ticks(this, dicts(each.get("options"))))
        for each in dicts(this.element.get("option_groups"))
    ]  # fmt: skip
    listed = NOTHING.join([*(groups or [_ticks(this, choices)]), *([_ticks(this, gone)] if gone else [])])
    return tag(
        "details", summary, there(this), tag("ul", listed, class_="menu") if groups else listed,
        class_="multi", data_max=count(this.element.get("max_selected_items")),
        **group(this), **this.sends(trigger="change delay:600ms", include="this"),
    )  # fmt: skip


def _ticks(this: Control, choices: Sequence[Json]) -> Markup:
    on = {words(each.get("value")) for each in _held_choices(this)}
    return tag("ul", *(tag("li", _tick(this, each, "checkbox", on)) for each in choices), class_="menu")


def _combobox(this: Control) -> Markup:
    chips = tag("span", *(_chip(this, each) for each in _held_choices(this)), class_="chips")
    query = {"where": this.where, "block_id": this.block_id, "action_id": this.action_id}
    search = tag(
        "input", type="text", class_="search", id=this.id, role="combobox", autocomplete="off", form="",
        aria_expanded="false", aria_autocomplete="list", aria_controls=f"{this.id}-options",
        aria_label=None if this.in_input else this.label,
        placeholder=text_of(this.element.get("placeholder")) or "Search", **this.states(),
    )  # fmt: skip
    listed = tag(
        "ul", class_="options", id=f"{this.id}-options", role="listbox", aria_label=this.label, hidden=True
    )
    return tag(
        "div", there(this), chips, search, listed, tag("template", _chip(this, _choice("", ""))),
        class_="combobox", data_options=f"{OPTIONS}?{urlencode(query, errors='replace')}",
        data_many="true" if this.many else "false", data_least=count(this.element.get("min_query_length")),
        data_max=count(this.element.get("max_selected_items")), hx_disinherit="*",
        **this.sends(trigger="chosen", include="this"),
    )  # fmt: skip


def _chip(this: Control, option: Json) -> Markup:
    return tag(
        "span",
        tag("span", text_of(option.get("text")), class_="name"),
        tag(
            "input", type="hidden", name=this.field, value=words(option.get("value")),
            form=None if this.in_input else "",
        ),
        tag("button", "\N{MULTIPLICATION SIGN}", type="button", class_="remove", aria_label="Remove"),
        class_="chip",
    )  # fmt: skip


# Ticks


def _tick(this: Control, option: Json, kind: str, on: set[str]) -> Markup:
    value = words(option.get("value"))
    alone = kind == "radio" and not this.in_input
    box = tag(
        "input", type=kind, name=this.id if alone else this.field, value=value, checked=value in on,
        form=None if this.in_input else "", **(this.asks(trigger="change", selected=value) if alone else {}),
    )  # fmt: skip
    text = tag("span", option_text(option, this), class_="name")
    return tag("label", box, tag("span", text, description(option, this)), class_="tick")


def checkboxes(this: Control) -> Markup:
    """Return boxes of which any may be ticked."""
    return _boxes(this, "checkbox", this.sends(trigger="change delay:300ms", include="this"))


def radio_buttons(this: Control) -> Markup:
    """Return boxes of which one may be chosen."""
    return _boxes(this, "radio", this.sends(include="this") if this.in_input else {})


def _boxes(this: Control, kind: str, sends: Mapping[str, object]) -> Markup:
    on = {words(each.get("value")) for each in this.held}
    ticks = [_tick(this, each, kind, on) for each in dicts(this.element.get("options"))]
    role = "radiogroup" if kind == "radio" else "group"
    return tag("div", there(this), *ticks, class_=f"ticks {this.kind}", role=role, **group(this), **sends)
